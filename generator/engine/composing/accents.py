"""Hit points: everybody strikes together at the asked moment, after a moment's restraint."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from generator.engine.composing.finishing import CRASH, KICK, clip_notes, find_nearest_pitch
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import find_sounding
from generator.engine.plan import Plan, Role
from generator.engine.score import MICRO_PER_TICK, Note, Part
from generator.engine.tokens.vocabulary import snap_onset

LEVEL = 122
"""Velocity of the strike."""
_RESTRAINT = 0.72
"""Factor on the velocities of the beat before it."""
_NEAR = 4
"""Ticks around the strike in which a part's own onsets give way to it."""


def strike_hits(parts: Iterable[Part], *, plan: Plan) -> tuple[Part, ...]:
    """Each part with a stressed onset at every hit: what it plays there, or its nearest chord tone."""
    listed = tuple(parts)
    for hit in plan.hits:
        listed = tuple(_strike_part(part, hit=hit, plan=plan) for part in listed)
    return listed


def _strike_part(part: Part, *, hit: float, plan: Plan) -> Part:
    onset = snap_onset(round(hit))
    micro = round((hit - onset) * MICRO_PER_TICK)
    if not 0 < onset < plan.length or not part.notes:
        return part
    struck = [note for note in part.notes if abs(note.onset - onset) <= _NEAR]
    fresh = _list_strike(part, struck=struck, onset=onset, plan=plan)
    before = [_restrain(note, onset=onset, plan=plan) for note in part.notes if note.onset < onset - _NEAR]
    after = [note for note in part.notes if note.onset > onset + _NEAR]
    strokes = [replace(note, onset=onset, velocity=LEVEL, micro=micro) for note in fresh]
    cut = [replace(note, duration=min(note.duration, onset - note.onset)) for note in before]
    return replace(part, notes=clip_notes([*cut, *strokes, *after], plan=plan, player=INSTRUMENTS[part.instrument]))


def _restrain(note: Note, *, onset: int, plan: Plan) -> Note:
    is_close = onset - plan.metre.beat_ticks <= note.onset < onset
    return replace(note, velocity=max(round(note.velocity * _RESTRAINT), 1)) if is_close else note


def _list_strike(part: Part, *, struck: Sequence[Note], onset: int, plan: Plan) -> list[Note]:
    beat = plan.metre.beat_ticks
    if part.role == Role.RHYTHM:
        keys = {note.pitch: note for note in struck}
        for key in (KICK, CRASH):
            keys.setdefault(key, Note(onset=onset, pitch=key, duration=6))
        return list(keys.values())[: INSTRUMENTS[part.instrument].voices]
    own = struck or find_sounding(part.notes, tick=onset)
    player = INSTRUMENTS[part.instrument]
    chord = plan.chord_at(onset)
    if own:
        pitches = sorted({note.pitch for note in own})
    else:
        near = min(part.notes, key=lambda note: abs(note.onset - onset)).pitch
        tones = chord.pitch_classes if chord else (near % 12,)
        pitches = [find_nearest_pitch(near, tones=tones, plan=plan, player=player)]
    pitches = [pitch for pitch in pitches if pitch <= pitches[0] + player.span][: player.voices]
    return [Note(onset=onset, pitch=pitch, duration=beat) for pitch in pitches]
