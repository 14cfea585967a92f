"""A job's progress in words and bars, for people."""

from dataclasses import dataclass

from generator.engine.instruments import INSTRUMENTS
from generator.models import GenerationJob, GenerationStep
from generator.queries import progress_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    name: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    sentence: str
    bars: tuple[Bar, ...]
    """Each instrument, then the mix: all that is waited for."""
    is_active: bool
    poll_milliseconds: int
    """Until the page asks again: sooner once the preview is being mixed, since then it is there any moment."""


def describe_progress(job: GenerationJob) -> JobProgress:
    bars = [Bar(name=INSTRUMENTS[slug].name, percent=percent) for slug, percent in progress_of(job).items()]
    mix = next(step for step in job.steps.all() if step.kind == GenerationStep.Kind.FINISH)
    is_mixing = mix.status == GenerationStep.Status.RUNNING
    return JobProgress(
        sentence=_describe(job),
        bars=(*bars, Bar(name="Mix", percent=mix.progress)),
        is_active=job.status in GenerationJob.ACTIVE,
        poll_milliseconds=50 if is_mixing else 300,
    )


def _describe(job: GenerationJob) -> str:
    if job.status == GenerationJob.Status.QUEUED:
        return "Waiting for a free composer."
    if job.status == GenerationJob.Status.FAILED:
        return job.error
    if job.status == GenerationJob.Status.CANCELED:
        return "This job was stopped before it was done."
    again = "What came out was too close to a registered track, so we compose another. " if job.refused_seeds else ""
    return again + _describe_work(job)


def _describe_work(job: GenerationJob) -> str:
    running = [step for step in job.steps.all() if step.status == GenerationStep.Status.RUNNING]
    names = [INSTRUMENTS[step.instrument].name.lower() for step in running if step.instrument]
    if names:
        return f"Composing the {' and the '.join(names)}."
    if any(step.kind == GenerationStep.Kind.FINISH for step in running):
        return "Mixing the preview."
    return "Planning the piece."
