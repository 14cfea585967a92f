"""What the generator adds to a dispute pack, and what it keeps to the owner."""

import pytest
from django.urls import reverse
from django.utils import timezone

from generator.engine.conductor.network import load_network
from generator.models import GenerationJob
from generator.papers import LOG_NAME, list_papers
from generator.queries import find_brief
from generator.recipes import write_recipe
from marketplace.catalog.services import mark_family_sold
from marketplace.errors import NotFoundError
from marketplace.rights.services import transfer_ownership
from tests.generator.conftest import company_of, compose_scale

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(make_job, make_track) -> GenerationJob:
    job = make_job()
    compose_scale(job)
    checkpoints = {"guitar": "f" * 64, "violin": "e" * 64}
    job.track = make_track(recipe={"engine": "9", "font": "abc", "checkpoints": checkpoints})
    job.chosen, job.finished_at = ["style", "seconds"], timezone.now()
    job.save()
    return job


def test_log_tells_every_step_with_its_time_and_network_and_no_person(job) -> None:
    (paper,) = list_papers(track=job.track, company=None)
    text = paper.content.decode()
    assert paper.name == LOG_NAME
    for words in (
        job.track.copyright_id, "engine 9, sound font abc", "A person settled: style, seconds.", "Planning the piece",
        "Composing the guitar: done", f"network of the violin, checkpoint {'e' * 64}", job.track.score_digest,
    ):  # fmt: skip
        assert words in text
    assert job.company.name not in text
    assert str(job.brief["seed"]) not in text.split()


def test_track_without_a_job_has_no_log(make_track) -> None:
    assert list_papers(track=make_track(), company=None) == []


def test_recipe_freezes_the_training_bill_of_every_network(job) -> None:
    recipe = write_recipe(job, results=[])
    (conductor,) = recipe["training"]
    assert (conductor["instrument"], conductor["checkpoint"]) == ("conductor", load_network().digest)
    assert recipe["conductor"] == load_network().digest
    assert sum(conductor["works"][0]["licences"].values()) > 1000


def test_administrator_sees_the_brief_until_the_track_is_sold(job, admin_client) -> None:
    place = f"/admin/generator/generationjob/{job.pk}/change/"
    assert "field-brief" in admin_client.get(place).content.decode()
    mark_family_sold(family=job.track.family)
    assert "field-brief" not in admin_client.get(place).content.decode()


def test_makers_brief_is_sealed_once_somebody_else_owns_the_track(job, client_for, make_user) -> None:
    maker = make_user(company=job.company)
    assert find_brief(job_id=job.pk, company=job.company) == job.brief
    mark_family_sold(family=job.track.family)
    transfer_ownership(track=job.track, owner=company_of(make_user()), reference="order 1")
    with pytest.raises(NotFoundError, match="it is its owner's alone now"):
        find_brief(job_id=job.pk, company=job.company)
    assert "was not found" in client_for(maker).get(reverse("generator:brief"), {"from": str(job.pk)}).content.decode()


def test_maker_that_bought_its_own_track_keeps_the_brief(job) -> None:
    mark_family_sold(family=job.track.family)
    transfer_ownership(track=job.track, owner=job.company, reference="order 1")
    assert find_brief(job_id=job.pk, company=job.company) == job.brief
