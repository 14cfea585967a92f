"""Brings a new track's files into private storage."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import default_storage

from marketplace.errors import InvalidInputError, UnavailableError

FOLDER = "tracks"
"""In storage. Each filing has a fresh folder in it."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,59}(/[A-Za-z0-9][\w.-]{0,59})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file on this machine that becomes a track's. `name` is what its owner will ask for: 'parts/piano.mid'."""

    name: str
    path: Path
    content_type: str
    is_preview: bool = False
    variant: Path | None = None
    """Of a preview: the second variant of it."""
    layout: Mapping[str, Any] = field(default_factory=dict)
    whole_size: int | None = None
    """Of a preview, of which the opening alone may be there: how large it is when it is whole."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    source: NewFile
    storage_name: str
    size: int
    sha256: str
    variant_storage_name: str = ""
    ready: int | None = None
    """Bytes that are there, where more are to come."""


@contextmanager
def filed_in_storage(files: Sequence[NewFile]) -> Iterator[list[StoredFile]]:
    """Stores the files under a fresh folder; if the block fails, they are removed again."""
    _check_names(files)
    folder = f"{FOLDER}/{uuid4()}"
    begun: list[str] = []
    try:
        stored = [_store(file, folder=folder, begun=begun) for file in files]
        yield stored
    except BaseException:
        for name in begun:  # a disk that fills up leaves half of the last one
            default_storage.delete(name)
        raise


def _check_names(files: Sequence[NewFile]) -> None:
    names = [file.name for file in files]
    faults = [f"{name!r} is not a file name." for name in names if not _NAME.fullmatch(name)]
    faults += [f"{name!r} is given twice." for name in sorted({name for name in names if names.count(name) > 1})]
    if faults:
        raise InvalidInputError("Nothing was registered: " + " ".join(faults), fields={"files": faults})


def _store(file: NewFile, *, folder: str, begun: list[str]) -> StoredFile:
    with file.path.open("rb") as source:
        digest = file_digest(source, "sha256").hexdigest()
        size = source.tell()
    storage_name = _save(file.path, name=f"{folder}/{file.name}", begun=begun)
    variant = _save(file.variant, name=f"{folder}/{file.variant.name}", begun=begun) if file.variant else ""
    return StoredFile(
        source=file,
        storage_name=storage_name,
        size=file.whole_size or size,
        sha256=digest,
        variant_storage_name=variant,
        ready=size if file.whole_size and file.whole_size > size else None,
    )


def _save(path: Path, *, name: str, begun: list[str]) -> str:
    """Under that very name: the folder is fresh. Raises UnavailableError where the storage has no room, or is away."""
    begun.append(name)
    with path.open("rb") as source:
        try:
            return default_storage.save(name, File(source))
        except (OSError, BotoCoreError, ClientError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            message = f"{path.name} could not be stored ({reason}). Nothing was kept of it; it can be tried again."
            raise UnavailableError(message, code="storage_unavailable") from error
