"""A preview as one listener gets it: now from the one variant, now from the other. Only bytes are copied."""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from hashlib import sha256

from marketplace.catalog.listeners import spell_choices
from marketplace.catalog.models import PreviewHearing, TrackFile
from marketplace.catalog.ranges import ByteRange
from marketplace.catalog.stored_parts import Readable

_BLOCK = 64 * 1024
_PATIENCE, _LOOK = 10.0, 0.05
"""Seconds for which the rest of a preview is waited for, and between two looks. The opening takes 7 to listen to."""


class EditionSlice:
    """The bytes of a range of a listener's edition, in blocks. Closed when the answer ends.

    `variants` begin where the range does. Both are read from front to end, which any storage can do.
    """

    def __init__(self, variants: tuple[Readable, Readable], part: ByteRange, *, file: TrackFile, code: str) -> None:
        self.variants, self.part = variants, part
        self.edges = [*file.layout["bytes"], file.size]
        self.choices = spell_choices(code, segments=len(self.edges) - 1)

    def __iter__(self) -> Iterator[bytes]:
        place, end = self.part.first, self.part.last + 1
        while place < end:
            segment = bisect_right(self.edges, place) - 1
            chosen = segment >= 0 and self.choices[segment]
            stop = min(end, self.edges[segment + 1], place + _BLOCK)
            blocks = [_read_all(variant, stop - place) for variant in self.variants]
            if len(blocks[chosen]) < stop - place:
                return  # the storage broke off: the client sees that the answer is short
            place = stop
            yield blocks[chosen]

    def close(self) -> None:
        for variant in self.variants:
            variant.close()


class GrowingEdition:
    """Of a preview whose rest is still being encoded: its opening, and the rest as soon as it is there.

    The answer is short if the rest does not come in time: the player asks again for what is missing.
    """

    def __init__(
        self, opening: TrackFile, part: ByteRange, *, open_edition: Callable[[TrackFile, ByteRange], EditionSlice]
    ) -> None:
        self.opening, self.part, self.open_edition = opening, part, open_edition
        self.ready = opening.ready or 0
        begins = part.first < self.ready
        self.slice = open_edition(opening, ByteRange(part.first, min(part.last, self.ready - 1))) if begins else None

    def __iter__(self) -> Iterator[bytes]:
        if self.slice is not None:
            yield from self.slice
            self.slice.close()
        rest = ByteRange(max(self.part.first, self.ready), self.part.last)
        if rest.length > 0 and (whole := _wait_until_whole(self.opening)):
            self.slice = self.open_edition(whole, rest)
            yield from self.slice

    def close(self) -> None:
        if self.slice is not None:
            self.slice.close()


def _wait_until_whole(opening: TrackFile) -> TrackFile | None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if file := TrackFile.objects.filter(pk=opening.pk, ready=None).first():
            return file
        time.sleep(_LOOK)
    return None


def _read_all(source: Readable, size: int) -> bytes:
    """A body that comes over a network gives less than it was asked for whenever it likes."""
    parts = []
    while size > 0 and (block := source.read(size)):
        parts.append(block)
        size -= len(block)
    return b"".join(parts)


def etag_edition(hearing: PreviewHearing) -> str:
    """Of the listener's bytes: a part of another's edition must never be continued with this one's. It stays while the
    preview grows."""
    return sha256(hearing.code.encode()).hexdigest()
