"""Previews are heard from their opening on: their rest comes when it is encoded. Who encodes it is not known here."""

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db.transaction import atomic

from marketplace.catalog.models import Track, TrackFile
from marketplace.rights.filing import NewFile, StoredFile, filed_in_storage


class _WholeAlreadyError(Exception):
    """Somebody else was first. What they brought is the same."""


def complete_preview(track: Track, *, file: NewFile) -> None:
    """Puts the whole preview in the place of its opening. Nothing is stored where it is whole already.

    Raises UnavailableError, with nothing changed, where the storage has no room or is away.
    """
    try:
        with filed_in_storage([file]) as (stored,):
            former = _replace_opening(track, stored)
    except _WholeAlreadyError:
        return
    for name in former:
        default_storage.delete(name)


@atomic
def _replace_opening(track: Track, stored: StoredFile) -> Iterable[str]:
    """Returns what stored the opening."""
    opening = TrackFile.objects.select_for_update().filter(track=track, is_preview=True, ready__isnull=False).first()
    if opening is None:
        raise _WholeAlreadyError
    former = opening.storage_name, opening.variant_storage_name
    opening.storage_name, opening.variant_storage_name = stored.storage_name, stored.variant_storage_name
    opening.layout, opening.size, opening.sha256 = dict(stored.source.layout), stored.size, stored.sha256
    opening.ready = None
    opening.save()
    return former
