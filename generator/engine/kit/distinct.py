"""That no version is another one, cut or shifted a little: compared by what is struck when, whatever the tempo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generator.engine.composing.finishing import find_closing
from generator.engine.plan import Piece, Role

MOST_SHARED = 0.4
"""Share of the notes up to where the shorter one closes that two versions may have in the same places, drums aside: a
beat is a beat. A track with little material may leave no way that keeps to it."""
_MOST_TRIES = 60

Struck = tuple[int, str, int]
"""Onset, instrument, pitch."""


@dataclass(frozen=True)
class Heard:
    """A piece as its listeners compare it with others."""

    piece: Piece

    @cached_property
    def end(self) -> int:
        """Tick where it closes."""
        closing = find_closing(self.piece.plan)
        return closing if closing > 0 else self.piece.plan.length

    @cached_property
    def tones(self) -> frozenset[Struck]:
        """All but drums, up to the close."""
        parts = [part for part in self.piece.parts if part.role != Role.RHYTHM]
        played = ((part.instrument, note) for part in parts for note in part.between(0, self.end))
        return frozenset((note.onset, instrument, note.pitch) for instrument, note in played)

    @cached_property
    def bars(self) -> tuple[frozenset[Struck], ...]:
        """The tones of each bar up to the close, their onsets counted from its beginning."""
        size = self.piece.plan.metre.bar_ticks
        found: list[set[Struck]] = [set() for _ in range(-(-self.end // size))]
        for onset, instrument, pitch in self.tones:
            found[onset // size].add((onset % size, instrument, pitch))
        return tuple(map(frozenset, found))


def share_tones(one: Heard, other: Heard) -> float:
    """The share of tones, 0 to 1, of the one that has fewer, which the other has in the same place, up to where the
    shorter one closes."""
    until = min(one.end, other.end)
    first, second = ({tone for tone in heard.tones if tone[0] < until} for heard in (one, other))
    return share(first, second)


def share(first: frozenset[Struck] | set[Struck], second: frozenset[Struck] | set[Struck]) -> float:
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def begin_alike(one: Piece, other: Piece) -> bool:
    """Whether the two are the same up to where the shorter closes: then it would only be the longer one, cut."""
    until = min(Heard(one).end, Heard(other).end)
    return _list_struck(one, until=until) == _list_struck(other, until=until)


def _list_struck(piece: Piece, *, until: int) -> set[Struck]:
    return {(note.onset, part.instrument, note.pitch) for part in piece.parts for note in part.between(0, until)}


def choose_distinct(pieces: Iterable[Piece], *, others: Sequence[Heard]) -> Piece | None:
    """The first that shares few tones with each of the others, else the one that shares fewest of those that come early
    enough; None where each is the beginning of another."""
    best, least = None, np.inf
    for count, piece in enumerate(pieces):
        if best is not None and count >= _MOST_TRIES:
            break
        heard = Heard(piece)
        shared = max((share_tones(heard, other) for other in others), default=0.0)
        if 0.0 < shared <= MOST_SHARED:
            return piece
        if any(begin_alike(piece, other.piece) for other in others):
            continue
        if shared < least:
            best, least = piece, shared
    return best
