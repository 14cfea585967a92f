"""Swing: off-beat eighths fall on the last third of their beat; where a part is busier than that, it stays straight."""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part

_SWUNG = frozenset({"jazz"})
_MOVED = {6: 8, 12: 16, 18: 20}
"""Ticks of a quarter, straight and swung. What already lies on the triplets stays, so that a part swings but once."""


def is_swung(plan: Plan) -> bool:
    return plan.style in _SWUNG and not plan.metre.is_compound


def swing_part(part: Part, *, plan: Plan) -> Part:
    return replace(part, notes=swing_notes(part.notes, is_drums=part.role == Role.RHYTHM)) if is_swung(plan) else part


def swing_notes(notes: Sequence[Note], *, is_drums: bool = False) -> tuple[Note, ...]:
    """Onsets and ends moved together, so that what was joined stays joined, and never onto or past the next onset."""
    onsets = {note.onset for note in notes}
    return tuple(sorted(_swing(note, onsets=onsets, is_drums=is_drums) for note in notes))


def _swing(note: Note, *, onsets: set[int], is_drums: bool) -> Note:
    onset, end = _move(note.onset, onsets=onsets), _move(note.end, onsets=onsets)
    micro = 0 if is_drums and onset != note.onset else note.micro
    return replace(note, onset=onset, duration=note.duration if is_drums else max(end - onset, 1), micro=micro)


def _move(tick: int, *, onsets: set[int]) -> int:
    """An onset does not move onto another; the end of a note that nothing follows at once may meet the next onset."""
    moved = tick - tick % 24 + _MOVED.get(tick % 24, tick % 24)
    return tick if onsets.intersection(range(tick + 1, moved + (tick in onsets))) else moved
