"""Celery tasks: each calls its job with an id. `time_limit` ends a child that hangs; its lease then runs out."""

from uuid import UUID

from celery import shared_task

from generator import workers  # noqa: F401 - connects what a worker's child does first
from generator.jobs import packing, reviving, running, sweeping
from generator.models import GenerationStep

_STEP_SECONDS = 180
_PACK_SECONDS = 900
_SWEEP_SECONDS = 5


@shared_task(time_limit=_STEP_SECONDS, ignore_result=True)
def write_plan(job_id: str) -> None:
    running.run_step(job_id=UUID(job_id), kind=GenerationStep.Kind.PLAN)


@shared_task(time_limit=_STEP_SECONDS, ignore_result=True)
def compose_lead(job_id: str, instrument: str) -> None:
    running.run_step(job_id=UUID(job_id), kind=GenerationStep.Kind.LEAD, instrument=instrument)


@shared_task(time_limit=_STEP_SECONDS)
def compose_part(job_id: str, instrument: str) -> None:
    """The one task whose result is kept: the chord counts its parts by them."""
    running.run_step(job_id=UUID(job_id), kind=GenerationStep.Kind.PART, instrument=instrument)


@shared_task(time_limit=_STEP_SECONDS, ignore_result=True)
def finish_track(job_id: str) -> None:
    running.run_step(job_id=UUID(job_id), kind=GenerationStep.Kind.FINISH)


@shared_task(time_limit=_STEP_SECONDS, ignore_result=True)
def write_files(job_id: str) -> None:
    running.run_step(job_id=UUID(job_id), kind=GenerationStep.Kind.FILES)


@shared_task(ignore_result=True, expires=_SWEEP_SECONDS)
def sweep_jobs() -> None:
    """Beat sends it every few seconds; what piled up while no worker ran expires unread."""
    sweeping.sweep_jobs()
    reviving.revive_jobs()


@shared_task(time_limit=_PACK_SECONDS, ignore_result=True)
def build_pack(track_id: str) -> None:
    packing.build_pack_of(track_id=UUID(track_id))


@shared_task(ignore_result=True, expires=_SWEEP_SECONDS)
def sweep_packs() -> None:
    """Sends what has been sold, and what was lost, to be built."""
    packing.sweep_packs()
