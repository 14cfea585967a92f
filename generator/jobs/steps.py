"""How a step ends: done, to be tried again, or failed with its job. An end is one transaction under the job's lock."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generator.engine.brief import parse_brief
from generator.engine.composing.roles import assign_roles, list_unhearing
from generator.jobs.leases import Claim, StepLostError, held_step, lease_end, lock_active_job
from generator.jobs.sending import send_canvas_on_commit, send_step_on_commit
from generator.models import GenerationJob, GenerationStep
from marketplace.catalog.models import Track

logger = logging.getLogger(__name__)
alerts = logging.getLogger("generator.alerts")

_ORDER = tuple(GenerationStep.Kind)
_UNFINISHED = (GenerationStep.Status.WAITING, GenerationStep.Status.RUNNING)


def complete_step(
    claim: Claim, *, output: dict[str, Any], conclude: Callable[[GenerationJob], Track] | None = None
) -> None:
    """Writes the step's output once, and makes the next steps due; the last one ends the job.

    `conclude` is what else has to be done in the same transaction; it returns the job's track.

    Raises StepLostError, with nothing written, when the claim no longer holds.
    """
    with transaction.atomic():
        job = lock_active_job(claim.job_id)
        ended = {"status": GenerationStep.Status.DONE, "progress": 100, "lease_expires_at": None, "error": ""}
        if job is None or not held_step(claim).update(output=output, finished_at=timezone.now(), **ended):
            raise StepLostError
        if conclude is not None:
            job.track = conclude(job)
            job.save(update_fields=["track"])
        if claim.kind == _ORDER[-1]:
            end_job(job, status=GenerationJob.Status.SUCCEEDED)
        else:
            _wake_next_steps(job, after=claim)


def make_due(job: GenerationJob) -> list[GenerationStep]:
    """Gives the steps whose turn has come a lease: until then, a message for them is expected to arrive. The lead's
    turn is also that of the parts that do not hear it."""
    open_steps = job.steps.exclude(status=GenerationStep.Status.DONE).defer("output")
    by_kind: dict[str, list[GenerationStep]] = {}
    for step in open_steps.order_by("pk"):
        by_kind.setdefault(step.kind, []).append(step)
    kind = next(kind for kind in _ORDER if kind in by_kind)
    turn = [*by_kind[kind]]
    if kind == GenerationStep.Kind.LEAD:
        early = _list_early(job)
        turn += [step for step in by_kind.get(GenerationStep.Kind.PART, ()) if step.instrument in early]
    due = [step for step in turn if step.status == GenerationStep.Status.WAITING and step.lease_expires_at is None]
    for step in due:
        step.lease_expires_at = lease_end(timezone.now())
        step.save(update_fields=["lease_expires_at"])
    return due


def _list_early(job: GenerationJob) -> tuple[str, ...]:
    """Instruments whose parts are written while the lead is: they would not hear it."""
    return list_unhearing(assign_roles(parse_brief(job.brief)))


def _wake_next_steps(job: GenerationJob, *, after: Claim) -> None:
    """The plan sends the canvas of the steps up to the finish, which then carries on by itself, and beside it the parts
    that need not wait for the lead. Such a part may end after the chord has ticked it off: then it sends the finish."""
    due = make_due(job)
    if job.drive == GenerationJob.Drive.CALLER:
        return
    if job.drive == GenerationJob.Drive.CANVAS and after.kind == GenerationStep.Kind.PLAN:
        send_canvas_on_commit(job)
        due = [step for step in due if step.kind != due[0].kind]
    elif job.drive == GenerationJob.Drive.CANVAS and not _is_outside_canvas(job, after):
        return
    for step in due:
        send_step_on_commit(step)


def _is_outside_canvas(job: GenerationJob, step: Claim) -> bool:
    return step.kind == GenerationStep.Kind.FINISH or step.instrument in _list_early(job)


def retry_step(claim: Claim, *, reason: str) -> None:
    """Leaves the step to the sweep, a little later each time; the last attempt fails the job."""
    if claim.attempt >= settings.GENERATION_MAX_ATTEMPTS:
        fail_step(claim, reason=f"{describe_step(claim)} failed {claim.attempt} times, so we stopped. {reason}")
        return
    held_step(claim).update(
        status=GenerationStep.Status.WAITING,
        error=reason[:500],
        lease_expires_at=timezone.now() + timedelta(seconds=2**claim.attempt),
    )


def fail_step(claim: Claim, *, reason: str, detail: str = "") -> None:
    """The step and its job fail for good. `reason` is for the business to read, `detail` for the operator."""
    with transaction.atomic():
        job = lock_active_job(claim.job_id)
        ended = {"status": GenerationStep.Status.FAILED, "lease_expires_at": None, "finished_at": timezone.now()}
        if job is None or not held_step(claim).update(error=(detail or reason)[:500], **ended):
            return
        end_job(job, status=GenerationJob.Status.FAILED, error=reason)
    logger.warning("%s of job %s failed: %s", describe_step(claim), claim.job_id, detail or reason)


def end_job(job: GenerationJob, *, status: GenerationJob.Status, error: str = "") -> None:
    """Ends a locked job. What it had not finished is canceled: no step outlives its job."""
    job.steps.filter(status__in=_UNFINISHED).update(status=GenerationStep.Status.CANCELED, lease_expires_at=None)
    job.status, job.error, job.finished_at = status, error[:500], timezone.now()
    job.save(update_fields=["status", "error", "finished_at"])
    if status == GenerationJob.Status.FAILED and job.track_id:
        alerts.error("Track %s can be heard but not bought: %s It is tried afresh.", job.track_id, error)


def describe_step(step: Claim | GenerationStep) -> str:
    if step.instrument:
        return f"Composing the {step.instrument}"
    return _NAMES[GenerationStep.Kind(step.kind)]


_NAMES = {
    GenerationStep.Kind.PLAN: "Planning the piece",
    GenerationStep.Kind.FINISH: "Rendering the preview",
    GenerationStep.Kind.FILES: "Writing the files",
}
