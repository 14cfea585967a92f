"""Messages to the workers. They are wake-ups: who gets one looks at the rows, and most that come twice do nothing.

Nobody waits for a result. Only workers send the chord, which counts its parts by them: a web process that did would
listen at the result store, and hang when it is away.
"""

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
    GenerationStep.Kind.FILES: "generator.tasks.write_files",
}


def send_job_on_commit(job: GenerationJob) -> None:
    """The plan, once the rows stand. A broker that does not answer loses nothing: the sweep sends again."""
    transaction.on_commit(lambda: send_plan(job), robust=True)


def send_plan(job: GenerationJob) -> None:
    """The first task alone: a canvas would make the web process listen for the results of its chord."""
    _sign(job.steps.get(kind=GenerationStep.Kind.PLAN)).apply_async(ignore_result=True)


def send_canvas_on_commit(job: GenerationJob) -> None:
    transaction.on_commit(lambda: send_canvas(job), robust=True)


def send_canvas(job: GenerationJob) -> None:
    """What follows the plan: the lead, a chord with one task per other instrument, and the finish. The files are sent
    once they are due: whoever listens need not wait for them."""
    kinds = (GenerationStep.Kind.LEAD, GenerationStep.Kind.PART, GenerationStep.Kind.FINISH)
    lead, parts, (finish,) = ([_sign(step) for step in job.steps.filter(kind=kind).order_by("pk")] for kind in kinds)
    chain(*lead, chord(parts, finish) if parts else finish).apply_async()


def send_step_on_commit(step: GenerationStep) -> None:
    transaction.on_commit(lambda: send_step(step), robust=True)


def send_step(step: GenerationStep) -> None:
    """One step again. The message dies with its lease, when the sweep sends the next: they never pile up."""
    _sign(step).apply_async(expires=settings.GENERATION_LEASE.total_seconds(), ignore_result=True)


def _sign(step: GenerationStep) -> Signature:
    job_id: UUID = step.job_id
    arguments = [str(job_id), step.instrument] if step.instrument else [str(job_id)]
    return signature(_TASKS[GenerationStep.Kind(step.kind)], args=arguments, immutable=True)
