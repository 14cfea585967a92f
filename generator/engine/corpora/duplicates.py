"""Works that share music, found by their melodies: versions of a song, one tune under two names, a piece and its
arrangement. They must stand in one split, or the test would ask for what training showed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from generator.engine.plan import Piece
from generator.engine.score import Note

_GRAM = 10
"""Intervals in a row that are compared, whatever the key and tempo."""
_COMMON = 40
"""A row that occurs in more works than this is a commonplace (a scale, an arpeggio) and says nothing."""
_SHARE = 0.2
"""Works that share this much of the shorter one's rows are versions of each other."""


def group_works(works: Sequence[Iterable[Piece]], *, names: Sequence[str]) -> list[int]:
    """A group number for each work: equal for equal names and for works that share a fifth of their melody."""
    grams = [_collect_grams(work) for work in works]
    parent = list(range(len(works)))

    def find(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for first, second in [*_pair_by_name(names), *_pair_by_melody(grams)]:
        parent[find(second)] = find(first)
    return [find(index) for index in range(len(works))]


def _pair_by_name(names: Sequence[str]) -> Iterable[tuple[int, int]]:
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name:
            yield seen.setdefault(name, index), index


def _pair_by_melody(grams: Sequence[set[tuple[int, ...]]]) -> Iterable[tuple[int, int]]:
    holders: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, rows in enumerate(grams):
        for row in rows:
            holders[row].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for works in holders.values():
        if 1 < len(works) <= _COMMON:
            shared.update((first, second) for at, first in enumerate(works) for second in works[at + 1 :])
    for (first, second), count in sorted(shared.items()):
        if count >= _SHARE * min(len(grams[first]), len(grams[second])):
            yield first, second


def _collect_grams(work: Iterable[Piece]) -> set[tuple[int, ...]]:
    rows: set[tuple[int, ...]] = set()
    for piece in work:
        if piece.parts and piece.parts[0].role != "rhythm":
            line = _top_line(piece.parts[0].notes)
            steps = [after - before for before, after in pairwise(line)]
            rows |= {tuple(steps[at : at + _GRAM]) for at in range(len(steps) - _GRAM + 1)}
    return {row for row in rows if len(set(row)) > 2}


def _top_line(notes: Sequence[Note]) -> list[int]:
    highest: dict[int, int] = {}
    for note in notes:
        highest[note.onset] = max(highest.get(note.onset, 0), note.pitch)
    return [highest[onset] for onset in sorted(highest)]
