"""`/api/v1/generations/`: the company's own jobs, for programs."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken
from generator.engine.brief import FIELDS
from generator.engine.errors import RenderError
from generator.models import GenerationJob
from generator.serializers import BRIEF_SCHEMA, EDIT_SCHEMA
from tests.generator.conftest import company_of, do
from tests.generator.test_run_step import failing

pytestmark = pytest.mark.django_db

URL = "/api/v1/generations/"
SOLO = {"instruments": ["guitar"], "seconds": 6}


@pytest.fixture
def owner(make_user):
    return make_user("owner@example.com")


@pytest.fixture
def teammate(make_user, owner):
    return make_user("teammate@example.com", company=company_of(owner))


@pytest.fixture
def outsider(make_user):
    return make_user("outsider@example.com")


@pytest.fixture
def job(make_job, owner) -> GenerationJob:
    return make_job(user=owner)


def test_brief_is_taken_and_queued(api_for, owner) -> None:
    response = api_for(owner).post(URL, SOLO, format="json")
    job = GenerationJob.objects.get()
    assert response.status_code == 202
    assert response.json() == {"id": str(job.pk), "status": "queued"}
    assert (job.company, job.user) == (company_of(owner), owner)


@pytest.mark.parametrize("instruments", ["all", ["guitar"], "guitar"])
def test_instruments_may_be_named_or_all(api_for, owner, instruments) -> None:
    response = api_for(owner).post(URL, {**SOLO, "instruments": instruments}, format="json")
    assert response.status_code == 202


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"instruments": ["kazoo"]}, "instruments"),
        ({"instruments": {"a": 1}}, "instruments"),
        ({"key": "H dur"}, "key"),
        ({"seconds": 500}, "seconds"),
        ({"seconds": [30]}, "seconds"),
        ({"tempo": "fast"}, "tempo"),
        ({"seed": 1.5}, "seed"),
        ({"price": 1}, "price"),
    ],
)
def test_refused_brief_names_its_field_and_writes_nothing(api_for, owner, change, field) -> None:
    response = api_for(owner).post(URL, {**SOLO, **change}, format="json")
    answer = response.json()
    assert response.status_code == 400
    assert answer["code"] == "invalid_brief"
    assert list(answer["fields"]) == [field]
    assert field in answer["message"]
    assert not GenerationJob.objects.exists()


@pytest.mark.parametrize("body", ["{", "", "[1, 2]", '"piano"', "null", '{"instruments": ["guitar"], "seconds": NaN}'])
def test_body_that_is_no_brief_is_refused(api_for, owner, body) -> None:
    response = api_for(owner).post(URL, body, content_type="application/json")
    assert response.status_code == 400
    assert set(response.json()) >= {"code", "message", "fields"}
    assert not GenerationJob.objects.exists()


def test_form_post_is_refused(api_for, owner) -> None:
    response = api_for(owner).post(URL, "instruments=guitar", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 415
    assert not GenerationJob.objects.exists()


def test_too_many_jobs_say_when_to_come_back(api_for, owner) -> None:
    api = api_for(owner)
    for _ in range(4):
        assert api.post(URL, SOLO, format="json").status_code == 202
    response = api.post(URL, SOLO, format="json")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_jobs")
    assert response["Retry-After"] == "10"
    assert GenerationJob.objects.count() == 4


def test_job_tells_its_progress(api_for, owner, job) -> None:
    do(job, "plan")
    do(job, "lead", "violin")
    assert api_for(owner).get(f"{URL}{job.pk}/").json() == {
        "id": str(job.pk),
        "status": "running",
        "progress": {"guitar": 0, "violin": 100},
        "track": None,
        "critic": None,
        "error": None,
    }


def test_failed_job_tells_its_reason(api_for, owner, job) -> None:
    do(job, "plan", work=failing(RenderError("The note is too low.")))
    answer = api_for(owner).get(f"{URL}{job.pk}/").json()
    reason = answer["error"]
    assert (answer["status"], reason) == (
        "failed",
        "Planning the piece was not possible. The note is too low.",
    )


def test_teammate_sees_the_job(api_for, teammate, job) -> None:
    assert api_for(teammate).get(f"{URL}{job.pk}/").status_code == 200
    assert [found["id"] for found in api_for(teammate).get(URL).json()["results"]] == [str(job.pk)]


def test_outsider_sees_and_stops_nothing(api_for, outsider, job) -> None:
    api = api_for(outsider)
    assert api.get(f"{URL}{job.pk}/").status_code == 404
    assert api.post(f"{URL}{job.pk}/cancel/").status_code == 404
    assert api.get(URL).json()["results"] == []
    job.refresh_from_db()
    assert job.status == "queued"


def test_unknown_job_is_missing(api_for, owner) -> None:
    response = api_for(owner).get(f"{URL}{uuid4()}/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("post", ""), ("get", ""), ("get", "{id}/"), ("post", "{id}/cancel/")])
def test_without_a_token_every_door_is_shut(job, method, path) -> None:
    response = getattr(APIClient(), method)(URL + path.format(id=job.pk), SOLO, format="json")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert list(GenerationJob.objects.values_list("pk", "status")) == [(job.pk, "queued")]


def test_revoked_token_makes_nothing(api_for, owner) -> None:
    api = api_for(owner)
    ApiToken.objects.all().delete()
    assert api.post(URL, SOLO, format="json").status_code == 401
    assert not GenerationJob.objects.exists()


def test_cancel_stops_the_job_and_may_be_repeated(api_for, teammate, job) -> None:
    for _ in range(2):
        response = api_for(teammate).post(f"{URL}{job.pk}/cancel/")
        assert (response.status_code, response.json()["status"]) == (200, "canceled")


def test_finished_job_cannot_be_canceled(api_for, owner, job) -> None:
    do(job, "plan", work=failing(RenderError("no")))
    response = api_for(owner).post(f"{URL}{job.pk}/cancel/")
    assert (response.status_code, response.json()["code"]) == (409, "already_finished")
    job.refresh_from_db()
    assert job.status == "failed"


def test_list_costs_the_same_queries_for_many_jobs(api_for, owner, make_job, django_assert_max_num_queries) -> None:
    for _ in range(5):
        make_job(user=owner)
    api = api_for(owner)
    with django_assert_max_num_queries(6):
        assert len(api.get(URL).json()["results"]) == 5


def test_schema_describes_the_three_doors(client) -> None:
    text = client.get("/api/schema/").content.decode()
    for path in ("/api/v1/generations/:", "/api/v1/generations/{job_id}/:", "/api/v1/generations/{job_id}/cancel/:"):
        assert path in text
    assert "operationId: generations_create" in text


def test_schema_names_every_field_of_a_brief_and_of_an_edit() -> None:
    assert set(BRIEF_SCHEMA["properties"]) == set(FIELDS)
    assert set(EDIT_SCHEMA["properties"]) == {"track", "keep", "bars", "seed"}
