"""A preview as one listener gets it: now from the one variant, now from the other. Only bytes are copied."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO

from marketplace.catalog.listeners import spell_choices
from marketplace.catalog.models import PreviewHearing, TrackFile
from marketplace.catalog.ranges import ByteRange

_BLOCK = 64 * 1024


class EditionSlice:
    """The bytes of a range of a listener's edition, in blocks. Closed when the answer ends."""

    def __init__(self, variants: tuple[BinaryIO, BinaryIO], part: ByteRange, *, file: TrackFile, code: str) -> None:
        self.variants, self.part = variants, part
        self.edges = [*file.layout["bytes"], file.size]
        self.choices = spell_choices(code, segments=len(self.edges) - 1)

    def __iter__(self) -> Iterator[bytes]:
        place, end = self.part.first, self.part.last + 1
        while place < end:
            segment = bisect_right(self.edges, place) - 1
            chosen = segment >= 0 and self.choices[segment]
            stop = min(end, self.edges[segment + 1], place + _BLOCK)
            source = self.variants[chosen]
            source.seek(place)
            block = source.read(stop - place)
            if not block:
                return
            place += len(block)
            yield block

    def close(self) -> None:
        for variant in self.variants:
            variant.close()


def etag_edition(file: TrackFile, hearing: PreviewHearing) -> str:
    """Of the listener's bytes: a part of another's edition must never be continued with this one's."""
    return f"{file.sha256}-{hearing.pk}"
