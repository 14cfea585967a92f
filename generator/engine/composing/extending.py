"""Extending: sevenths and ninths of the key in place of a doubled root, in the styles that like them.

Plans know triads and dominant sevenths alone. What an accompaniment doubles says nothing new: there a chord has
room for one tone more, if it belongs to the key and does not rub against the tune. A chord is extended alike wherever
it comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from generator.engine.composing.finishing import find_closing
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import SCALES, find_sounding
from generator.engine.plan import Chord, Plan, Role
from generator.engine.score import Note

_SEVENTH_OF = {"maj": 11, "min": 10}
_NINTH = 2

_LIKED: Mapping[str, tuple[float, float]] = {
    "pop": (0.25, 0.4),
    "cinematic": (0.1, 0.45),
    "ambient": (0.4, 0.5),
    "latin": (0.7, 0.25),
}
"""By style, the chance of a seventh and of a ninth for each chord of the piece."""

_RUBBING = (1, 11)
_LOWEST = 50
"""Sounding pitch below which a tone so near to the root would growl."""


def is_extended(plan: Plan, *, role: Role, instrument: str) -> bool:
    return role is Role.HARMONY and plan.style in _LIKED and INSTRUMENTS[instrument].voices > 2


def extend_chords(
    notes: Sequence[Note], *, plan: Plan, lead: Sequence[Note], start: int, stop: int, draw: Random
) -> tuple[Note, ...]:
    """The accompaniment, `notes` in score order, with some doubled roots in [start, stop) replaced."""
    settled: dict[Chord, int | None] = {}
    size = plan.metre.chord_ticks
    slots: dict[int, list[Note]] = {}
    for note in notes:
        slots.setdefault(note.onset // size, []).append(note)
    extended: list[Note] = []
    for slot, struck in sorted(slots.items()):
        chord = plan.chord_at(slot * size)
        if chord is None or not start <= slot * size < min(stop, find_closing(plan)):
            extended += struck
            continue
        if chord not in settled:
            settled[chord] = _draw_step(chord, plan=plan, draw=draw)
        extended += _extend_slot(struck, step=settled[chord], root=chord.root, plan=plan, lead=lead)
    return tuple(sorted(extended))


def _draw_step(chord: Chord, *, plan: Plan, draw: Random) -> int | None:
    """Semitones above the root, if the chord is extended; never out of the key."""
    seventh, ninth = _LIKED[plan.style]
    luck = draw.random()
    step = _SEVENTH_OF.get(chord.quality) if luck < seventh else _NINTH if luck < seventh + ninth else None
    tones = {*chord.pitch_classes, (chord.root + (step or 0)) % 12}
    return step if step is not None and tones <= SCALES[plan.key.mode] else None


def _extend_slot(
    struck: Sequence[Note], *, step: int | None, root: int, plan: Plan, lead: Sequence[Note]
) -> list[Note]:
    roots = sorted({note.pitch for note in struck if note.pitch % 12 == root})
    if step is None or len(roots) < 2 or roots[-1] + plan.key.shift < _LOWEST:
        return list(struck)
    pitch = roots[-1] + (step if step == _NINTH else step - 12)
    taken = {note.pitch for note in struck}
    return [
        replace(note, pitch=pitch)
        if note.pitch == roots[-1] and pitch not in taken and not _rubs(note, pitch=pitch, lead=lead)
        else note
        for note in struck
    ]


def _rubs(note: Note, *, pitch: int, lead: Sequence[Note]) -> bool:
    heard = [each for tick in (note.onset, note.end - 1) for each in find_sounding(lead, tick=tick)]
    return any((pitch - each.pitch) % 12 in _RUBBING for each in heard)
