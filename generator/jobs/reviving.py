"""Jobs whose track can be heard but not bought, for its files could not be written: tried afresh, later each time."""

import logging
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from generator.models import GenerationJob
from generator.services import retry_generation
from marketplace.catalog.models import Track
from marketplace.errors import ConflictError

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
"""Doubles with each time: by then the disk may have room, the storage be back, or a fix been deployed."""
_BATCH = 50


def stuck_jobs() -> QuerySet[GenerationJob]:
    """Failed though their track is registered. Of a track that was withdrawn nobody waits for the files."""
    failed = GenerationJob.objects.filter(status=GenerationJob.Status.FAILED, track__is_complete=False)
    return failed.exclude(track__publication=Track.Publication.WITHDRAWN).order_by("finished_at")


def next_try(job: GenerationJob) -> datetime | None:
    """When a stuck job is tried afresh; None for any other."""
    if job.finished_at is None or job.track is None or job.track.is_complete:
        return None
    doubled: timedelta = FIRST_PAUSE * 2 ** min(job.revivals, 10)
    ended: datetime = job.finished_at
    return ended + min(doubled, LONGEST_PAUSE)


def revive_jobs() -> int:
    """Sends the stuck jobs whose pause is over back to work. Returns how many."""
    now = timezone.now()
    due = [job for job in stuck_jobs().select_related("track")[:_BATCH] if (at := next_try(job)) and at <= now]
    return sum(_revive(job) for job in due)


def _revive(job: GenerationJob) -> bool:
    try:
        retry_generation(job=job)
    except ConflictError:
        return False  # another sweep, or a person, was faster
    GenerationJob.objects.filter(pk=job.pk).update(revivals=F("revivals") + 1)
    logger.info("%s is tried afresh: its track can be heard but not bought.", job)
    return True
