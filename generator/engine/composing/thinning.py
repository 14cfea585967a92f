"""Thinning: where a drawn curve is low, accompaniments leave out what stands on the weakest places of the bar."""

from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from generator.engine.composing.finishing import find_closing
from generator.engine.plan import Metre, Plan, Role
from generator.engine.score import Note, Part

_THINNED = (Role.HARMONY, Role.RHYTHM, Role.COUNTER, Role.BASS)
_LEAST, _SLOPE = 0.3, 0.95
"""Share of a bar's notes kept at energy 0, and what full energy adds."""


def thin_parts(parts: Iterable[Part], *, plan: Plan) -> tuple[Part, ...]:
    """The parts, unchanged unless a person drew the energies."""
    return tuple(_thin(part, plan=plan) if plan.is_drawn and part.role in _THINNED else part for part in parts)


def _thin(part: Part, *, plan: Plan) -> Part:
    size, closing = plan.metre.bar_ticks, find_closing(plan)
    bars: dict[int, list[Note]] = {}
    for note in part.notes:
        bars.setdefault(note.onset // size, []).append(note)
    kept: list[Note] = []
    for bar, notes in bars.items():
        share = min(_LEAST + _SLOPE * plan.energies[min(bar, len(plan.energies) - 1)], 1.0)
        room = ceil(share * len(notes)) if bar * size < closing else len(notes)
        kept += sorted(notes, key=lambda note: (_weakness(note.onset, metre=plan.metre), note))[:room]
    return replace(part, notes=tuple(sorted(kept)))


def _weakness(onset: int, *, metre: Metre) -> int:
    """0 for the downbeat, then beats, half beats, and the rest."""
    steps = (metre.bar_ticks, metre.beat_ticks, metre.beat_ticks // 2)
    return next((rank for rank, step in enumerate(steps) if onset % step == 0), len(steps))
