"""Messages to the workers. They are wake-ups: who gets one looks at the rows, and most that come twice do nothing."""

from uuid import UUID

from celery import Signature, chain, chord, signature
from django.conf import settings
from django.db import transaction

from generator.models import GenerationJob, GenerationStep

_TASKS = {
    GenerationStep.Kind.PLAN: "generator.tasks.write_plan",
    GenerationStep.Kind.LEAD: "generator.tasks.compose_lead",
    GenerationStep.Kind.PART: "generator.tasks.compose_part",
    GenerationStep.Kind.FINISH: "generator.tasks.finish_track",
}


def send_job_on_commit(job: GenerationJob) -> None:
    """The whole canvas, once the rows stand. A broker that does not answer loses nothing: the sweep sends again."""
    transaction.on_commit(lambda: send_job(job), robust=True)


def send_job(job: GenerationJob) -> None:
    """The plan, the lead, a chord with one task per other instrument, and the finish."""
    order = (GenerationStep.Kind.PLAN, GenerationStep.Kind.LEAD, GenerationStep.Kind.PART, GenerationStep.Kind.FINISH)
    steps = {kind: [_sign(step) for step in job.steps.filter(kind=kind).order_by("pk")] for kind in order}
    first = [*steps[GenerationStep.Kind.PLAN], *steps[GenerationStep.Kind.LEAD]]
    (finish,) = steps[GenerationStep.Kind.FINISH]
    parts = steps[GenerationStep.Kind.PART]
    chain(*first, chord(parts, finish) if parts else finish).apply_async()


def send_step_on_commit(step: GenerationStep) -> None:
    transaction.on_commit(lambda: send_step(step), robust=True)


def send_step(step: GenerationStep) -> None:
    """One step again. The message dies with its lease, when the sweep sends the next: they never pile up."""
    _sign(step).apply_async(expires=settings.GENERATION_LEASE.total_seconds())


def _sign(step: GenerationStep) -> Signature:
    job_id: UUID = step.job_id
    arguments = [str(job_id), step.instrument] if step.instrument else [str(job_id)]
    return signature(_TASKS[GenerationStep.Kind(step.kind)], args=arguments, immutable=True)
