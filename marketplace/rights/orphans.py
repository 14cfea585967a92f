"""Stored files that no row names: whoever was killed between storing them and registering their track left them."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from marketplace.catalog.models import TrackFile
from marketplace.rights.filing import FOLDER

logger = logging.getLogger(__name__)

LEAST_AGE = timedelta(days=1)
"""Younger files may be about to be registered: no step and no pack takes nearly as long."""


def list_orphans() -> dict[str, list[str]]:
    """Files by folder. Every filing has a fresh folder of its own, so all of one are named or none.

    The folders are read before the rows: what is registered meanwhile is seen among these.
    """
    found = _list_folder(FOLDER)[0]
    names = TrackFile.objects.values_list("storage_name", flat=True).iterator()
    registered = {name.rpartition("/")[0].removeprefix(f"{FOLDER}/").partition("/")[0] for name in names}
    listed = {folder: list(_walk(f"{FOLDER}/{folder}")) for folder in found if folder not in registered}
    latest = timezone.now() - LEAST_AGE
    return {
        folder: files
        for folder, files in listed.items()
        if files and all(default_storage.get_modified_time(name) < latest for name in files)
    }


def remove_orphans() -> int:
    """Removes them with their folders. Returns how many files went."""
    orphans = list_orphans()
    for folder, files in orphans.items():
        for name in files:
            default_storage.delete(name)
        for emptied in sorted({name.rpartition("/")[0] for name in files} | {f"{FOLDER}/{folder}"}, reverse=True):
            default_storage.delete(emptied)  # where folders are more than a name's beginning
        logger.warning("%s files in %s/%s belonged to no track and were removed.", len(files), FOLDER, folder)
    return sum(len(files) for files in orphans.values())


def _walk(folder: str) -> Iterator[str]:
    folders, files = _list_folder(folder)
    yield from (f"{folder}/{name}" for name in files)
    for inner in folders:
        yield from _walk(f"{folder}/{inner}")


def _list_folder(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was stored yet, or somebody else removed it
        return [], []
