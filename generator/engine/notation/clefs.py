"""Clefs: the instrument's own, and the higher ones that violas and cellos change to where it saves ledger lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.engine.plan import Plan
from generator.engine.score import Part


@dataclass(frozen=True, slots=True)
class Clef:
    sign: str
    line: int
    octave_change: int = 0


TREBLE, BASS, ALTO, TENOR = Clef("G", 2), Clef("F", 4), Clef("C", 3), Clef("C", 4)
PERCUSSION = Clef("percussion", 2)
_OCTAVE_DOWN = {"guitar": Clef("G", 2, -1), "bass": Clef("F", 4, -1)}
"""Written an octave above what sounds, as players read them; the clef says so."""
_CHOICES = {"viola": (ALTO, TREBLE), "cello": (BASS, TENOR, TREBLE)}
"""The own clef first."""
_LINES = {TREBLE: (64, 77), ALTO: (53, 67), TENOR: (50, 64), BASS: (43, 57)}
"""MIDI pitches of the lowest and of the highest line."""
_CHANGE, _FOREIGN = 4.0, 1.0
"""Ledger lines that a change costs, and each bar with notes in another clef than the own; a note's first is free."""


def choose_clefs(part: Part, *, plan: Plan) -> dict[int, Clef]:
    """From which bar on which clef holds; bar 0 is always there. All bars together are read most easily (dynamic
    programming)."""
    choices = _CHOICES.get(part.instrument)
    if choices is None:
        return {0: _OCTAVE_DOWN.get(part.instrument, TREBLE)}
    best: dict[Clef, tuple[float, tuple[Clef, ...]]] = dict.fromkeys(choices, (0.0, ()))
    for pitches in _list_bars(part, plan=plan):
        following: dict[Clef, tuple[float, tuple[Clef, ...]]] = {}
        for clef in choices:
            price, path = min(
                ((price + _CHANGE * (bool(path) and before != clef), path) for before, (price, path) in best.items()),
                key=lambda found: found[0],
            )
            price += _FOREIGN * (bool(pitches) and clef != choices[0]) + sum(
                _count_extra(pitch, clef) for pitch in pitches
            )
            following[clef] = price, (*path, clef)
        best = following
    _, path = min(best.values(), key=lambda found: found[0])
    return {bar: clef for bar, clef in enumerate(path) if not bar or clef != path[bar - 1]}


def _list_bars(part: Part, *, plan: Plan) -> Sequence[Sequence[int]]:
    """Pitches of the notes that sound in each bar."""
    size = plan.metre.bar_ticks
    return [
        [note.pitch for note in part.notes if note.onset < (bar + 1) * size and note.end > bar * size]
        for bar in range(plan.bars)
    ]


def _count_extra(pitch: int, clef: Clef) -> int:
    """Ledger lines beyond the first: a letter is 12/7 semitones, a line every second letter."""
    lowest, highest = _LINES[clef]
    return max(round(max(pitch - highest, lowest - pitch) * 7 / 12) // 2 - 1, 0)
