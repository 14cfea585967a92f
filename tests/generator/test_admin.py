"""Jobs in Django's admin: look, cancel, try again; never edit."""

import pytest

from generator.engine.errors import RenderError
from generator.models import GenerationJob
from tests.generator.conftest import do
from tests.generator.test_run_step import failing

pytestmark = pytest.mark.django_db

URL = "/admin/generator/generationjob/"


@pytest.fixture
def admin(make_user, client_for):
    return client_for(make_user("admin@example.com", is_staff=True, is_superuser=True))


def act(client, action: str, job: GenerationJob) -> str:
    return client.post(URL, {"action": action, "_selected_action": str(job.pk)}, follow=True).content.decode()


def test_job_page_shows_the_steps_and_no_field_to_edit(admin, make_job) -> None:
    text = admin.get(f"{URL}{make_job().pk}/change/").content.decode()
    assert "lead violin" in text
    assert 'name="status"' not in text
    assert 'name="_save"' not in text


def test_failed_job_is_tried_again(admin, make_job) -> None:
    job = make_job()
    do(job, "plan", work=failing(RenderError("no")))
    assert "was sent again" in act(admin, "retry_failed", job)
    job.refresh_from_db()
    assert job.status == "queued"


def test_live_job_is_not_tried_again(admin, make_job) -> None:
    job = make_job()
    assert "Only a failed job" in act(admin, "retry_failed", job)
    job.refresh_from_db()
    assert (job.status, job.drive) == ("queued", "canvas")


def test_job_is_canceled(admin, make_job) -> None:
    job = make_job()
    assert "was canceled" in act(admin, "cancel_active", job)
    job.refresh_from_db()
    assert job.status == "canceled"


def test_staff_without_the_right_cannot_act(make_user, client_for, make_job) -> None:
    job = make_job()
    client_for(make_user(is_staff=True)).post(URL, {"action": "cancel_active", "_selected_action": str(job.pk)})
    job.refresh_from_db()
    assert job.status == "queued"


def test_jobs_cannot_be_added_or_deleted(admin, make_job) -> None:
    assert admin.get(f"{URL}add/").status_code == 403
    assert admin.get(f"{URL}{make_job().pk}/delete/").status_code == 403
