"""Bytes of a stored file from a place on: no more of it is fetched than is asked for, wherever it is stored."""

from typing import Any, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import FileSystemStorage, default_storage

from marketplace.catalog.ranges import ByteRange

LOST = (FileNotFoundError, BotoCoreError, ClientError)
"""What `open_part` raises where the file cannot be had."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def open_part(storage_name: str, part: ByteRange) -> Readable:
    """Reads on from the part's first byte. S3 sends the part alone; of a file on a disk, the reader leaves the rest."""
    if isinstance(default_storage, FileSystemStorage):
        file: Any = default_storage.open(storage_name)
        file.seek(part.first)
        return cast(Readable, file)
    stored: Any = default_storage.open(storage_name)
    return cast(Readable, stored.obj.get(Range=f"bytes={part.first}-{part.last}")["Body"])
