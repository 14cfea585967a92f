"""The backstop: whatever was lost (a worker, a message, the broker's memory) is sent again, one step at a time."""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generator.jobs.leases import lease_end, lock_active_job
from generator.jobs.sending import send_step_on_commit
from generator.jobs.steps import describe_step, end_job
from generator.models import GenerationJob, GenerationStep

logger = logging.getLogger(__name__)

_OVERDUE = (GenerationStep.Status.WAITING, GenerationStep.Status.RUNNING)
_BATCH = 200


def sweep_jobs() -> int:
    """Sends every step whose lease has run out again. Returns how many."""
    overdue = GenerationStep.objects.filter(
        status__in=_OVERDUE, lease_expires_at__lte=timezone.now(), job__status__in=GenerationJob.ACTIVE
    )
    found = list(overdue.order_by("lease_expires_at").defer("output")[:_BATCH])
    return sum(_redrive_step(step) for step in found)


def _redrive_step(step: GenerationStep) -> bool:
    now = timezone.now()
    with transaction.atomic():
        job = lock_active_job(step.job_id)
        if job is None:
            return False
        if step.attempt >= settings.GENERATION_MAX_ATTEMPTS:
            return _give_up(job, step)
        overdue = GenerationStep.objects.filter(pk=step.pk, status__in=_OVERDUE, lease_expires_at__lte=now)
        if not overdue.update(status=GenerationStep.Status.WAITING, lease_expires_at=lease_end(now)):
            return False  # it moved on, or another sweep was faster
        job.drive = GenerationJob.Drive.STEPS
        job.save(update_fields=["drive"])
        send_step_on_commit(step)
    logger.info("%s of job %s is sent again.", describe_step(step), step.job_id)
    return True


def _give_up(job: GenerationJob, step: GenerationStep) -> bool:
    reason = (
        f"{describe_step(step)} was interrupted {step.attempt} times, so we stopped. Nothing was charged; try again."
    )
    lost = GenerationStep.objects.filter(
        pk=step.pk, status__in=_OVERDUE, attempt=step.attempt, lease_expires_at__lte=timezone.now()
    )
    ended = {"status": GenerationStep.Status.FAILED, "lease_expires_at": None, "finished_at": timezone.now()}
    if lost.update(error=reason[:500], **ended):
        end_job(job, status=GenerationJob.Status.FAILED, error=reason)
    return False
