"""Clashes: semitones between parts on a beat, mended by moving the less important note to a chord tone.

People write such semitones too, and treat them: the note that is foreign to the chord goes on by step within a beat,
and on a downbeat it is a suspension, held over from before. Those are left alone (Fux, "Gradus ad Parnassum", 1725).
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from generator.engine.composing.finishing import clip_notes, find_nearest_pitch
from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.metrics import find_sounding, list_beats, sweep_sounding
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part

_PRIORITY = (Role.LEAD, Role.BASS, Role.HARMONY, Role.COUNTER)
_CLASHING = (1, 11)
"""Intervals modulo 12 that clash on a beat."""

_FARTHEST = 4
"""A note moves by at most so many semitones; otherwise it is left out, if the part has others there."""

_STEP = 2
_OVERLAP = 3
"""Ticks for which a resolving note may still sound."""
_CHORD = 6
"""Notes of the next onset that are looked at."""


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
    ticks = list_beats(plan.metre, start=0, stop=plan.length)
    sounding = [sweep_sounding(other.notes, ticks=ticks) for other in others]
    for tick, *heard in zip(ticks, *sounding, strict=True):
        around = [
            _hear(note, notes=other.notes, tick=tick, plan=plan)
            for other, struck in zip(others, heard, strict=True)
            for note in struck
        ]
        if around:
            notes = _mend_beat(notes, tick=tick, around=around, plan=plan, player=player)
    return replace(part, notes=clip_notes(notes, plan=plan, player=player))


def count_clashes(parts: Sequence[Part], *, plan: Plan) -> int:
    """Felt beats on which two notes of different parts stand a semitone (or its compound) apart, untreated."""
    pitched = [part for part in parts if part.role != Role.RHYTHM]
    return sum(
        _has_clash(
            [[_hear(note, notes=part.notes, tick=tick, plan=plan) for note in _sound(part, tick)] for part in pitched]
        )
        for tick in list_beats(plan.metre, start=0, stop=plan.length)
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """A note that sounds on a beat."""

    pitch: int
    is_foreign: bool
    """Whether the chord of the beat lacks it."""
    is_treated: bool
    """Whether it goes on by step, and on a downbeat is held over from before."""


def _sound(part: Part, tick: int) -> list[Note]:
    return find_sounding(part.notes, tick=tick)


def _hear(note: Note, *, notes: Sequence[Note], tick: int, plan: Plan) -> _Heard:
    chord = plan.chord_at(tick)
    if chord is not None and note.pitch % 12 in chord.pitch_classes:
        return _Heard(note.pitch, is_foreign=False, is_treated=False)
    is_prepared = note.onset < tick or tick % plan.metre.bar_ticks > 0
    return _Heard(note.pitch, is_foreign=True, is_treated=is_prepared and _moves_on(note, notes, tick=tick, plan=plan))


def _moves_on(note: Note, notes: Sequence[Note], *, tick: int, plan: Plan) -> bool:
    """Whether the next onset but a beat later brings a note a step away."""
    first = bisect_left(notes, (tick + 1,), key=lambda each: (each.onset,))
    if first == len(notes) or notes[first].onset > tick + plan.metre.beat_ticks:
        return False
    following = notes[first].onset
    return note.end <= following + _OVERLAP and any(
        1 <= abs(each.pitch - note.pitch) <= _STEP for each in notes[first : first + _CHORD] if each.onset == following
    )


def _has_clash(sounding: list[list[_Heard]]) -> bool:
    return any(
        _clash(one, other)
        for place, notes in enumerate(sounding)
        for others in sounding[place + 1 :]
        for one in notes
        for other in others
    )


def _clash(one: _Heard, other: _Heard) -> bool:
    """Whether two notes stand a semitone apart of which a foreign one is left untreated."""
    if (one.pitch - other.pitch) % 12 not in _CLASHING:
        return False
    foreign = [each for each in (one, other) if each.is_foreign]
    return not foreign or not all(each.is_treated for each in foreign)


def _rank(part: Part) -> tuple[int, str]:
    return _PRIORITY.index(Role(part.role)), part.instrument


def _mend_beat(notes: list[Note], *, tick: int, around: list[_Heard], plan: Plan, player: Instrument) -> list[Note]:
    sounding = find_sounding(notes, tick=tick)
    for note in sounding:
        heard = _hear(note, notes=notes, tick=tick, plan=plan)
        if not any(_clash(heard, other) for other in around):
            continue
        notes = [other for other in notes if other is not note]
        pitches = [other.pitch for other in around]
        moved = _find_place(note, tick=tick, around=pitches, plan=plan, player=player)
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
