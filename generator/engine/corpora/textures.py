"""Textures of accompaniments, measured: broken chords, chords struck together, chords held. They tell which songs and
quartets teach the harp, the electric piano and the organ, none of which the corpora name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from generator.engine.plan import Plan
from generator.engine.score import TICKS_PER_QUARTER, Note

_LEAP = 3
"""Semitones. From here on a move is one to another note of the chord, not a step."""
_EIGHTH = TICKS_PER_QUARTER // 2
_CHORD = 3
"""Notes struck together that make a chord."""
_MIDDLE_C = 60
_MOST_PER_HAND = 4
_LEAST_STROKES = 16

_BROKEN = 0.4
_STRUCK = 0.45
_COMPED_QUARTERS = 1.1
_HELD_CHORDS = 0.4
_HELD_QUARTERS = 0.95


@dataclass(frozen=True, slots=True)
class Texture:
    strokes: int
    broken: float
    """Share of strokes of one or two notes that leap within the chord, an eighth or less after the stroke before."""
    struck: float
    """Share of strokes of three notes and more."""
    quarters: float
    """Mean length of a note."""


def measure_texture(notes: Sequence[Note], plan: Plan) -> Texture:
    strokes: dict[int, list[Note]] = {}
    for note in sorted(notes):
        strokes.setdefault(note.onset, []).append(note)
    count = max(len(strokes), 1)
    broken = sum(_is_leap(before, after, plan=plan) for before, after in pairwise(strokes.values()))
    return Texture(
        strokes=len(strokes),
        broken=broken / count,
        struck=sum(len(stroke) >= _CHORD for stroke in strokes.values()) / count,
        quarters=sum(note.duration for note in notes) / max(len(notes), 1) / TICKS_PER_QUARTER,
    )


def _is_leap(before: Sequence[Note], after: Sequence[Note], *, plan: Plan) -> bool:
    onset = after[0].onset
    if len(after) >= _CHORD or onset - before[0].onset > _EIGHTH:
        return False
    chord = plan.chord_at(onset)
    tones = chord.pitch_classes if chord else ()
    step = min(abs(one.pitch - other.pitch) for one in before for other in after)
    return step >= _LEAP and any(note.pitch % 12 in tones for note in after)


def is_broken(notes: Sequence[Note], plan: Plan) -> bool:
    """Two strokes in five leap within the chord: what a harp plays."""
    texture = measure_texture(notes, plan)
    return texture.strokes >= _LEAST_STROKES and texture.broken >= _BROKEN


def is_comped(notes: Sequence[Note], plan: Plan) -> bool:
    """Nearly half of the strokes are chords, and they are short: what is played on an electric piano in a band."""
    texture = measure_texture(notes, plan)
    return texture.strokes >= _LEAST_STROKES and texture.struck >= _STRUCK and texture.quarters <= _COMPED_QUARTERS


def is_sustained(notes: Sequence[Note], plan: Plan) -> bool:
    """Two strokes in five are chords, and notes are held for about a quarter and more: what an organ plays."""
    texture = measure_texture(notes, plan)
    return texture.strokes >= _LEAST_STROKES and texture.struck >= _HELD_CHORDS and texture.quarters >= _HELD_QUARTERS


def thin_hands(notes: Sequence[Note]) -> tuple[Note, ...]:
    """At most four notes at once in a hand: the outer ones and what lies next to the top."""
    strokes: dict[tuple[int, bool], list[Note]] = {}
    for note in sorted(notes):
        strokes.setdefault((note.onset, note.pitch >= _MIDDLE_C), []).append(note)
    kept = [
        note
        for stroke in strokes.values()
        for note in (stroke if len(stroke) <= _MOST_PER_HAND else (stroke[0], *stroke[1 - _MOST_PER_HAND :]))
    ]
    return tuple(sorted(kept))
