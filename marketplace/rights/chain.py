"""The hash chain over the register: what a line's digest is made of. Plain data, no database.

`docs/verify_offline.py` computes the same with the standard library alone; `docs/rights.md` describes the format.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first line holds as the digest of the line before it."""

Content = Mapping[str, Any]
"""A line's content: JSON values, see `register.describe_entry`."""


def write_canonical(value: object) -> bytes:
    """The one way to write a value as JSON: keys in order, no spaces, UTF-8, no floats that print differently."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest_line(content: Content, *, previous: str) -> str:
    """SHA-256 of the previous line's digest, a line feed, and the content."""
    return hashlib.sha256(previous.encode() + b"\n" + write_canonical(content)).hexdigest()


def write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True)
class Line:
    content: Content
    previous: str
    digest: str


def find_faults(lines: Iterable[Line], *, signed: Mapping[int, str]) -> Iterator[str]:
    """What was tampered with, and at which line. `lines` come in the order of their positions.

    `signed` maps a position to the digest that was signed for it: whoever rewrites every line from some point on makes
    a chain that fits together, but not one that fits these. The largest position is where the register has to end.
    """
    position, previous = 0, GENESIS
    for line in lines:
        found = line.content["position"]
        if found != position + 1:
            yield f"Line {position + 1} is missing: line {found} comes after line {position}."
        elif line.previous != previous:
            yield f"Line {found} does not continue line {position}: one of the two was replaced."
        if digest_line(line.content, previous=line.previous) != line.digest:
            yield f"Line {found} was changed after it was written: its digest does not fit its content."
        if signed.get(found, line.digest) != line.digest:
            yield f"Line {found} is not the one that was signed: it, or a line before it, was rewritten."
        position, previous = found, line.digest
    if position < max(signed, default=0):
        yield f"Lines are missing at the end: the last is {position}, but line {max(signed)} was signed."
