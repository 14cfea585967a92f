"""Writes to jobs: asked for, canceled, tried again, moved to another company."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts.models import Company, User
from generator.engine.brief import Brief, InvalidBriefs, parse_brief
from generator.engine.composing.roles import assign_roles
from generator.engine.network.store import available_instruments
from generator.engine.plan import Role
from generator.jobs.sending import send_job_on_commit, send_step_on_commit
from generator.jobs.steps import end_job, make_due
from generator.limits import refuse_crowd, refuse_second_visit
from generator.models import GenerationJob, GenerationStep
from marketplace.errors import ConflictError, InvalidInputError


def read_brief(values: Mapping[str, Any]) -> Brief:
    """A brief that can be composed here and now. Raises InvalidInputError with a message for each field at fault."""
    try:
        brief = parse_brief(values)
    except InvalidBriefs as error:
        fields = {name: [message] for name, message in error.fields.items()}
        raise InvalidInputError(str(error), code="invalid_brief", fields=fields) from error
    return _keep_playable(brief, is_chosen=values.get("instruments") not in _ANY_INSTRUMENTS)


_ANY_INSTRUMENTS = ("all", "random", ["all"], ["random"])


def _keep_playable(brief: Brief, *, is_chosen: bool) -> Brief:
    """Instruments without a trained network are refused by name; where the choice was ours, they are left out."""
    playable = available_instruments()
    kept = tuple(slug for slug in brief.instruments if slug in playable)
    if kept == brief.instruments or (kept and not is_chosen):
        return replace(brief, instruments=kept)
    missing = ", ".join(slug for slug in brief.instruments if slug not in playable)
    message = f"instruments: {missing} cannot be played here yet. Choose among: {', '.join(playable) or 'none'}."
    raise InvalidInputError(message, code="invalid_brief", fields={"instruments": [message]})


def request_generation(*, company: Company, user: User | None, brief: Mapping[str, Any]) -> GenerationJob:
    """A queued job with its steps; workers hear of it on commit. A visitor's company gets one track."""
    checked = read_brief(brief)
    with transaction.atomic():
        company = Company.objects.select_for_update().get(pk=company.pk)  # two requests at once are counted in turn
        refuse_second_visit(company)
        refuse_crowd(company)
        return create_job(company=company, user=user, brief=checked, chosen=_list_chosen(brief))


def _list_chosen(values: Mapping[str, Any]) -> list[str]:
    """Fields that a person settled. Instruments that the seed drew were nobody's choice."""
    settled = (name for name, value in values.items() if value not in (None, ""))
    return sorted(name for name in settled if name != "instruments" or values[name] not in _ANY_INSTRUMENTS)


def create_job(
    *,
    company: Company,
    user: User | None,
    brief: Brief,
    chosen: list[str] | None = None,
    is_for_catalogue: bool = False,
    drive: GenerationJob.Drive = GenerationJob.Drive.CANVAS,
) -> GenerationJob:
    """The job and its steps in one transaction, sent on commit unless the caller drives them."""
    with transaction.atomic():
        job = GenerationJob.objects.create(
            company=company,
            user=user,
            brief=brief.to_json(),
            chosen=chosen or [],
            is_for_catalogue=is_for_catalogue,
            drive=drive,
        )
        GenerationStep.objects.bulk_create(_list_steps(job, brief=brief))
        make_due(job)
        if drive != GenerationJob.Drive.CALLER:
            send_job_on_commit(job)
    return job


def _list_steps(job: GenerationJob, *, brief: Brief) -> list[GenerationStep]:
    kinds = GenerationStep.Kind
    roles = assign_roles(brief)
    return [
        GenerationStep(job=job, kind=kinds.PLAN),
        *(
            GenerationStep(job=job, kind=kinds.LEAD if role is Role.LEAD else kinds.PART, instrument=slug)
            for slug, role in roles.items()
        ),
        GenerationStep(job=job, kind=kinds.FINISH),
        GenerationStep(job=job, kind=kinds.FILES),
    ]


def cancel_generation(*, job: GenerationJob) -> GenerationJob:
    """Ends the job at once; a worker in the middle of it finds out at its next word. Again is no error."""
    with transaction.atomic():
        locked = GenerationJob.objects.select_for_update().get(pk=job.pk)
        if locked.track_id:
            message = "The track of this job is registered already; there is nothing left to cancel."
            raise ConflictError(message, code="already_finished")
        if locked.status in GenerationJob.ACTIVE:
            end_job(locked, status=GenerationJob.Status.CANCELED)
        elif locked.status != GenerationJob.Status.CANCELED:
            message = f"This job has {locked.status} already; there is nothing left to cancel."
            raise ConflictError(message, code="already_finished")
    return locked


def retry_generation(*, job: GenerationJob) -> GenerationJob:
    """A failed job goes on where it failed, with fresh attempts; what it had finished is kept."""
    with transaction.atomic():
        locked = GenerationJob.objects.select_for_update().get(pk=job.pk)
        if locked.status != GenerationJob.Status.FAILED:
            raise ConflictError(
                f"Only a failed job can be tried again; this one is {locked.status}.", code="not_failed"
            )
        locked.steps.exclude(status=GenerationStep.Status.DONE).update(
            status=GenerationStep.Status.WAITING, attempt=0, progress=0, error="", lease_expires_at=None
        )
        locked.status, locked.error, locked.finished_at = GenerationJob.Status.QUEUED, "", None
        locked.drive = GenerationJob.Drive.STEPS
        locked.save(update_fields=["status", "error", "finished_at", "drive"])
        for step in make_due(locked):
            send_step_on_commit(step)
    return locked


def move_jobs(*, source: Company, target: Company) -> int:
    """A visitor's jobs join the company that the visitor logged in to."""
    return GenerationJob.objects.filter(company=source).update(company=target)
