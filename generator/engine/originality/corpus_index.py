"""The index of everything that was trained on: in which works a passage stands, and where.

A file of hashes that is mapped into memory, so that the processes of a machine share one copy of the pages they touch.
Of a passage it holds 32 bits of its hash, the number of the work, the bar of its first occurrence there and the pitch
that it begins on: no music can be read out of it beyond what somebody brings to compare.

A match is a stretch whose passages all stand in one work. A work may have them in another order, so a match can be
found longer than it is, never shorter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generator.engine.errors import EngineError
from generator.engine.originality.lines import Line
from generator.engine.originality.passages import (
    PASSAGE_NOTES,
    PASSAGE_STROKES,
    Passages,
    find_ends,
    hash_drums,
    hash_melody,
)
from generator.engine.originality.works import Work, read_works

INDEX_PATH = Path(__file__).with_name("training.idx")
WORKS_PATH = Path(__file__).with_name("training-works.json.gz")

MAGIC = b"ONETAKE-INDEX-1\n"
BUCKETS = 1 << 16
MOST_WORKS, MOST_BARS = 1 << 13, 1 << 12
_HEAD = len(MAGIC) + 8


class IndexFileError(EngineError):
    """The index of the training corpora is missing or is not one."""

    code = "index_refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage of one work: where it stands first."""

    passage: int
    work: int
    bar: int
    """From 1, as the reader counts."""
    pitch: int
    """MIDI, of its first note."""


@dataclass(frozen=True, slots=True)
class CorpusMatch:
    work: int
    ticks: int
    """From the first note's onset to the last one's end."""
    first: int
    """Index in the line of the first note in common."""
    notes: int
    bar: int
    """In the work, from 1, and the pitch that the passage begins on there."""
    pitch: int


class CorpusIndex:
    def __init__(self, path: Path = INDEX_PATH, *, works: Path = WORKS_PATH) -> None:
        data = _map_file(path)
        count = int(data[len(MAGIC) : _HEAD].view(np.uint64)[0])
        sizes = np.cumsum([_HEAD, 4 * (BUCKETS + 1), 4 * count, 2 * count])
        if sizes[-1] != len(data):
            raise IndexFileError(f"{path} is cut short or too long. Restore it, or build it again.")
        self._starts = data[sizes[0] : sizes[1]].view(np.uint32)
        self._places = data[sizes[1] : sizes[2]].view(np.uint32)
        self._rests = data[sizes[2] : sizes[3]].view(np.uint16)
        self._works_path = works

    @cached_property
    def works(self) -> tuple[Work, ...]:
        """Read when something is named for the first time."""
        return read_works(self._works_path)

    def match_melody(self, line: Line, *, most: int = 1) -> list[CorpusMatch]:
        """The works that have most of it in one stretch, the longest first: at most one match a work."""
        return self._match(hash_melody(line), line=line, size=PASSAGE_NOTES, most=most)

    def match_drums(self, strokes: Line, *, most: int = 1) -> list[CorpusMatch]:
        return self._match(hash_drums(strokes), line=strokes, size=PASSAGE_STROKES, most=most)

    def _match(self, passages: Passages, *, line: Line, size: int, most: int) -> list[CorpusMatch]:
        if not len(passages):
            return []
        runs = _Runs(onsets=np.array([onset for onset, _ in line], dtype=np.int64), ends=find_ends(line), size=size)
        for place, found in self._look_up(passages):
            runs.extend(place, _unpack(found)[0])
        return [self._describe(work, runs=runs, passages=passages) for work in runs.list_best(most)]

    def _look_up(self, passages: Passages) -> Iterator[tuple[int, NDArray[np.uint32]]]:
        """The entries of each passage that has any."""
        buckets, rests = _split_hash(passages)
        starts, stops = self._starts[buckets], self._starts[buckets + 1]
        for place, (start, stop, rest) in enumerate(zip(starts, stops, rests, strict=True)):
            found = self._places[start:stop][self._rests[start:stop] == rest]
            if len(found):
                yield place, found

    def _describe(self, work: int, *, runs: "_Runs", passages: Passages) -> CorpusMatch:
        first, notes = runs.locate(work)
        entries = dict(self._look_up(passages[first : first + 1]))[0]
        works, bars, pitches = _unpack(entries)
        place = int(np.flatnonzero(works == work)[0])
        ticks, bar, pitch = int(runs.longest[work]), int(bars[place]), int(pitches[place])
        return CorpusMatch(work=work, ticks=ticks, first=first, notes=notes, bar=bar, pitch=pitch)


