"""Jobs to try things on, steps of known length to try them with, and a look at what was sent to the workers."""

import json
import os
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from accounts.models import Company, User
from generator.engine.brief import parse_brief
from generator.engine.composing.codec import decode_plan
from generator.engine.composing.parts import PartResult
from generator.engine.composing.roles import assign_roles
from generator.engine.score import TICKS_PER_QUARTER, Note, Part
from generator.jobs.leases import Claim, ProgressReport
from generator.jobs.running import run_step
from generator.jobs.steps import complete_step
from generator.models import GenerationJob, GenerationStep
from generator.services import create_job

Drive = GenerationJob.Drive
DUO = {"instruments": ["guitar", "violin"], "style": "folk", "mood": "calm", "seconds": 6, "seed": 7}
QUEUES = ("compose", "render", "files", "pack", "default")


@pytest.fixture
def make_job(make_user: Callable[..., User]) -> Callable[..., GenerationJob]:
    """A queued job like any other, but for its first message: this test runs the steps itself."""

    def make(*, user: User | None = None, company: Company | None = None, **brief: Any) -> GenerationJob:
        company = company or company_of(user or make_user())
        job = create_job(company=company, user=user, brief=parse_brief({**DUO, **brief}), drive=Drive.CALLER)
        GenerationJob.objects.filter(pk=job.pk).update(drive=Drive.CANVAS)
        job.refresh_from_db()
        return job

    return make


@pytest.fixture
def broker() -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as connection:
        connection.delete(*QUEUES)
        yield connection
        connection.delete(*QUEUES)


def read_queue(broker: Redis, queue: str) -> list[tuple[str, list[Any]]]:
    """Task and arguments of every message that waits, first come first."""
    messages = [json.loads(message) for message in reversed(broker.lrange(queue, 0, -1))]
    bodies = [json.loads(b64decode(message["body"])) for message in messages]
    return [(message["headers"]["task"], body[0]) for message, body in zip(messages, bodies, strict=True)]


def company_of(user: User) -> Company:
    return user.memberships.select_related("company").get().company


def write_words(claim: Claim, report: ProgressReport) -> None:
    """A step's work in a blink: its output says whose attempt it was."""
    complete_step(claim, output={"step": claim.kind, "attempt": claim.attempt})


def do(job: GenerationJob, kind: str, instrument: str = "", work: Any = write_words) -> None:
    run_step(job_id=job.pk, kind=kind, instrument=instrument, work=work)


def step_of(job: GenerationJob, kind: str, instrument: str = "") -> GenerationStep:
    return job.steps.get(kind=kind, instrument=instrument)


def states_of(job: GenerationJob) -> dict[str, str]:
    return {str(step): step.status for step in job.steps.order_by("pk")}


def lose_lease(step: GenerationStep) -> None:
    """As if its worker had been silent for too long."""
    GenerationStep.objects.filter(pk=step.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def play_scale(claim: Claim, report: ProgressReport) -> None:
    """A part that fits any plan: a quarter note on each quarter."""
    step = GenerationStep.objects.get(pk=claim.step_id)
    plan = decode_plan(step_of(step.job, "plan").output)
    notes = [
        Note(onset=onset, pitch=60 + number % 8, duration=TICKS_PER_QUARTER)
        for number, onset in enumerate(range(0, plan.length - TICKS_PER_QUARTER, TICKS_PER_QUARTER))
    ]
    role = assign_roles(parse_brief(step.job.brief))[claim.instrument]
    part = Part(instrument=claim.instrument, role=role, notes=tuple(notes))
    result = PartResult(part=part, scores={"total": 1.0}, explanation="A scale.", candidates=1, digest="f" * 64)
    complete_step(claim, output=result.to_json())


def compose_scale(job: GenerationJob) -> None:
    """Everything before the finish: a real plan, and a scale for each instrument."""
    run_step(job_id=job.pk, kind="plan")
    for step in job.steps.filter(kind__in=["lead", "part"]).order_by("kind"):
        do(job, step.kind, step.instrument, work=play_scale)


def child_environment(**changes: str) -> dict[str, str]:
    """For processes that work on this test's own database, broker and files."""
    database = connection.settings_dict
    address = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "marketplace.settings", **changes}
