"""What was lost is found, sent again, and in the end given up. Messages are counted in the broker itself."""

import pytest

from generator.jobs.leases import claim_step
from generator.jobs.sweeping import sweep_jobs
from generator.services import cancel_generation
from tests.generator.conftest import do, lose_lease, read_queue, states_of, step_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


def test_step_whose_worker_fell_silent_is_sent_again(make_job, broker) -> None:
    job = make_job()
    claim_step(job_id=job.pk, kind="plan")
    lose_lease(step_of(job, "plan"))
    assert sweep_jobs() == 1
    assert read_queue(broker, "compose") == [("generator.tasks.write_plan", [str(job.pk)])]
    assert step_of(job, "plan").status == "waiting"


def test_step_whose_message_was_lost_is_sent_again(make_job, broker) -> None:
    job = make_job()
    do(job, "plan")
    broker.delete("compose")
    lose_lease(step_of(job, "lead", "violin"))
    assert sweep_jobs() == 1
    assert read_queue(broker, "compose") == [("generator.tasks.compose_lead", [str(job.pk), "violin"])]


def test_only_the_lost_step_is_sent_again(make_job, broker) -> None:
    job = make_job(instruments=["piano", "guitar", "violin"])
    do(job, "plan")
    broker.delete("compose")
    do(job, "lead", "violin")
    claim_step(job_id=job.pk, kind="part", instrument="piano")
    claim_step(job_id=job.pk, kind="part", instrument="guitar")
    lose_lease(step_of(job, "part", "guitar"))
    assert sweep_jobs() == 1
    assert read_queue(broker, "compose") == [("generator.tasks.compose_part", [str(job.pk), "guitar"])]


def test_live_steps_are_left_alone(make_job, broker) -> None:
    claim_step(job_id=make_job().pk, kind="plan")
    make_job()
    assert sweep_jobs() == 0
    assert read_queue(broker, "compose") == []


def test_second_sweep_sends_nothing_more(make_job, broker) -> None:
    job = make_job()
    lose_lease(step_of(job, "plan"))
    assert (sweep_jobs(), sweep_jobs()) == (1, 0)
    assert len(read_queue(broker, "compose")) == 1


def test_steps_of_a_job_that_was_sent_again_wake_the_next_themselves(make_job, broker) -> None:
    job = make_job()
    lose_lease(step_of(job, "plan"))
    sweep_jobs()
    do(job, "plan")
    do(job, "lead", "violin")
    do(job, "part", "guitar")
    assert [task for task, _ in read_queue(broker, "compose")] == [
        "generator.tasks.write_plan",
        "generator.tasks.compose_lead",
        "generator.tasks.compose_part",
    ]
    assert read_queue(broker, "render") == [("generator.tasks.finish_track", [str(job.pk)])]


def test_steps_of_a_first_canvas_send_nothing_themselves(make_job, broker) -> None:
    job = make_job()
    do(job, "plan")
    broker.delete("compose")
    do(job, "lead", "violin")
    do(job, "part", "guitar")
    assert [read_queue(broker, queue) for queue in ("compose", "render")] == [[], []]


@pytest.mark.parametrize(
    "order", [("violin", "guitar", "drums"), ("violin", "drums", "guitar"), ("drums", "violin", "guitar")]
)
def test_finish_is_sent_by_drums_that_outlast_the_chord_alone(make_job, broker, order) -> None:
    """The chord takes the drums' second message for their end: its finish may find them still being written."""
    job = make_job(instruments=["guitar", "violin", "drums"])
    do(job, "plan")
    broker.delete("compose")
    for slug in order:
        do(job, "lead" if slug == "violin" else "part", slug)
    assert read_queue(broker, "compose") == []
    sent = [("generator.tasks.finish_track", [str(job.pk)])] if order[-1] == "drums" else []
    assert read_queue(broker, "render") == sent


def test_step_that_kills_every_worker_fails_its_job(make_job, broker, settings) -> None:
    job = make_job()
    for _ in range(settings.GENERATION_MAX_ATTEMPTS):
        claim_step(job_id=job.pk, kind="plan")
        lose_lease(step_of(job, "plan"))
        sweep_jobs()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "was interrupted 4 times" in job.error
    assert "running" not in states_of(job).values()
    assert len(read_queue(broker, "compose")) == settings.GENERATION_MAX_ATTEMPTS - 1


def test_canceled_jobs_are_not_swept(make_job, broker) -> None:
    job = make_job()
    claim_step(job_id=job.pk, kind="plan")
    cancel_generation(job=job)
    assert sweep_jobs() == 0
    assert read_queue(broker, "compose") == []
