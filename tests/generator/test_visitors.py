"""One track before registering, and nothing of it lost afterwards."""

import pytest

from accounts.models import Company, User
from generator.models import GenerationJob
from generator.services import cancel_generation
from tests.conftest import PASSWORD
from tests.generator.conftest import company_of

pytestmark = pytest.mark.django_db

CREATE = "/create/"
FORM = {"instruments": ["guitar"], "length": "6"}


def test_visitor_makes_a_track_without_an_account(client) -> None:
    response = client.post(CREATE, FORM, follow=True)
    job = GenerationJob.objects.get()
    assert response.status_code == 200
    assert (job.user, job.company.is_claimed) == (None, False)
    assert response.context["job"] == job


def test_looking_at_the_form_makes_no_company(client) -> None:
    assert client.get(CREATE).status_code == 200
    assert not Company.objects.exists()


def test_refused_brief_makes_no_company(client) -> None:
    assert client.post(CREATE, {**FORM, "seconds": "1"}).status_code == 400
    assert not Company.objects.exists()


def test_second_track_asks_to_register_and_keeps_the_brief(client) -> None:
    client.post(CREATE, FORM)
    response = client.post(CREATE, {**FORM, "style": "jazz"})
    assert response.status_code == 403
    assert "Register" in response.content.decode()
    assert client.get(CREATE).context["form"]["style"].value() == "jazz"
    assert (GenerationJob.objects.count(), Company.objects.count()) == (1, 1)


def test_registering_keeps_the_track_and_the_brief(client) -> None:
    client.post(CREATE, FORM)
    client.post(CREATE, {**FORM, "style": "jazz"})
    form = {"email": "new@example.com", "password": PASSWORD, "company_name": "New Bakery"}
    client.post("/accounts/register/", form)
    job, user = GenerationJob.objects.get(), User.objects.get()
    assert (job.company.name, job.company) == ("New Bakery", company_of(user))
    assert client.get(f"/jobs/{job.pk}/").status_code == 200
    assert client.get(CREATE).context["form"]["style"].value() == "jazz"


def test_logging_in_takes_the_job_along(client, make_user) -> None:
    user = make_user("known@example.com")
    client.post(CREATE, FORM)
    client.post("/accounts/login/", {"username": "known@example.com", "password": PASSWORD})
    assert GenerationJob.objects.get().company == company_of(user)


def test_another_visitor_sees_nothing_of_it(client, client_class) -> None:
    client.post(CREATE, FORM)
    job = GenerationJob.objects.get()
    assert client_class().get(f"/jobs/{job.pk}/").status_code == 404


def test_address_is_limited_and_nothing_is_written(client_class, settings) -> None:
    settings.VISITOR_TRACKS_PER_ADDRESS_PER_HOUR = 2
    answers = [client_class().post(CREATE, FORM).status_code for _ in range(3)]
    assert answers == [302, 302, 429]
    assert (GenerationJob.objects.count(), Company.objects.count()) == (2, 2)
    assert client_class().post(CREATE, FORM, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_refusals_do_not_use_up_the_address(client_class, settings) -> None:
    settings.VISITOR_TRACKS_PER_ADDRESS_PER_HOUR = 1
    visitor = client_class()
    assert visitor.post(CREATE, {**FORM, "seconds": "1"}).status_code == 400
    assert visitor.post(CREATE, FORM).status_code == 302
    assert client_class().post(CREATE, FORM).status_code == 429


def test_canceling_does_not_open_a_way_around_the_limit(client, settings) -> None:
    settings.VISITOR_TRACKS_PER_ADDRESS_PER_HOUR = 2
    answers = []
    for _ in range(3):
        answers.append(client.post(CREATE, FORM).status_code)
        for job in GenerationJob.objects.all():
            cancel_generation(job=job)
    assert answers == [302, 302, 429]


@pytest.fixture
def client_class():
    from django.test import Client

    return Client
