"""Spacing: deep down chords are wide. Three notes and more struck together below the small D are mud, so the bass stays
there alone or with a fifth or more above it."""

from collections.abc import Sequence

from generator.engine.plan import Plan
from generator.engine.score import Note

_DEEP = 50
"""Sounding pitch below which close chords growl."""
_MOST = 2
_APART = 7


def space_chords(notes: Sequence[Note], *, plan: Plan) -> tuple[Note, ...]:
    """The notes, without those that crowd the depths."""
    strokes: dict[int, list[Note]] = {}
    for note in sorted(notes):
        if note.pitch + plan.key.shift < _DEEP:
            strokes.setdefault(note.onset, []).append(note)
    crowded = {note for struck in strokes.values() if len(struck) > _MOST for note in _list_crowding(struck)}
    return tuple(note for note in notes if note not in crowded)


def _list_crowding(struck: Sequence[Note]) -> list[Note]:
    """All but the lowest and the highest of the rest, if it is far enough above it."""
    lowest, highest = struck[0], struck[-1]
    return list(struck[1:-1]) if highest.pitch - lowest.pitch >= _APART else list(struck[1:])
