"""A track is changed: a job of its own that keeps what is kept, and a track beside the first in the same family."""

import pytest

from generator.jobs.scores import read_piece
from generator.models import GenerationJob
from tests.generator.conftest import company_of, compose_scale, do, read_queue, states_of

pytestmark = pytest.mark.django_db

URL = "/api/v1/generations/edits/"


@pytest.fixture
def owner(make_user):
    return make_user("owner@example.com")


@pytest.fixture
def track(make_job, owner):
    job = make_job(user=owner)
    compose_scale(job)
    do(job, "finish", work=None)
    do(job, "files", work=None)
    job.refresh_from_db()
    assert job.track is not None, job.error
    return job.track


def page_of(track) -> str:
    return f"/tracks/{track.pk}/edit/"


def test_kept_parts_are_done_and_the_others_are_sent(
    api_for, owner, track, broker, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = api_for(owner).post(URL, {"track": str(track.pk), "keep": ["violin"], "seed": 3}, format="json")
    assert response.status_code == 202
    job = GenerationJob.objects.get(pk=response.json()["id"])
    assert states_of(job) == {
        "plan": "done",
        "lead violin": "done",
        "part guitar": "waiting",
        "finish": "waiting",
        "files": "waiting",
    }
    assert (job.origin, job.edit, job.brief["seed"]) == (track, {"keep": ["violin"], "bars": None}, 3)
    assert read_queue(broker, "compose") == [("generator.tasks.compose_part", [str(job.pk), "guitar"])]


def test_a_seed_of_nought_counts_as_chosen(api_for, owner, track) -> None:
    response = api_for(owner).post(URL, {"track": str(track.pk), "keep": ["violin"], "seed": 0}, format="json")
    job = GenerationJob.objects.get(pk=response.json()["id"])
    assert (job.brief["seed"], job.chosen) == (0, ["keep", "seed"])


def test_the_edited_track_joins_the_family_with_a_recipe_of_its_own(client_for, owner, track) -> None:
    response = client_for(owner).post(page_of(track), {"keep": ["violin"], "bars": "2-2", "seed": "11"})
    job = GenerationJob.objects.get(origin=track)
    assert response.url == f"/jobs/{job.pk}/"
    do(job, "part", "guitar", work=None)
    do(job, "finish", work=None)
    do(job, "files", work=None)
    job.refresh_from_db()
    assert job.status == "succeeded", job.error
    changed = job.track
    assert changed.family_id == track.family_id
    assert changed.copyright_id != track.copyright_id
    assert changed.recipe["edit"] == {"origin": track.copyright_id, "keep": ["violin"], "bars": [2, 2]}
    assert [line["what"] for line in changed.recipe["human_contribution"]] == ["brief", "edit"]
    before, after = read_piece(track), read_piece(changed)
    assert after.parts[1] == before.parts[1]
    assert after.parts[0] != before.parts[0]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"keep": ["guitar", "violin"]}, "keep"), ({"bars": "40-41"}, "bars"), ({"seed": "-1"}, "seed")],
)
def test_an_impossible_edit_is_explained_and_makes_no_job(client_for, owner, track, change, field) -> None:
    before = GenerationJob.objects.count()
    response = client_for(owner).post(page_of(track), change)
    assert response.status_code == 400
    assert response.context["form"].errors[field]
    assert GenerationJob.objects.count() == before


def test_another_company_cannot_change_the_track(client_for, api_for, make_user, track) -> None:
    before = GenerationJob.objects.count()
    stranger = make_user("stranger@example.com")
    assert client_for(stranger).post(page_of(track), {"keep": ["violin"]}).status_code in (404, 409)
    response = api_for(stranger).post(URL, {"track": str(track.pk), "keep": ["violin"]}, format="json")
    assert response.status_code in (404, 409)
    assert GenerationJob.objects.count() == before
    assert company_of(stranger).generation_jobs.count() == 0


def test_the_page_shows_form_and_critic_and_is_linked_from_the_track(client_for, owner, track) -> None:
    browser = client_for(owner)
    assert page_of(track) in browser.get(f"/tracks/{track.pk}/").content.decode()
    text = browser.get(page_of(track)).content.decode()
    assert "A scale." in text
    assert "1 to " in text
    assert "inputmode" not in browser.get(page_of(track)).context["form"].fields["bars"].widget.attrs  # takes a hyphen
