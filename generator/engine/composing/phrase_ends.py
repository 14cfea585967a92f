"""Phrase ends: in styles that are sung, every phrase of four bars comes to rest on a held note."""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.composing.finishing import find_closing
from generator.engine.plan import Plan, list_phrase_ends
from generator.engine.score import Note
from generator.engine.styles import STYLES

_NEAREST = 2
"""Semitones by which a note that is held moves onto the chord."""


def is_sung(plan: Plan) -> bool:
    return plan.style in STYLES and STYLES[plan.style].is_chorale


def hold_ends(notes: Sequence[Note], *, plan: Plan, start: int, stop: int) -> tuple[Note, ...]:
    """A line whose phrases end on a note of the chord, held from the middle of the bar to a breath before the next
    one; only in [start, stop)."""
    size, beat = plan.metre.bar_ticks, plan.metre.beat_ticks
    line = list(notes)
    for bar in sorted(list_phrase_ends(plan.sections)):
        first, end = bar * size, (bar + 1) * size
        if start <= first and end <= min(stop, find_closing(plan)):
            line = _hold(line, first=first, at=first + size // beat // 2 * beat, end=end - beat // 2, plan=plan)
    return tuple(line)


def _hold(line: list[Note], *, first: int, at: int, end: int, plan: Plan) -> list[Note]:
    bar_end = first + plan.metre.bar_ticks
    before = [note for note in line if note.onset <= at]
    after = [note for note in line if note.onset >= bar_end]
    last = before[-1] if before else None
    if last is None or last.onset < first:
        return line
    held = replace(last, pitch=bring_home(last, plan=plan, tick=at), duration=end - last.onset)
    return [*before[:-1], held, *after]


def bring_home(note: Note, *, plan: Plan, tick: int | None = None) -> int:
    """The note's pitch, or the nearest one of the chord at its onset (or at `tick`) if a step away; of equals the
    higher."""
    chord = plan.chord_at(note.onset if tick is None else tick)
    if chord is None:
        return note.pitch
    near = sorted(
        range(note.pitch - _NEAREST, note.pitch + _NEAREST + 1), key=lambda each: (abs(each - note.pitch), -each)
    )
    return next((each for each in near if each % 12 in chord.pitch_classes), note.pitch)
