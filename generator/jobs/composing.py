"""The steps that write music. TensorFlow is loaded where a part is composed, and nowhere else."""

from typing import Any

from generator.engine.brief import Brief, parse_brief
from generator.engine.composing import parts
from generator.engine.composing.codec import decode_plan, encode_plan
from generator.engine.composing.editing import Edit, edit_part
from generator.engine.composing.roles import assign_roles
from generator.engine.plan import Piece, Plan
from generator.engine.score import Part
from generator.jobs.leases import Claim, ProgressReport
from generator.jobs.scores import read_piece
from generator.jobs.steps import complete_step
from generator.models import GenerationJob, GenerationStep


def write_plan(claim: Claim, report: ProgressReport) -> None:
    from generator.engine import conductor

    complete_step(claim, output=encode_plan(conductor.write_plan(read_brief(claim))))


def compose_part(claim: Claim, report: ProgressReport) -> None:
    brief = read_brief(claim)
    found = find_edit(claim)
    if found is not None:
        origin, edit = found
        lead = _read_lead(claim) if claim.kind == GenerationStep.Kind.PART else None
        changed = edit_part(brief, origin, edit, instrument=claim.instrument, lead=lead, on_progress=report)
        complete_step(claim, output=changed.to_json())
        return
    result = parts.compose_part(
        brief,
        read_plan(claim),
        instrument=claim.instrument,
        role=assign_roles(brief)[claim.instrument],
        lead=_read_lead(claim) if claim.kind == GenerationStep.Kind.PART else None,
        on_progress=report,
    )
    complete_step(claim, output=result.to_json())


def find_edit(claim: Claim) -> tuple[Piece, Edit] | None:
    """The piece that the job changes, and how; None for a job that makes a piece of its own."""
    job = GenerationJob.objects.select_related("origin").get(pk=claim.job_id)
    if job.origin is None:
        return None
    return read_piece(job.origin), Edit.from_json(job.edit)


def read_brief(claim: Claim) -> Brief:
    return parse_brief(GenerationJob.objects.values_list("brief", flat=True).get(pk=claim.job_id))


def read_plan(claim: Claim) -> Plan:
    return decode_plan(_outputs(claim, kind=GenerationStep.Kind.PLAN)[0])


def read_parts(claim: Claim) -> list[parts.PartResult]:
    """Every instrument's part, the lead first."""
    outputs = [
        *_outputs(claim, kind=GenerationStep.Kind.LEAD),
        *_outputs(claim, kind=GenerationStep.Kind.PART),
    ]
    return [parts.PartResult.from_json(output) for output in outputs]


def _read_lead(claim: Claim) -> Part | None:
    leads = _outputs(claim, kind=GenerationStep.Kind.LEAD)
    return parts.PartResult.from_json(leads[0]).part if leads else None


def _outputs(claim: Claim, *, kind: str) -> list[dict[str, Any]]:
    steps = GenerationStep.objects.filter(job_id=claim.job_id, kind=kind, status=GenerationStep.Status.DONE)
    return [step.output for step in steps.order_by("pk") if step.output is not None]
