"""Starting a job over from another seed, because its music is too close to some that is registered."""

import logging
from hashlib import sha256

from django.db import transaction

from generator.engine.brief import MAX_SEED
from generator.jobs.leases import Claim, StepLostError, held_step, lock_active_job
from generator.jobs.sending import send_step_on_commit
from generator.jobs.steps import make_due
from generator.models import GenerationJob, GenerationStep

logger = logging.getLogger(__name__)

MOST_REDRAWS = 3


def redraw_job(claim: Claim, *, reason: str) -> bool:
    """Sends the job back to its plan under a seed derived from the refused one. False when a person asked for this very
    seed, for an edit, or when enough have been tried: then the job fails with the reason.

    The seeds refused so far stay with the job, and go into the recipe. Raises StepLostError if the claim is lost.
    """
    with transaction.atomic():
        job = lock_active_job(claim.job_id)
        if job is None or not held_step(claim).exists():
            raise StepLostError
        if "seed" in job.chosen or job.origin_id or len(job.refused_seeds) >= MOST_REDRAWS:
            return False
        job.refused_seeds.append({"seed": job.brief["seed"], "reason": reason})
        job.brief["seed"] = derive_seed(job.brief["seed"])
        if job.drive == GenerationJob.Drive.CANVAS:
            job.drive = GenerationJob.Drive.STEPS
        job.save(update_fields=["refused_seeds", "brief", "drive"])
        _start_over(job)
    logger.info("Job %s starts over from seed %s: %s", job.pk, job.brief["seed"], reason)
    return True


def derive_seed(seed: int) -> int:
    """Of the refused seed alone, so that the same brief ends with the same music wherever the same is registered."""
    digest = sha256(f"redraw/{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (MAX_SEED + 1)


def _start_over(job: GenerationJob) -> None:
    """Fresh rows: whoever still works on an old one finds it gone, and writes no music of the old seed into the new."""
    old = list(job.steps.order_by("pk"))
    job.steps.all().delete()
    fresh = [GenerationStep(job=job, kind=step.kind, instrument=step.instrument) for step in old]
    GenerationStep.objects.bulk_create(fresh)
    for step in make_due(job):
        if job.drive != GenerationJob.Drive.CALLER:
            send_step_on_commit(step)
