"""HTTP byte ranges (RFC 9110, section 14): browsers seek in audio by asking for them."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    first: int
    last: int
    """Inclusive."""

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableRangeError(Exception):
    """The range lies outside the file: 416."""


def parse_range(header: str, *, size: int) -> ByteRange | None:
    """The one range asked for, cut to the file; None where the whole file is the right answer.

    That is so without a range, with one that is malformed, and with several (which a server may answer in full).
    """
    match = _SINGLE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return _suffix(int(last), size=size)
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError
    return ByteRange(start, end)


def _suffix(length: int, *, size: int) -> ByteRange:
    """The last bytes of the file, all of it when it is shorter."""
    if length == 0 or size == 0:
        raise UnsatisfiableRangeError
    return ByteRange(max(0, size - length), size - 1)
