"""Asking for an edit: a finished track of the company's, some parts kept and others written anew, as its own job."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Company, User
from generator.engine.brief import MAX_SEED, Brief, InvalidBriefs, parse_brief
from generator.engine.composing.codec import encode_part
from generator.engine.composing.editing import Edit, parse_edit
from generator.engine.plan import Piece, Role
from generator.engine.score import TICKS_PER_QUARTER
from generator.jobs.scores import read_piece
from generator.jobs.sending import send_step_on_commit
from generator.jobs.steps import make_due
from generator.limits import refuse_crowd, refuse_second_visit
from generator.models import GenerationJob, GenerationStep
from marketplace.catalog.models import Track
from marketplace.catalog.queries import visible_track
from marketplace.errors import ConflictError, InvalidInputError, NotFoundError
from marketplace.rights.originality import check_origin

_UNSAID: tuple[object, ...] = (None, "", [], ())
"""What a field holds that nobody filled in; a seed of 0 was chosen."""


def find_editable(*, track_id: object, company: Company | None) -> Track:
    """A track that the company can see, by its id. Raises NotFoundError."""
    try:
        return visible_track(track_id=UUID(str(track_id)), company=company)
    except ValueError:
        raise NotFoundError("There is no such track. Give the id of one of your company's tracks.") from None


def find_origin(track: Track) -> GenerationJob:
    """The job that made a track. Raises ConflictError for one that no job of ours made."""
    job = GenerationJob.objects.filter(track=track).first()
    if job is None:
        raise ConflictError("This track was not made from a brief here, so it cannot be changed.", code="not_editable")
    return job


def request_edit(*, company: Company, user: User | None, track: Track, values: Mapping[str, Any]) -> GenerationJob:
    """A queued job that changes a track. Raises InvalidInputError by field, ConflictError for a track that is not the
    company's to change, and the refusals of any generation."""
    check_origin(track, company)
    made_by, piece = find_origin(track), read_piece(track)
    brief, edit = _read_edit(values, brief=parse_brief(made_by.brief), piece=piece)
    with transaction.atomic():
        company = Company.objects.select_for_update().get(pk=company.pk)
        refuse_second_visit(company)
        refuse_crowd(company)
        job = GenerationJob.objects.create(
            company=company,
            user=user,
            brief=brief.to_json(),
            chosen=sorted(name for name in ("keep", "bars", "seed") if values.get(name) not in _UNSAID),
            origin=track,
            edit=edit.to_json(),
            drive=GenerationJob.Drive.STEPS,
        )
        GenerationStep.objects.bulk_create(_list_steps(job, made_by=made_by, piece=piece, edit=edit))
        for step in make_due(job):
            send_step_on_commit(step)
    return job


def _read_edit(values: Mapping[str, Any], *, brief: Brief, piece: Piece) -> tuple[Brief, Edit]:
    seed = values.get("seed")
    fresh = secrets.randbelow(MAX_SEED + 1) if seed in (None, "") else seed
    try:
        edit = parse_edit(values, instruments=brief.instruments, bars=piece.plan.bars)
        checked = parse_brief({**brief.to_json(), "seed": fresh})
    except InvalidBriefs as error:
        fields = {name: [message] for name, message in error.fields.items()}
        raise InvalidInputError(str(error), code="invalid_edit", fields=fields) from error
    return replace(brief, seed=checked.seed), edit


def _list_steps(job: GenerationJob, *, made_by: GenerationJob, piece: Piece, edit: Edit) -> list[GenerationStep]:
    """The steps of a job, those done already whose outcome is kept."""
    kinds = GenerationStep.Kind
    plan = made_by.steps.get(kind=kinds.PLAN)
    steps = [_done(job, kind=kinds.PLAN, output=plan.output)]
    for part in piece.parts:
        kind = kinds.LEAD if part.role == Role.LEAD else kinds.PART
        if part.instrument in edit.keep:
            before = made_by.steps.get(kind=kind, instrument=part.instrument).output or {}
            output = {**before, "part": encode_part(part)}
            steps.append(_done(job, kind=kind, instrument=part.instrument, output=output))
        else:
            steps.append(GenerationStep(job=job, kind=kind, instrument=part.instrument))
    return [*steps, *(GenerationStep(job=job, kind=kind) for kind in (kinds.FINISH, kinds.FILES))]


def _done(job: GenerationJob, *, kind: str, output: Any, instrument: str = "") -> GenerationStep:
    return GenerationStep(
        job=job,
        kind=kind,
        instrument=instrument,
        output=output,
        status=GenerationStep.Status.DONE,
        progress=100,
        finished_at=timezone.now(),
    )


def list_sections(track: Track) -> list[dict[str, Any]]:
    """The form of a track, for somebody who looks for the bars to change: name, bars from 1, seconds."""
    plan = read_piece(track).plan
    per_bar = plan.metre.bar_ticks / TICKS_PER_QUARTER * 60 / plan.tempo
    return [
        {
            "name": section.name,
            "first": section.start_bar + 1,
            "last": section.start_bar + section.bars,
            "start": round(section.start_bar * per_bar, 1),
        }
        for section in plan.sections
    ]
