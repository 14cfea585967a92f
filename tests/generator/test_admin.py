"""Jobs in Django's admin: look, cancel, try again; never edit."""

import pytest

from generator.engine.errors import RenderError
from generator.jobs.running import run_step
from generator.models import GenerationJob
from tests.generator.conftest import compose_scale, do
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


@pytest.fixture
def stuck(make_job) -> GenerationJob:
    """Its track can be heard; writing its files failed for good."""
    job = make_job(instruments=["guitar", "violin"], seconds=5)
    compose_scale(job)
    run_step(job_id=job.pk, kind="finish")
    do(job, "files", work=failing(RenderError("The disk is broken.")))
    job.refresh_from_db()
    return job


def test_track_that_is_heard_but_not_bought_stands_out_with_the_reason_and_when_it_is_tried(admin, stuck) -> None:
    page = admin.get(f"{URL}?stuck=yes").content.decode()
    assert str(stuck.pk) in page
    assert "The disk is broken." in page
    assert "Heard, not bought: by itself at" in page
    assert str(stuck.pk) in admin.get(f"{URL}{stuck.pk}/change/").content.decode()


def test_jobs_whose_track_is_whole_or_that_have_none_do_not_stand_out(admin, make_job) -> None:
    job = make_job()
    do(job, "plan", work=failing(RenderError("no")))
    assert str(job.pk) not in admin.get(f"{URL}?stuck=yes").content.decode()


def test_button_in_the_list_and_on_the_page_tries_again_at_one_click(admin, stuck) -> None:
    button = f'formaction="{URL}{stuck.pk}/retry/"'
    assert button in admin.get(URL).content.decode()
    assert button in admin.get(f"{URL}{stuck.pk}/change/").content.decode()
    assert "was sent again" in admin.post(f"{URL}{stuck.pk}/retry/", follow=True).content.decode()
    stuck.refresh_from_db()
    assert stuck.status == "queued"
    run_step(job_id=stuck.pk, kind="files")
    stuck.refresh_from_db()
    assert (stuck.status, stuck.track.is_complete) == ("succeeded", True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_button_is_no_link_and_nothing_for_staff_without_the_right(make_user, client_for, stuck, method) -> None:
    client = client_for(make_user(is_staff=True))
    assert getattr(client, method)(f"{URL}{stuck.pk}/retry/").status_code in (403, 405)
    stuck.refresh_from_db()
    assert stuck.status == "failed"
