"""Restating: music heard before, moved to a later place."""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.composing.segments import Segment
from generator.engine.plan import Plan, Role
from generator.engine.score import Note

_REWRITE_DIFFERENCE = 0.22
"""Accompaniments of a section that comes back this much fuller or emptier are written anew."""

_DRAWN_DIFFERENCE = 0.1
"""The same where a person drew the energies."""


def restate_notes(notes: Sequence[Note], *, segment: Segment) -> tuple[Note, ...] | None:
    """The notes of the segment's source, moved; None where there is nothing to restate."""
    if segment.source is None:
        return None
    shift = segment.start - segment.source
    stop = segment.source + segment.ticks
    return tuple(
        replace(note, onset=note.onset + shift, duration=min(note.duration, stop - note.onset))
        for note in notes
        if segment.source <= note.onset < stop
    )


def is_restated(segment: Segment, *, plan: Plan, role: Role) -> bool:
    """Whether a part restates here: the lead wherever it can, the others unless the energy differs too much."""
    if segment.source is None:
        return False
    difference = abs(_energy_at(segment.start, plan=plan) - _energy_at(segment.source, plan=plan))
    enough = _DRAWN_DIFFERENCE if plan.is_drawn else _REWRITE_DIFFERENCE
    return role is Role.LEAD or difference < enough


def _energy_at(tick: int, *, plan: Plan) -> float:
    return plan.energies[min(tick // plan.metre.bar_ticks, len(plan.energies) - 1)]
