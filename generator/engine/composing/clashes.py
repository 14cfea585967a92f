"""Clashes: semitones between parts on a beat, mended by moving the less important note to a chord tone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from generator.engine.composing.finishing import clip_notes, find_nearest_pitch
from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.metrics import find_sounding, list_beats
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part

_PRIORITY = (Role.LEAD, Role.BASS, Role.HARMONY, Role.COUNTER)
_CLASHING = (1, 11)
"""Intervals modulo 12 that clash on a beat."""

_FARTHEST = 4
"""A note moves by at most so many semitones; otherwise it is left out, if the part has others there."""


def mend_clashes(parts: Iterable[Part], *, plan: Plan, locked: Collection[str] = ()) -> tuple[Part, ...]:
    """The parts, each changed only where it clashes with one more important: the lead is never changed, and none of
    the instruments that are locked."""
    listed = list(parts)
    pitched = sorted((part for part in listed if part.role != Role.RHYTHM), key=lambda part: _rank(part))
    settled = [part for part in pitched if part.instrument in locked]
    for part in pitched:
        if part.instrument not in locked:
            settled.append(mend_part(part, others=settled, plan=plan))
    mended = {(part.instrument, part.role): part for part in settled}
    return tuple(mended.get((part.instrument, part.role), part) for part in listed)


def mend_part(part: Part, *, others: Sequence[Part], plan: Plan) -> Part:
    """The part without notes that stand a semitone beside a note of another part on a felt beat."""
    player = INSTRUMENTS[part.instrument]
    notes = list(part.notes)
    for tick in list_beats(plan.metre, start=0, stop=plan.length):
        around = [note.pitch for other in others for note in find_sounding(other.notes, tick=tick)]
        if around:
            notes = _mend_beat(notes, tick=tick, around=around, plan=plan, player=player)
    return replace(part, notes=clip_notes(notes, plan=plan, player=player))


def count_clashes(parts: Sequence[Part], *, plan: Plan) -> int:
    """Felt beats on which two notes of different parts stand a semitone (or its compound) apart."""
    pitched = [part for part in parts if part.role != Role.RHYTHM]
    return sum(
        _has_clash([find_sounding(part.notes, tick=tick) for part in pitched])
        for tick in list_beats(plan.metre, start=0, stop=plan.length)
    )


def _has_clash(sounding: list[list[Note]]) -> bool:
    return any(
        (one.pitch - other.pitch) % 12 in _CLASHING
        for place, notes in enumerate(sounding)
        for others in sounding[place + 1 :]
        for one in notes
        for other in others
    )


def _rank(part: Part) -> tuple[int, str]:
    return _PRIORITY.index(Role(part.role)), part.instrument


def _mend_beat(notes: list[Note], *, tick: int, around: list[int], plan: Plan, player: Instrument) -> list[Note]:
    sounding = find_sounding(notes, tick=tick)
    for note in sounding:
        if not _is_clashing(note.pitch, around=around):
            continue
        notes = [other for other in notes if other is not note]
        moved = _find_place(note, tick=tick, around=around, plan=plan, player=player)
        taken = {other.pitch for other in sounding if other is not note}
        mended = [] if moved is None or moved in taken else [_start_at(note, tick=tick, pitch=moved)]
        if note.onset < tick:
            mended.append(replace(note, duration=tick - note.onset))
        notes = sorted([*notes, *mended])
    return notes


def _start_at(note: Note, *, tick: int, pitch: int) -> Note:
    """The note from this beat on, at another pitch: what it was on earlier beats agreed with the others there."""
    onset = max(note.onset, tick)
    return replace(note, onset=onset, pitch=pitch, duration=note.end - onset, micro=note.micro * (onset == note.onset))


def _find_place(note: Note, *, tick: int, around: list[int], plan: Plan, player: Instrument) -> int | None:
    """The nearest chord tone that clashes with nobody, if there is one near enough."""
    chord = plan.chord_at(tick)
    tones = [tone for tone in (chord.pitch_classes if chord else ()) if not _is_clashing(tone, around=around)]
    if not tones:
        return None
    pitch = find_nearest_pitch(note.pitch, tones=tones, plan=plan, player=player)
    return pitch if abs(pitch - note.pitch) <= _FARTHEST else None


def _is_clashing(pitch: int, *, around: list[int]) -> bool:
    return any((pitch - other) % 12 in _CLASHING for other in around)
