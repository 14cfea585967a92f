"""Beds for speech: the whole track without its lead, and a mix whose middle is thinned out for a voice."""

from dataclasses import replace

from generator.engine.instruments import INSTRUMENTS
from generator.engine.kit.arranging import mute_roles
from generator.engine.plan import Piece, Plan, Role
from generator.engine.score import Note, Part

_SPEECH = range(55, 80)
"""Sounding pitches whose fundamentals lie where a voice has its own and its first formants: 196 to 784 Hz."""


def write_underscore(piece: Piece) -> Piece | None:
    """The track without its lead; None for a melody that nobody accompanies."""
    parts = [mute_roles(part, {Role.LEAD}, is_alone=len(piece.parts) == 1) for part in piece.parts]
    return _rename(piece, parts, label="underscore")


def write_voice_over(piece: Piece) -> Piece | None:
    """The track for a speaker: no second voices, chords opened up in the middle and struck with the harmony only. A
    melody that nobody accompanies is played an octave away; None where its instrument has no octave left."""
    if len(piece.parts) == 1 and INSTRUMENTS[piece.parts[0].instrument].voices == 1:
        return _rename(piece, _move_octave(piece.parts[0], plan=piece.plan), label="voice-over")
    parts = [_thin_part(part, plan=piece.plan, is_alone=len(piece.parts) == 1) for part in piece.parts]
    return _rename(piece, parts, label="voice-over")


def _move_octave(part: Part, *, plan: Plan) -> list[Part]:
    player, shift = INSTRUMENTS[part.instrument], plan.key.shift
    low, high = min(note.pitch for note in part.notes) + shift, max(note.pitch for note in part.notes) + shift
    fitting = (step for step in (12, -12) if player.lowest <= low + step and high + step <= player.highest)
    return [part.transposed(step) for step in (*fitting,)[:1]]


def _rename(piece: Piece, parts: list[Part], *, label: str) -> Piece | None:
    sounding = tuple(part for part in parts if part.notes)
    return replace(piece, parts=sounding, title=f"{piece.title} ({label})") if sounding else None


def _thin_part(part: Part, *, plan: Plan, is_alone: bool) -> Part:
    if part.role == Role.COUNTER:
        return replace(part, notes=())
    if part.role == Role.HARMONY or (part.role == Role.LEAD and is_alone):
        return replace(part, notes=tuple(note for note in part.notes if _is_kept(note, part=part, plan=plan)))
    return part


def _is_kept(note: Note, *, part: Part, plan: Plan) -> bool:
    """Outside the speech band everything; inside it what is struck on a change of harmony or on the closing chord, the
    lowest and the highest note of it."""
    if note.pitch + plan.key.shift not in _SPEECH:
        return True
    if note.onset % plan.metre.chord_ticks:
        return False
    struck = [other.pitch for other in part.between(note.onset, note.onset + 1)]
    return note.pitch in (min(struck), max(struck))
