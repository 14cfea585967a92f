"""The delivery packs of sold tracks, as files. Who builds them is not known here."""

import logging
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.db.transaction import atomic

from marketplace.catalog.models import Track, TrackFile
from marketplace.rights.filing import NewFile, filed_in_storage

logger = logging.getLogger(__name__)

PACK_NAME = "pack.zip"
_CONTENT_TYPE = "application/zip"


def tracks_without_pack() -> QuerySet[Track]:
    """Sold tracks whose pack is not there: not yet, or no more. Longest registered first."""
    return (
        Track.objects.filter(family__sold_at__isnull=False).exclude(files__name=PACK_NAME).order_by("created_at", "pk")
    )


def file_pack(track: Track, *, path: Path, conclude: Callable[[], None]) -> TrackFile:
    """Stores a pack as a file of its track, for its owner to download. One that is there already is replaced.

    `conclude` runs in the transaction that adds the file; if it raises, nothing is stored.
    """
    former = track.files.filter(name=PACK_NAME).first()
    with filed_in_storage([NewFile(name=PACK_NAME, path=path, content_type=_CONTENT_TYPE)]) as (stored,), atomic():
        conclude()
        facts = {"storage_name": stored.storage_name, "size": stored.size, "sha256": stored.sha256}
        file, _ = TrackFile.objects.update_or_create(
            track=track, name=PACK_NAME, defaults={**facts, "content_type": _CONTENT_TYPE}
        )
    if former is not None:
        default_storage.delete(former.storage_name)
    return file


def forget_lost_pack(file: TrackFile) -> bool:
    """A pack that storage has lost is struck off the track's files, so that it is built again. True if it was."""
    if file.name != PACK_NAME or _is_stored(file):
        return False
    file.delete()
    return True


def _is_stored(file: TrackFile) -> bool:
    """S3 that does not answer, or does not let us ask, has lost nothing as far as we know."""
    try:
        return bool(default_storage.exists(file.storage_name))
    except (BotoCoreError, ClientError) as error:
        logger.warning("Whether %s is stored cannot be told: %s", file.storage_name, error)
        return True
