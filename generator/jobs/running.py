"""Running one step: claim it, work on it, and whatever happens leave a row that says so."""

import logging
from collections.abc import Callable
from uuid import UUID

from generator.engine.errors import EngineError, ModelError
from generator.jobs.composing import compose_part, write_plan
from generator.jobs.leases import Claim, ProgressReport, StepLostError, claim_step, keep_lease
from generator.jobs.rendering import finish_track, write_files
from generator.jobs.steps import describe_step, fail_step, retry_step
from generator.models import GenerationStep
from marketplace.errors import AppError

logger = logging.getLogger(__name__)

Work = Callable[[Claim, ProgressReport], None]
"""Does a claimed step and completes it. Anything it raises ends the attempt."""

_WORK: dict[str, Work] = {
    GenerationStep.Kind.PLAN: write_plan,
    GenerationStep.Kind.LEAD: compose_part,
    GenerationStep.Kind.PART: compose_part,
    GenerationStep.Kind.FINISH: finish_track,
    GenerationStep.Kind.FILES: write_files,
}


def run_step(*, job_id: UUID, kind: str, instrument: str = "", work: Work | None = None) -> None:
    """One attempt at the step. Does nothing when it is not due, in other hands, or done. Raises nothing."""
    claim = claim_step(job_id=job_id, kind=kind, instrument=instrument)
    if claim is None:
        logger.debug("Nothing to do for %s %s of job %s.", kind, instrument, job_id)
        return
    try:
        with keep_lease(claim):
            (work or _WORK[kind])(claim, ProgressReport(claim))
    except StepLostError:
        logger.info("%s of job %s was canceled or given to another worker.", describe_step(claim), job_id)
    except (EngineError, AppError) as error:
        _note_refusal(claim, error)
    except Exception:  # whatever went wrong, the row must not stay running
        logger.exception("%s of job %s broke at attempt %s.", describe_step(claim), job_id, claim.attempt)
        retry_step(claim, reason="Something went wrong on our side. Nothing was charged; try again.")


def _note_refusal(claim: Claim, error: EngineError | AppError) -> None:
    is_transient = error.transient if isinstance(error, EngineError) else error.status >= 500
    if is_transient:
        retry_step(claim, reason=str(error))
    elif isinstance(error, ModelError):  # names folders and commands: the operator's business
        reason = f"{describe_step(claim)} was not possible: its network is damaged. Nothing was charged; tell us."
        fail_step(claim, reason=reason, detail=str(error))
    else:
        fail_step(claim, reason=f"{describe_step(claim)} was not possible. {error}")