class _Runs:
    """For every work the stretch that is under way and the longest so far, over passages in rising order."""

    def __init__(self, *, onsets: NDArray[np.int64], ends: NDArray[np.int64], size: int) -> None:
        self.onsets, self.ends, self.size = onsets, ends, size
        self.last = np.full(MOST_WORKS, -2, dtype=np.int64)
        self.start = np.zeros(MOST_WORKS, dtype=np.int64)
        self.longest = np.zeros(MOST_WORKS, dtype=np.int64)
        self.best = np.zeros((MOST_WORKS, 2), dtype=np.int64)

    def extend(self, place: int, works: NDArray[np.int64]) -> None:
        self.start[works] = np.where(self.last[works] == place - 1, self.start[works], place)
        self.last[works] = place
        ticks = self.ends[place + self.size - 1] - self.onsets[self.start[works]]
        longer = ticks > self.longest[works]
        grown = works[longer]
        self.longest[grown] = ticks[longer]
        self.best[grown, 0], self.best[grown, 1] = self.start[grown], place

    def list_best(self, most: int) -> list[int]:
        found = np.flatnonzero(self.longest)
        best = found[np.argsort(-self.longest[found], kind="stable")[:most]]
        return [int(work) for work in best]

    def locate(self, work: int) -> tuple[int, int]:
        """Index of the first note of the longest stretch, and how many notes it has."""
        first, last = self.best[work]
        return int(first), int(last - first) + self.size


@lru_cache(maxsize=1)
def open_index() -> CorpusIndex:
    """The shipped index, opened once a process."""
    return CorpusIndex()


def write_index(entries: Iterable[Entry], *, path: Path) -> None:
    """Sorted, so that the same entries give the same bytes."""
    rows = sorted({(entry.passage >> 32, entry.work): entry for entry in entries}.items())
    kept = [entry for _, entry in rows]
    hashes = np.array([entry.passage for entry in kept], dtype=np.uint64)
    buckets, rests = _split_hash(hashes)
    starts = np.searchsorted(buckets, np.arange(BUCKETS + 1)).astype(np.uint32)
    blocks = (np.array([len(kept)], dtype=np.uint64), starts, _pack(kept), rests.astype(np.uint16))
    path.write_bytes(MAGIC + b"".join(block.tobytes() for block in blocks))


def _map_file(path: Path) -> NDArray[np.uint8]:
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)  # which takes parts of itself faster
    except (OSError, ValueError) as error:
        raise IndexFileError(f"{path} cannot be opened ({error}). Restore it, or build it again.") from error
    if bytes(data[: len(MAGIC)]) != MAGIC or len(data) < _HEAD:
        raise IndexFileError(f"{path} is no index of training corpora. Restore it, or build it again.")
    return data


def _split_hash(passages: Passages) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The bucket, and what is kept of the hash within it."""
    return (passages >> np.uint64(48)).astype(np.int64), passages >> np.uint64(32) & np.uint64(0xFFFF)


def _pack(entries: Sequence[Entry]) -> NDArray[np.uint32]:
    if any(entry.work >= MOST_WORKS for entry in entries):
        raise IndexFileError(f"The index holds {MOST_WORKS} works at most. Widen its entries.")
    rows = [entry.work << 19 | min(entry.bar, MOST_BARS - 1) << 7 | entry.pitch for entry in entries]
    return np.array(rows, dtype=np.uint32)


def _unpack(places: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    wide = places.astype(np.int64)
    return wide >> 19, wide >> 7 & (MOST_BARS - 1), wide & 127
