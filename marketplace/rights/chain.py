"""The hash chain over the register: what a line's digest is made of. Plain data, no database.

`docs/verify_offline.py` computes the same with the standard library alone; `docs/rights.md` describes the format.
"""

import hashlib
import json
from collections.abc import Mapping
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
