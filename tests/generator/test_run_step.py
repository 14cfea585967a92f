"""One attempt at a step, whatever comes of it: the row always says so."""

import pytest

from generator.engine.errors import EngineError, ModelError, RenderError
from generator.services import cancel_generation
from marketplace.errors import ConflictError, UnavailableError
from tests.generator.conftest import do, lose_lease, states_of, step_of, write_words

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def failing(error: Exception):
    def work(claim, report) -> None:
        raise error

    return work


class BusyError(EngineError):
    transient = True


def test_permanent_error_of_the_engine_fails_the_job_with_its_reason(make_job) -> None:
    job = make_job()
    do(job, "plan", work=failing(RenderError("The note 12 is too low for a violin.")))
    job.refresh_from_db()
    assert job.status == "failed"
    assert job.error == "Planning the piece was not possible. The note 12 is too low for a violin."
    assert states_of(job) == {
        "plan": "failed",
        "part guitar": "canceled",
        "lead violin": "canceled",
        "finish": "canceled",
        "files": "canceled",
    }


def test_broken_network_is_explained_without_our_folders(make_job) -> None:
    job = make_job()
    do(job, "plan", work=failing(ModelError("No network in /srv/secret.")))
    job.refresh_from_db()
    assert "/srv" not in job.error
    assert step_of(job, "plan").error == "No network in /srv/secret."


def test_refusal_by_the_register_fails_the_job_with_its_reason(make_job) -> None:
    job = make_job()
    do(job, "plan", work=failing(ConflictError("This music is registered already. Change the seed.")))
    job.refresh_from_db()
    assert job.status == "failed"
    assert "Change the seed." in job.error


@pytest.mark.parametrize("error", [BusyError("busy"), UnavailableError("storage is away"), ValueError("a bug")])
def test_other_errors_leave_the_step_to_the_sweep(make_job, error) -> None:
    job = make_job()
    do(job, "plan", work=failing(error))
    step = step_of(job, "plan")
    job.refresh_from_db()
    assert (job.status, step.status, step.attempt) == ("running", "waiting", 1)
    assert step.lease_expires_at is not None
    do(job, "plan")
    assert (step_of(job, "plan").status, step_of(job, "plan").error) == ("done", "")


def test_job_fails_after_the_last_attempt(make_job, settings) -> None:
    job = make_job()
    for _ in range(settings.GENERATION_MAX_ATTEMPTS):
        do(job, "plan", work=failing(ValueError("a bug")))
    job.refresh_from_db()
    assert (job.status, step_of(job, "plan").attempt) == ("failed", settings.GENERATION_MAX_ATTEMPTS)
    assert "failed 4 times" in job.error
    assert "bug" not in job.error


def test_step_that_is_done_is_not_done_again(make_job) -> None:
    job = make_job()
    do(job, "plan")
    do(job, "plan", work=failing(AssertionError("ran twice")))
    step = step_of(job, "plan")
    assert (step.status, step.attempt, step.output) == ("done", 1, {"step": "plan", "attempt": 1})


def test_cancel_in_mid_step_stops_the_work_and_writes_nothing(make_job) -> None:
    job = make_job()

    def work(claim, report) -> None:
        cancel_generation(job=job)
        report(0.5)
        raise AssertionError("went on after the cancel")

    do(job, "plan", work=work)
    job.refresh_from_db()
    assert job.status == "canceled"
    assert set(states_of(job).values()) == {"canceled"}
    assert step_of(job, "plan").output is None


def test_zombie_that_fails_does_not_fail_its_successor(make_job) -> None:
    job = make_job()

    def work(claim, report) -> None:
        lose_lease(step_of(job, "plan"))
        do(job, "plan", work=write_words)
        raise RenderError("too late")

    do(job, "plan", work=work)
    job.refresh_from_db()
    assert (job.status, job.error) == ("running", "")
    assert step_of(job, "plan").output == {"step": "plan", "attempt": 2}


def test_progress_never_says_a_hundred_before_the_end(make_job) -> None:
    job = make_job()
    seen = []

    def work(claim, report) -> None:
        report(1.0)
        seen.append(step_of(job, "plan").progress)
        write_words(claim, report)

    do(job, "plan", work=work)
    assert [*seen, step_of(job, "plan").progress] == [99, 100]
