"""The melody of a texture: what a piano or guitar that leads plays when another instrument has the chords."""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.brief import Brief
from generator.engine.composing.roles import assign_roles
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Role
from generator.engine.score import Note


def is_melody_enough(brief: Brief, *, instrument: str, role: Role) -> bool:
    """Whether a lead that could play its own chords should leave them to somebody else."""
    is_polyphonic = INSTRUMENTS[instrument].voices > 1
    return role is Role.LEAD and is_polyphonic and Role.HARMONY in assign_roles(brief).values()


def take_melody(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The highest note of each onset, unless a higher one still sounds: then it belongs to the accompaniment."""
    tops: dict[int, Note] = {}
    for note in notes:
        if note.onset not in tops or note.pitch > tops[note.onset].pitch:
            tops[note.onset] = note
    line: list[Note] = []
    for onset in sorted(tops):
        note = tops[onset]
        if line and line[-1].end > onset:
            if line[-1].pitch > note.pitch:
                continue
            line[-1] = replace(line[-1], duration=onset - line[-1].onset)
        line.append(note)
    return tuple(line)
