"""Registers: two basses do not sit on the same notes."""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.brief import Brief
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Plan, Role
from generator.engine.score import Note


def is_above_a_bass(brief: Brief, *, instrument: str, role: Role) -> bool:
    """Whether a cello carries a bass line over a double bass, which leaves it the tenor register."""
    return instrument == "cello" and role is Role.BASS and "bass" in brief.instruments


def lift_line(notes: Sequence[Note], *, plan: Plan, instrument: str) -> tuple[Note, ...]:
    """The line an octave higher, as far as the instrument has it."""
    highest = INSTRUMENTS[instrument].highest - plan.key.shift
    return tuple(replace(note, pitch=note.pitch + 12) if note.pitch + 12 <= highest else note for note in notes)
