"""A preview as one listener gets it: now from the one variant, now from the other. Only bytes are copied."""

from bisect import bisect_right
from collections.abc import Iterator

from marketplace.catalog.listeners import spell_choices
from marketplace.catalog.models import PreviewHearing, TrackFile
from marketplace.catalog.ranges import ByteRange
from marketplace.catalog.stored_parts import Readable

_BLOCK = 64 * 1024


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


def _read_all(source: Readable, size: int) -> bytes:
    """A body that comes over a network gives less than it was asked for whenever it likes."""
    parts = []
    while size > 0 and (block := source.read(size)):
        parts.append(block)
        size -= len(block)
    return b"".join(parts)


def etag_edition(file: TrackFile, hearing: PreviewHearing) -> str:
    """Of the listener's bytes: a part of another's edition must never be continued with this one's."""
    return f"{file.sha256}-{hearing.pk}"
