"""Claiming a step and keeping it. Whoever lost the lease finds out at the next word to the database."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from generator.models import GenerationJob, GenerationStep

logger = logging.getLogger(__name__)

PROGRESS_INTERVAL = 0.25
"""Seconds between two writes of progress: pages look about as often."""


class StepLostError(Exception):
    """The step is no longer ours: canceled, or taken for lost and given to another worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One attempt at a step. The attempt's number is what tells a zombie from its successor."""

    step_id: int
    job_id: UUID
    kind: str
    instrument: str
    attempt: int


def lock_active_job(job_id: UUID) -> GenerationJob | None:
    """The job's row, locked until the transaction ends; None when it has ended. Always locked before its steps."""
    return GenerationJob.objects.select_for_update().filter(pk=job_id, status__in=GenerationJob.ACTIVE).first()


def claim_step(*, job_id: UUID, kind: str, instrument: str = "") -> Claim | None:
    """The step, if it is due and nobody has it. A second message for it gets None, and costs no more than this."""
    now = timezone.now()
    is_due = Q(status=GenerationStep.Status.WAITING, lease_expires_at__isnull=False)
    is_lost = Q(status=GenerationStep.Status.RUNNING, lease_expires_at__lte=now)
    with transaction.atomic():
        job = lock_active_job(job_id)
        if job is None:
            return None
        steps = job.steps.filter(kind=kind, instrument=instrument)
        free = steps.filter(is_due | is_lost, attempt__lt=settings.GENERATION_MAX_ATTEMPTS)
        if not free.update(
            status=GenerationStep.Status.RUNNING,
            attempt=F("attempt") + 1,
            progress=0,
            started_at=now,
            lease_expires_at=lease_end(now),
        ):
            return None  # another worker got there first, or its turn has not come
        _start_job(job, now=now)
        step_id, attempt = steps.values_list("pk", "attempt").get()
    return Claim(step_id=step_id, job_id=job_id, kind=kind, instrument=instrument, attempt=attempt)


def _start_job(job: GenerationJob, *, now: datetime) -> None:
    if job.status == GenerationJob.Status.QUEUED:
        job.status, job.started_at = GenerationJob.Status.RUNNING, now
        job.save(update_fields=["status", "started_at"])


def held_step(claim: Claim) -> QuerySet[GenerationStep]:
    """The claimed row as long as the claim holds; empty for a zombie, so that its updates write nothing."""
    return GenerationStep.objects.filter(pk=claim.step_id, status=GenerationStep.Status.RUNNING, attempt=claim.attempt)


def lease_end(now: datetime) -> datetime:
    return now + settings.GENERATION_LEASE


class ProgressReport:
    """Writes a step's progress as the engine tells it, renewing the lease. Raises StepLostError once it is lost."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.written_at = 0.0

    def __call__(self, share: float) -> None:
        if monotonic() - self.written_at < PROGRESS_INTERVAL:
            return
        self.written_at = monotonic()
        percent = min(max(round(share * 100), 0), 99)  # 100 is said by the step's end alone
        if not held_step(self.claim).update(progress=percent, lease_expires_at=lease_end(timezone.now())):
            raise StepLostError


@contextmanager
def keep_lease(claim: Claim) -> Iterator[None]:
    """Renews the lease while the block runs, also where it has no progress to tell (compiling, mastering).

    The thread dies with the process, so a killed worker's lease does run out.
    """
    ended = threading.Event()
    keeper = threading.Thread(target=_renew_lease, args=(claim, ended), daemon=True, name=f"lease of {claim.step_id}")
    keeper.start()
    try:
        yield
    finally:
        ended.set()


def _renew_lease(claim: Claim, ended: threading.Event) -> None:
    interval = settings.GENERATION_LEASE.total_seconds() / 4
    try:
        while not ended.wait(interval):
            if not held_step(claim).update(lease_expires_at=lease_end(timezone.now())):
                return
    except DatabaseError:
        # The step goes on without a keeper; if its lease runs out meanwhile, the next attempt is the one that counts.
        logger.exception("The lease of step %s could not be renewed.", claim.step_id)
    finally:
        connection.close()
