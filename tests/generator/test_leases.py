"""Claiming a step: by one worker at a time, in its turn, and only as long as somebody is heard of."""

import threading
from uuid import uuid4

import pytest
from django.db import connection

from generator.jobs.leases import ProgressReport, StepLostError, claim_step, held_step
from generator.jobs.steps import complete_step
from generator.models import GenerationJob, GenerationStep
from generator.services import cancel_generation
from tests.generator.conftest import do, lose_lease, states_of, step_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_plan_is_due_at_once_and_nothing_else_is(make_job) -> None:
    job = make_job()
    assert claim_step(job_id=job.pk, kind="lead", instrument="violin") is None
    assert claim_step(job_id=job.pk, kind="finish") is None
    assert claim_step(job_id=job.pk, kind="plan") is not None


def test_claim_starts_the_job_and_its_step(make_job) -> None:
    job = make_job()
    claim = claim_step(job_id=job.pk, kind="plan")
    job.refresh_from_db()
    step = step_of(job, "plan")
    assert (job.status, step.status, step.attempt, claim.attempt) == ("running", "running", 1, 1)
    assert job.started_at == step.started_at


def test_second_message_for_a_claimed_step_gets_nothing(make_job) -> None:
    job = make_job()
    claim_step(job_id=job.pk, kind="plan")
    assert claim_step(job_id=job.pk, kind="plan") is None
    assert step_of(job, "plan").attempt == 1


def test_message_for_a_job_that_does_not_exist_gets_nothing() -> None:
    assert claim_step(job_id=uuid4(), kind="plan") is None


def test_step_of_a_canceled_job_cannot_be_claimed(make_job) -> None:
    job = make_job()
    cancel_generation(job=job)
    assert claim_step(job_id=job.pk, kind="plan") is None


def test_lead_follows_the_plan_then_the_parts_together_then_the_finish_then_the_files(make_job) -> None:
    job = make_job(instruments=["piano", "guitar", "violin"])
    due = []
    for _ in range(5):
        steps = job.steps.filter(status="waiting", lease_expires_at__isnull=False)
        due.append({str(step) for step in steps})
        for step in steps:
            do(job, step.kind, step.instrument)
    assert due == [{"plan"}, {"lead violin"}, {"part piano", "part guitar"}, {"finish"}, {"files"}]
    job.refresh_from_db()
    assert job.status == "succeeded"


def test_lost_step_is_claimed_again_and_the_zombie_writes_nothing(make_job) -> None:
    job = make_job()
    zombie = claim_step(job_id=job.pk, kind="plan")
    lose_lease(step_of(job, "plan"))
    successor = claim_step(job_id=job.pk, kind="plan")
    assert successor.attempt == 2
    with pytest.raises(StepLostError):
        complete_step(zombie, output={"by": "zombie"})
    with pytest.raises(StepLostError):
        ProgressReport(zombie)(0.5)
    complete_step(successor, output={"by": "successor"})
    assert step_of(job, "plan").output == {"by": "successor"}


def test_step_is_written_once(make_job) -> None:
    job = make_job()
    claim = claim_step(job_id=job.pk, kind="plan")
    complete_step(claim, output={"take": 1})
    with pytest.raises(StepLostError):
        complete_step(claim, output={"take": 2})
    assert step_of(job, "plan").output == {"take": 1}


def test_progress_renews_the_lease(make_job) -> None:
    job = make_job()
    claim = claim_step(job_id=job.pk, kind="plan")
    before = step_of(job, "plan").lease_expires_at
    ProgressReport(claim)(0.42)
    step = step_of(job, "plan")
    assert step.progress == 42
    assert step.lease_expires_at > before


def test_worker_finds_out_about_a_cancel_at_its_next_progress(make_job) -> None:
    job = make_job()
    claim = claim_step(job_id=job.pk, kind="plan")
    cancel_generation(job=job)
    with pytest.raises(StepLostError):
        ProgressReport(claim)(0.5)
    assert not held_step(claim).exists()
    assert set(states_of(job).values()) == {"canceled"}


def race(attempt) -> int:
    """How many of eight threads that start together succeed."""
    gate, successes = threading.Barrier(8), []

    def run() -> None:
        gate.wait()
        try:
            if attempt():
                successes.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(successes)


@pytest.mark.django_db(transaction=True)
def test_one_of_eight_workers_gets_the_step(make_job) -> None:
    job = make_job()
    assert race(lambda: claim_step(job_id=job.pk, kind="plan")) == 1
    assert step_of(job, "plan").attempt == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_eight_workers_would_all_get_it(make_job) -> None:
    """The race is real: look, then write, and everybody has looked before anybody wrote."""
    step = step_of(make_job(), "plan")
    looked = threading.Barrier(8)

    def claim_carelessly() -> bool:
        is_free = GenerationStep.objects.get(pk=step.pk).status == "waiting"
        looked.wait()
        GenerationStep.objects.filter(pk=step.pk).update(status="running")
        return is_free

    assert race(claim_carelessly) == 8


@pytest.mark.django_db(transaction=True)
def test_last_two_parts_that_end_together_make_the_finish_due_once(make_job, broker) -> None:
    job = make_job(instruments=["piano", "guitar", "violin"])
    do(job, "plan")
    do(job, "lead", "violin")
    claims = [claim_step(job_id=job.pk, kind="part", instrument=slug) for slug in ("piano", "guitar")]
    gate = threading.Barrier(2)

    def end(claim) -> None:
        gate.wait()
        try:
            complete_step(claim, output={})
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=[claim]) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert step_of(job, "finish").lease_expires_at is not None
    assert GenerationJob.objects.get(pk=job.pk).status == "running"
