"""Development of a motif: moved along the scale to fit the chords, turned upside down, stretched.

Everything here is key-normalised; a pitch is a step of the scale and an alteration of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from generator.engine.controls.motif import Motif, MotifNote, measure_motif, place_motif
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Mode, Plan
from generator.engine.score import Note

_SCALES = {Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11), Mode.MINOR: (9, 11, 12, 14, 16, 17, 19)}
_FARTHEST_STEPS = 4
_SLOWEST_TOTAL = 16 * 24
"""Ticks beyond which a motif is not stretched."""


class Treatment(StrEnum):
    LITERAL = "literal"
    SEQUENCE = "sequence"
    INVERSION = "inversion"
    AUGMENTATION = "augmentation"


CYCLE = (Treatment.LITERAL, Treatment.SEQUENCE, Treatment.INVERSION, Treatment.AUGMENTATION)


@dataclass(frozen=True, slots=True)
class Statement:
    start: int
    treatment: Treatment
    notes: tuple[Note, ...]
    ticks: int
    """From the start to the end of the motif, a closing rest included."""


def write_statement(
    motif: Motif, *, treatment: Treatment, start: int, room: int, plan: Plan, instrument: str, home: int
) -> Statement:
    """The motif at a tick under a treatment; `room` ticks are free there, `home` is where the lead usually lies.

    What would not fit stretched is moved along the scale instead.
    """
    normal = _normalise(motif, plan=plan)
    if treatment is Treatment.AUGMENTATION and 2 * measure_motif(motif) > min(room, _SLOWEST_TOTAL):
        treatment = Treatment.SEQUENCE
    shaped = _TREATMENTS[treatment](normal, plan.key.mode)
    notes = _keep_in_register(place_motif(shaped, at=start), plan=plan, instrument=instrument, home=home)
    if treatment is not Treatment.LITERAL:
        notes = _fit_chords(notes, plan=plan, instrument=instrument, is_moved=treatment is Treatment.SEQUENCE)
    return Statement(start, treatment, notes, measure_motif(shaped))


def find_statements(notes: Sequence[Note], *, motif: Motif, shift: int = 0) -> list[tuple[int, Treatment]]:
    """Where a line, `shift` semitones below the key that sounds, states the motif, and how: the rhythm equal or
    doubled, the contour equal or upside down, each interval within a tone of the motif's (a step of the scale is one
    or two semitones)."""
    wanted = tuple(replace(note, pitch=note.pitch - shift) for note in place_motif(motif))
    size = len(wanted)
    found = []
    for first in range(len(notes) - size + 1):
        treatment = _recognise(notes[first : first + size], wanted=wanted)
        if treatment is not None:
            found.append((notes[first].onset, treatment))
    return found


def _recognise(notes: Sequence[Note], *, wanted: Sequence[Note]) -> Treatment | None:
    onsets = [note.onset - notes[0].onset for note in notes]
    asked = [note.onset - wanted[0].onset for note in wanted]
    stretch = next((factor for factor in (1, 2) if onsets == [factor * onset for onset in asked]), None)
    if stretch is None:
        return None
    moves = [note.pitch - notes[0].pitch for note in notes]
    ideal = [note.pitch - wanted[0].pitch for note in wanted]
    for sign in (1, -1):
        if all(abs(move - sign * wish) <= 2 for move, wish in zip(moves, ideal, strict=True)):
            if stretch == 2:
                return Treatment.AUGMENTATION
            if sign == -1:
                return Treatment.INVERSION
            is_same = moves == ideal and (notes[0].pitch - wanted[0].pitch) % 12 == 0
            return Treatment.LITERAL if is_same else Treatment.SEQUENCE
    return None


def _normalise(motif: Motif, *, plan: Plan) -> Motif:
    return tuple(note if note.pitch is None else replace(note, pitch=note.pitch - plan.key.shift) for note in motif)


def _split_pitch(pitch: int, *, mode: Mode) -> tuple[int, int]:
    """Steps of the scale above its lowest tonic, and semitones to add."""
    scale = _SCALES[mode]
    octave, rest = divmod(pitch - scale[0], 12)
    offsets = [tone - scale[0] for tone in scale]
    step = max(index for index, offset in enumerate(offsets) if offset <= rest)
    return octave * 7 + step, rest - offsets[step]


def _join_pitch(step: int, alteration: int, *, mode: Mode) -> int:
    scale = _SCALES[mode]
    return step // 7 * 12 + scale[step % 7] + alteration


def _map_pitches(motif: Motif, change: Callable[[int], int]) -> Motif:
    return tuple(note if note.pitch is None else replace(note, pitch=change(note.pitch)) for note in motif)


def _keep(motif: Motif, mode: Mode) -> Motif:
    return motif


def _invert(motif: Motif, mode: Mode) -> Motif:
    """Upside down around the first note, in steps of the scale."""
    axis = next(_split_pitch(note.pitch, mode=mode)[0] for note in motif if note.pitch is not None)

    def mirror(pitch: int) -> int:
        step, alteration = _split_pitch(pitch, mode=mode)
        return _join_pitch(2 * axis - step, -alteration, mode=mode)

    return _map_pitches(motif, mirror)


def _stretch(motif: Motif, mode: Mode) -> Motif:
    return tuple(MotifNote(note.pitch, 2 * note.ticks) for note in motif)


_TREATMENTS: dict[Treatment, Callable[[Motif, Mode], Motif]] = {
    Treatment.LITERAL: _keep,
    Treatment.SEQUENCE: _keep,
    Treatment.INVERSION: _invert,
    Treatment.AUGMENTATION: _stretch,
}


def _keep_in_register(notes: Sequence[Note], *, plan: Plan, instrument: str, home: int) -> tuple[Note, ...]:
    """By octaves to where the lead lies; a note still out of reach comes back by octaves of its own."""
    middle = sum(note.pitch for note in notes) / len(notes) + plan.key.shift
    octaves = round((home - middle) / 12)
    return _clip([replace(note, pitch=note.pitch + 12 * octaves) for note in notes], plan=plan, instrument=instrument)


def _clip(notes: Iterable[Note], *, plan: Plan, instrument: str) -> tuple[Note, ...]:
    low, high = (limit - plan.key.shift for limit in (INSTRUMENTS[instrument].lowest, INSTRUMENTS[instrument].highest))

    def bring(pitch: int) -> int:
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        return pitch

    return tuple(replace(note, pitch=bring(note.pitch)) for note in notes)


def _fit_chords(notes: Sequence[Note], *, plan: Plan, instrument: str, is_moved: bool) -> tuple[Note, ...]:
    """Moved along the scale to where most of its weight belongs to the chords below it, the nearer of equals; a
    sequence does not stay where it is."""
    mode = plan.key.mode

    def move(steps: int) -> tuple[Note, ...]:
        moved = []
        for note in notes:
            step, alteration = _split_pitch(note.pitch, mode=mode)
            moved.append(replace(note, pitch=_join_pitch(step + steps, alteration, mode=mode)))
        return _clip(moved, plan=plan, instrument=instrument)

    steps = sorted(range(-_FARTHEST_STEPS, _FARTHEST_STEPS + 1), key=abs)[is_moved:]
    return max((move(step) for step in steps), key=lambda moved: rate_fit(moved, plan=plan))


def rate_fit(notes: Sequence[Note], *, plan: Plan) -> float:
    """Share of the notes' weight (length; twice on a felt beat) that belongs to the chords."""
    weights = [note.duration * (2 if note.onset % plan.metre.beat_ticks == 0 else 1) for note in notes]
    fits = [
        weight
        for note, weight in zip(notes, weights, strict=True)
        if (chord := plan.chord_at(note.onset)) is not None and note.pitch % 12 in chord.pitch_classes
    ]
    return sum(fits) / sum(weights)
