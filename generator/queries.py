"""Reads about jobs and the workers that do them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.models import Company
from generator.engine.instruments import INSTRUMENTS
from generator.models import GenerationJob, GenerationStep
from generator.worker_reports import BOOKS, COMPOSE, PACK, RENDER, read_report
from marketplace.errors import NotFoundError
from marketplace.rights.queries import is_sealed

_INSTRUMENT_KINDS = (GenerationStep.Kind.LEAD, GenerationStep.Kind.PART)


def jobs_of(company: Company) -> QuerySet[GenerationJob]:
    """A company's jobs, newest first, with the steps that tell their progress."""
    steps = GenerationStep.objects.defer("output").order_by("pk")
    jobs = GenerationJob.objects.filter(company=company).select_related("track")
    return jobs.prefetch_related(Prefetch("steps", queryset=steps))


def find_job(*, job_id: UUID, company: Company | None) -> GenerationJob:
    """The company's own job. Anybody else's reads as missing."""
    job = jobs_of(company).filter(pk=job_id).first() if company else None
    if job is None:
        raise NotFoundError("There is no such job in your company. Check its address, or log in with another account.")
    return job


def find_brief(*, job_id: UUID, company: Company | None) -> dict[str, Any]:
    """The brief of the company's own job, to start another from. Once the track is sold, it is the owner's alone."""
    job = find_job(job_id=job_id, company=company)
    if job.track is not None and is_sealed(job.track, company=company):
        raise NotFoundError("The track of this brief was sold, and the brief with it: it is its owner's alone now.")
    brief: dict[str, Any] = job.brief
    return brief


def progress_of(job: GenerationJob) -> dict[str, int]:
    """Percent done of each instrument's part, in score order."""
    done = {step.instrument: step.progress for step in job.steps.all() if step.kind in _INSTRUMENT_KINDS}
    return {slug: done[slug] for slug in INSTRUMENTS if slug in done}


def worker_state() -> dict[str, dict[str, Any]]:
    """What who serves each queue last reported: {'compose': {'alive', 'models'}, 'render': {'alive'}, 'pack': …}."""
    silent: dict[str, dict[str, Any]] = {
        COMPOSE: {"alive": False, "models": []},
        RENDER: {"alive": False},
        PACK: {"alive": False},
        BOOKS: {"alive": False},
    }
    return {queue: read_report(queue) or state for queue, state in silent.items()}


def describe_critic(recipe: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By instrument what the critic found: a sentence, and its measures."""
    scores = recipe.get("scores", {})
    return {slug: {"words": words, "scores": scores.get(slug, {})} for slug, words in recipe.get("critic", {}).items()}
