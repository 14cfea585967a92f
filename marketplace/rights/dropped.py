"""A file that a stranger drops: read through once for its digest, its beginning kept in memory, nothing stored."""

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

KEPT = 2 * 1024 * 1024
"""Scores and certificates are smaller."""
KEPT_OF_SOUND = 24 * 1024 * 1024
"""A minute and a half of 24-bit WAV, to look for the mark in; of MP3 all that we may be sent."""

_NAMED_ID = re.compile(rb"OT[0-9]{2}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}")


@dataclass(frozen=True, kw_only=True)
class DroppedFile:
    name: str
    size: int
    sha256: str
    start: bytes
    """The first `KEPT` bytes, of sound `KEPT_OF_SOUND`: all of it, if it is small."""

    @property
    def is_whole(self) -> bool:
        return self.size == len(self.start)

    @property
    def kind(self) -> str:
        """'score', 'document', 'sound', 'pdf' or ''."""
        return kind_of(self.start)

    @property
    def mismatch(self) -> str:
        """What its name promises and its bytes do not keep; empty if there is nothing to say."""
        suffix = PurePath(self.name).suffix.lower()
        promised = _SUFFIXES.get(suffix)
        if promised is None or promised == self.kind:
            return ""
        return f"Its name ends in {suffix}, but inside it is {_KINDS.get(self.kind, 'something else')}."

    @property
    def named_id(self) -> str:
        """The copyright ID in its tags, if there is one. Anybody can write one there."""
        found = _NAMED_ID.search(self.start[:KEPT])
        return found[0].decode() if found else ""


_SUFFIXES = {
    **dict.fromkeys((".wav", ".flac", ".mp3", ".ogg"), "sound"),
    **dict.fromkeys((".mid", ".midi", ".mxl", ".musicxml", ".xml"), "score"),
    ".pdf": "pdf",
    **dict.fromkeys((".json", ".jsonl"), "document"),
}
_KINDS = {"sound": "a recording", "score": "a score", "pdf": "a PDF", "document": "JSON"}

_MPEG_STARTS = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")


def kind_of(content: bytes) -> str:
    """By its first bytes, whatever its name says."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:4] == b"MThd" or start[:2] == b"PK" or start[:1] == b"<":
        return "score"
    if start[:4] in (b"RIFF", b"fLaC", b"OggS") or start[:3] == b"ID3" or start[:2] in _MPEG_STARTS:
        return "sound"
    return "document" if start[:1] == b"{" else "pdf" if start[:5] == b"%PDF-" else ""


class DigestUploadHandler(FileUploadHandler):
    """Instead of keeping an upload in memory or on disk."""

    chunk_size = 256 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest, self.start = hashlib.sha256(), bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.digest.update(raw_data)
        if not self.start:
            self.kept = KEPT_OF_SOUND if kind_of(raw_data[:64]) == "sound" else KEPT
        self.start += raw_data[: max(self.kept - len(self.start), 0)]

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        file = InMemoryUploadedFile(BytesIO(), self.field_name, self.file_name, self.content_type, file_size, None)
        file.dropped = DroppedFile(  # type: ignore[attr-defined]
            name=self.file_name or "", size=file_size, sha256=self.digest.hexdigest(), start=bytes(self.start)
        )
        self.start = bytearray()
        return file
