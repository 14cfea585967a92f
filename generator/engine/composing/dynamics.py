"""Dynamics: what the plan asks of loudness, on top of what the networks play of their own accord."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from generator.engine.moods import MOODS
from generator.engine.plan import Metre, Plan
from generator.engine.score import Note

_SOFTEST, _LOUDEST = 8, 124
_QUIET_BAR, _FULL_BAR = 0.78, 1.2
"""Factors on velocities at energy 0 and 1."""

_DRAWN_QUIET, _DRAWN_FULL = 0.42, 1.35
"""The same where a person drew the curve, who wants to hear it."""

_FLAT = 5.0
"""A part whose velocities spread less than this was learned from scores without dynamics: it gets accents."""
_MIDDLING = 80
_SETTLING = 0.8
"""Share of the way by which a part's mean level is brought to the middling one: how loud a piece is, mood and energy
decide; what a network plays of its own accord are the differences within."""

_DOWNBEAT, _BEAT, _OFFBEAT, _TOP = 8, 3, -5, 5
"""Velocity added on the downbeat, on other beats and between them; and to the highest note of each onset."""


def shape_loudness(notes: Sequence[Note], *, plan: Plan) -> tuple[Note, ...]:
    """Velocities as the metre (where they are flat), the mood and the energy of each bar ask."""
    levels = _accent_levels(notes, metre=plan.metre) if _is_flat(notes) else _settle_levels(notes)
    quiet, full = (_DRAWN_QUIET, _DRAWN_FULL) if plan.is_drawn else (_QUIET_BAR, _FULL_BAR)
    factors = [MOODS[plan.mood].loudness * (quiet + (full - quiet) * energy) for energy in plan.energies]
    last, size = len(factors) - 1, plan.metre.bar_ticks
    return tuple(
        replace(note, velocity=_limit(level * factors[min(note.onset // size, last)]))
        for note, level in zip(notes, levels, strict=True)
    )


def _settle_levels(notes: Sequence[Note]) -> list[int]:
    """Velocities with their mean nearer to the middling one, their differences kept."""
    if not notes:
        return []
    shift = round(_SETTLING * (_MIDDLING - fmean([note.velocity for note in notes])))
    return [_limit(note.velocity + shift) for note in notes]


def _is_flat(notes: Sequence[Note]) -> bool:
    """By the variance times the square of the number of notes, in whole numbers."""
    levels = [note.velocity for note in notes]
    spread = len(levels) * sum([level * level for level in levels]) - sum(levels) ** 2
    return len(levels) > 1 and spread < (_FLAT * len(levels)) ** 2


def _accent_levels(notes: Sequence[Note], *, metre: Metre) -> list[int]:
    """Stress by the place in the bar, and the melody above its accompaniment, from a middling level: the one that flat
    notes were exported with says nothing."""
    tops: dict[int, int] = {}
    for note in notes:
        tops[note.onset] = max(note.pitch, tops.get(note.onset, 0))
    return [
        _limit(_MIDDLING + _find_stress(note.onset, metre=metre) + (_TOP if note.pitch == tops[note.onset] else 0))
        for note in notes
    ]


def _find_stress(onset: int, *, metre: Metre) -> int:
    if onset % metre.bar_ticks == 0:
        return _DOWNBEAT
    return _BEAT if onset % metre.beat_ticks == 0 else _OFFBEAT


def _limit(velocity: float) -> int:
    return min(max(round(velocity), _SOFTEST), _LOUDEST)
