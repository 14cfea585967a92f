"""A track that can be heard but not bought is seen to by itself, and the administrators hear of it."""

import logging
from datetime import timedelta

import pytest

from generator.engine.errors import RenderError
from generator.jobs.reviving import FIRST_PAUSE, LONGEST_PAUSE, next_try, revive_jobs
from generator.jobs.running import run_step
from generator.models import GenerationJob
from generator.tasks import sweep_jobs
from marketplace.catalog.services import withdraw_track
from tests.generator.conftest import compose_scale, do, read_queue, states_of
from tests.generator.test_run_step import failing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


@pytest.fixture
def job(make_job) -> GenerationJob:
    job = make_job(instruments=["guitar", "violin"], seconds=5)
    compose_scale(job)
    run_step(job_id=job.pk, kind="finish")
    fail_files(job)
    return job


def fail_files(job: GenerationJob) -> None:
    do(job, "files", work=failing(RenderError("The disk is broken.")))
    job.refresh_from_db()


def pass_time(job: GenerationJob, passed: timedelta) -> None:
    job.refresh_from_db()
    GenerationJob.objects.filter(pk=job.pk).update(finished_at=job.finished_at - passed)


def test_it_is_tried_afresh_after_a_pause_and_then_can_be_bought(job, broker) -> None:
    assert revive_jobs() == 0
    pass_time(job, FIRST_PAUSE)
    sweep_jobs()
    assert read_queue(broker, "files") == [("generator.tasks.write_files", [str(job.pk)])]
    run_step(job_id=job.pk, kind="files")
    job.refresh_from_db()
    assert (job.status, job.track.is_complete, job.revivals) == ("succeeded", True, 1)


def test_each_pause_is_twice_as_long_as_the_last_up_to_the_longest(job, broker) -> None:
    pauses = []
    for _ in range(8):
        pauses.append(next_try(job) - job.finished_at)
        pass_time(job, pauses[-1] - timedelta(seconds=1))
        assert revive_jobs() == 0
        pass_time(job, timedelta(seconds=1))
        assert revive_jobs() == 1
        fail_files(job)
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_alert_names_the_track_and_the_reason(job, broker, caplog) -> None:
    pass_time(job, FIRST_PAUSE)
    revive_jobs()
    with caplog.at_level(logging.ERROR, logger="generator.alerts"):
        fail_files(job)
    assert f"Track {job.track_id} can be heard but not bought" in caplog.text
    assert "The disk is broken." in caplog.text


def test_job_without_a_track_and_track_that_was_withdrawn_are_left_alone(job, make_job, broker) -> None:
    other = make_job()
    do(other, "plan", work=failing(RenderError("no")))
    withdraw_track(track=job.track, reason="Not ours to sell.")
    for failed in (job, other):
        pass_time(failed, LONGEST_PAUSE)
    assert revive_jobs() == 0
    assert read_queue(broker, "files") == []
    assert states_of(other)["plan"] == "failed"
