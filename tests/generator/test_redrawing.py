"""Music that is too close to something registered is not listed: the job starts over, and not for ever."""

from typing import Any

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.codec import decode_plan
from generator.engine.composing.parts import PartResult
from generator.engine.composing.roles import assign_roles
from generator.engine.originality.labelled import draw_melody
from generator.engine.score import Note, Part
from generator.jobs.leases import StepLostError, claim_step
from generator.jobs.redrawing import MOST_REDRAWS, derive_seed
from generator.jobs.running import run_step
from generator.jobs.steps import complete_step
from generator.models import GenerationJob, GenerationStep
from generator.progress import describe_progress
from marketplace.catalog.models import Track
from tests.generator.conftest import do, read_queue, states_of, step_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def compose_melody(job: GenerationJob, *, tune: int, changed: int = 0) -> None:
    """Everything before the finish, the violin playing a melody drawn from `tune`, some notes changed."""

    def play(claim, report) -> None:
        step = GenerationStep.objects.get(pk=claim.step_id)
        plan = decode_plan(step_of(step.job, "plan").output)
        notes = tuple(
            Note(onset=onset, pitch=pitch + 2 * (place < changed), duration=12)
            for place, (onset, pitch) in enumerate(draw_melody(tune))
            if onset + 12 < plan.length
        )
        role = assign_roles(parse_brief(step.job.brief))[claim.instrument]
        part = Part(instrument=claim.instrument, role=role, notes=notes)
        result = PartResult(part=part, scores={"total": 1.0}, explanation="", candidates=1, digest="f" * 64)
        complete_step(claim, output=result.to_json())

    run_step(job_id=job.pk, kind="plan")
    for step in list(job.steps.filter(kind__in=["lead", "part"]).order_by("kind")):
        do(job, step.kind, step.instrument, work=play)


@pytest.fixture
def make(make_job):
    def act(*, chosen: tuple[str, ...] = (), **brief: Any) -> GenerationJob:
        job = make_job(instruments=["violin"], seconds=12, key="C major", tempo=200, metre="4/4", **brief)
        GenerationJob.objects.filter(pk=job.pk).update(chosen=list(chosen))
        job.refresh_from_db()
        return job

    return act


@pytest.fixture
def registered(make) -> Track:
    job = make(seed=7)
    compose_melody(job, tune=1)
    run_step(job_id=job.pk, kind="finish")
    job.refresh_from_db()
    assert job.error == ""
    return job.track


def test_music_too_close_to_a_registered_track_is_composed_again_from_another_seed(registered, make) -> None:
    job = make(seed=8)
    compose_melody(job, tune=1, changed=3)
    run_step(job_id=job.pk, kind="finish")
    job.refresh_from_db()
    assert (job.status, job.track, job.error) == ("running", None, "")
    assert job.brief["seed"] == derive_seed(8)
    assert set(states_of(job).values()) == {"waiting"}
    assert describe_progress(job).sentence == (
        "What came out was too close to a registered track, so we compose another. Planning the piece."
    )
    compose_melody(job, tune=2)
    run_step(job_id=job.pk, kind="finish")
    job.refresh_from_db()
    assert (job.status, job.track is not None) == ("running", True)
    assert job.track.seed == job.track.recipe["seed"] == derive_seed(8)
    (refused,) = job.track.recipe["refused_seeds"]
    assert refused["seed"] == 8
    assert "too close" in refused["reason"]


def test_the_workers_are_woken_for_the_new_seed(registered, make, broker, django_capture_on_commit_callbacks) -> None:
    job = make(seed=8)
    compose_melody(job, tune=1)
    broker.delete("compose", "render", "default")
    with django_capture_on_commit_callbacks(execute=True):
        run_step(job_id=job.pk, kind="finish")
    assert read_queue(broker, "compose") == [("generator.tasks.write_plan", [str(job.pk)])]


def test_a_seed_that_a_person_asked_for_is_refused_with_the_reason(registered, make) -> None:
    job = make(seed=8, chosen=("seed",))
    compose_melody(job, tune=1)
    run_step(job_id=job.pk, kind="finish")
    job.refresh_from_db()
    assert (job.status, job.brief["seed"], job.refused_seeds) == ("failed", 8, [])
    assert "Change the seed" in job.error
    assert Track.objects.count() == 1


def test_a_job_that_stays_too_close_fails_after_a_few_seeds_and_registers_nothing(registered, make) -> None:
    job = make(seed=8)
    for _ in range(MOST_REDRAWS + 1):
        compose_melody(job, tune=1)
        run_step(job_id=job.pk, kind="finish")
        job.refresh_from_db()
    assert (job.status, len(job.refused_seeds)) == ("failed", MOST_REDRAWS)
    seeds = [8, *(each["seed"] for each in job.refused_seeds[1:]), job.brief["seed"]]
    assert seeds[1:] == [derive_seed(seed) for seed in seeds[:-1]]
    assert Track.objects.count() == 1


def test_a_worker_that_still_has_the_refused_seeds_part_cannot_write_it(registered, make) -> None:
    job = make(seed=8)
    run_step(job_id=job.pk, kind="plan")
    step = job.steps.get(kind="lead")
    zombie = claim_step(job_id=job.pk, kind="lead", instrument=step.instrument)
    GenerationStep.objects.filter(pk=step.pk).update(status="waiting", attempt=0)
    compose_melody(job, tune=1)
    run_step(job_id=job.pk, kind="finish")
    run_step(job_id=job.pk, kind="plan")
    fresh = claim_step(job_id=job.pk, kind="lead", instrument=step.instrument)
    assert (zombie.attempt, fresh.attempt) == (1, 1)
    with pytest.raises(StepLostError):
        complete_step(zombie, output={"old": True})
    assert job.steps.get(kind="lead").output is None
