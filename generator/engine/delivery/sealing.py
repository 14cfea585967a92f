"""Credentials of a pack's files, and what is kept of them.

No two signings of a file are the same: identifiers and salts are drawn at random. So what the first one put around the
sound is kept, and put back when the same file is made again.
"""

import base64
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from generator.engine.audio.credentials import CREDENTIAL_TYPES, FileSigner
from generator.engine.audio.tags import Tags

_BLOCK = 1 << 18
"""Bytes compared at a time: few enough for the C library's own heap."""


@dataclass(frozen=True, slots=True)
class KeptSignature:
    """signed = head + unsigned[skipped:] + tail. Digests are SHA-256 in hex, bytes base64: it is stored as JSON."""

    unsigned_sha256: str
    signed_sha256: str
    head: str
    skipped: int
    tail: str


class Sealer:
    """Puts a credential into each WAV and MP3 file of a pack: the one that was kept where it fits, else a fresh one."""

    def __init__(self, sign: FileSigner, *, kept: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`kept` is what `to_json` of an earlier build of the same pack gave."""
        self._sign = sign
        self._kept = {name: KeptSignature(**fields) for name, fields in (kept or {}).items()}
        self._used: dict[str, KeptSignature] = {}
        self._turn = threading.Lock()  # the library holds a file several times over while it signs it

    def __call__(self, data: bytes, name: str, tags: Tags) -> bytes:
        """The finished file `name` of the pack with its credential. Safe to call from several threads, which wait for
        each other."""
        suffix = PurePath(name).suffix
        if suffix not in CREDENTIAL_TYPES:
            return data
        with self._turn:
            kept = self._kept.get(name)
            signed = _put_back(data, kept) if kept else None
            if kept is None or signed is None:
                signed = self._sign(data, suffix, tags)
                kept = _keep(data, signed)
            self._used[name] = kept
        return signed

    def to_json(self) -> dict[str, dict[str, Any]]:
        """What to keep with the pack's record, by the names of its files: some 5 kB each."""
        return {name: asdict(kept) for name, kept in sorted(self._used.items())}


def _keep(unsigned: bytes, signed: bytes) -> KeptSignature:
    """The least that there is to keep: WAV gets a chunk at its end and a new length in front, MP3 a longer tag."""
    after = max(len(signed) - len(unsigned), 0)
    cuts = []
    for body in {len(signed), len(signed) - after}:
        shared = _count_shared(memoryview(unsigned), memoryview(signed)[:body])
        cuts.append((signed[: body - shared], len(unsigned) - shared, signed[body:]))
    head, skipped, tail = min(cuts, key=lambda cut: len(cut[0]) + len(cut[2]))
    return KeptSignature(
        unsigned_sha256=_digest(unsigned),
        signed_sha256=_digest(signed),
        head=base64.b64encode(head).decode(),
        skipped=skipped,
        tail=base64.b64encode(tail).decode(),
    )


def _count_shared(first: memoryview, second: memoryview) -> int:
    """How many bytes at the end of both are the same. In blocks: a comparison of all would be as large again."""
    most, shared = min(len(first), len(second)), 0
    while shared < most:
        size = min(_BLOCK, most - shared)
        left, right = (side[len(side) - shared - size : len(side) - shared] for side in (first, second))
        differs = np.frombuffer(left, np.uint8) != np.frombuffer(right, np.uint8)
        if differs.any():
            return shared + int(np.argmax(differs[::-1]))
        shared += size
    return most


def _put_back(unsigned: bytes, kept: KeptSignature) -> bytes | None:
    """None where this is not the file that was signed, or what was kept of it is damaged."""
    if _digest(unsigned) != kept.unsigned_sha256:
        return None
    signed = b"".join((base64.b64decode(kept.head), memoryview(unsigned)[kept.skipped :], base64.b64decode(kept.tail)))
    return signed if _digest(signed) == kept.signed_sha256 else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
