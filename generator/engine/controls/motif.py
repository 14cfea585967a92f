"""A seed motif: a few notes that the tune begins with, typed, played on the page or taken from a MIDI file.

As text, a note is its name and octave and, after a colon, its length in quarters: `C5 E5:0.5 G5:1.5 R:1`; R is a rest,
a length left out is one quarter.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.engine.errors import CorpusError
from generator.engine.fields import list_words, refuse_value
from generator.engine.plan import PITCH_CLASS_NAMES
from generator.engine.score import TICKS_PER_QUARTER, Note
from generator.engine.tokens.vocabulary import GRID, snap_onset

FEWEST, MOST = 3, 16
LOWEST, HIGHEST = 36, 96
LONGEST_QUARTERS = 16
_FIELD = "motif"
_REMEDY = f"Give {FEWEST} to {MOST} notes such as C5 E5:0.5 G5:1.5 R:1 (name, octave, length in quarters)."
_RANGE_REMEDY = "Keep to C2 to C7, for example C5."
_LENGTH_REMEDY = f"Give a length from 1/8 to 4 quarters, in eighths, sixteenths or triplets; {LONGEST_QUARTERS} in all."

_NOTE = re.compile(r"([A-Ga-gRr])([#♯b♭]?)(-?\d{0,2})(?::([0-9./]{1,6}))?")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MOST_MIDI_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class MotifNote:
    pitch: int | None
    """MIDI number as it sounds; None for a rest."""
    ticks: int


Motif = tuple[MotifNote, ...]


def read_motif(value: object) -> Motif:
    """A text, a list of its words, or {"midi": base64 of a file}. Nothing at all is no motif."""
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return _check_motif(_read_upload(value), value="the MIDI file")
    words = list_words(_FIELD, value, remedy=_REMEDY)
    return _check_motif(tuple(_read_note(word) for word in words), value=value)


def write_motif(motif: Sequence[MotifNote]) -> str:
    """The text that `read_motif` reads back."""
    return " ".join(_write_note(note) for note in motif)


def measure_motif(motif: Sequence[MotifNote]) -> int:
    """Its length in ticks."""
    return sum(note.ticks for note in motif)


def place_motif(motif: Sequence[MotifNote], *, at: int = 0, velocity: int = 84) -> tuple[Note, ...]:
    """The motif as notes of a score from a tick on."""
    placed: list[Note] = []
    for note in motif:
        if note.pitch is not None:
            placed.append(Note(onset=at, pitch=note.pitch, duration=note.ticks, velocity=velocity))
        at += note.ticks
    return tuple(placed)


def read_motif_file(data: bytes) -> Motif:
    """The top line of the first notes of a MIDI file, snapped to the grid."""
    from generator.engine.midi import read_midi

    if len(data) > _MOST_MIDI_BYTES:
        raise refuse_value(_FIELD, f"a file of {len(data)} bytes", f"A motif's MIDI has at most {_MOST_MIDI_BYTES}.")
    try:
        tracks = read_midi(data).tracks
    except CorpusError as error:
        raise refuse_value(_FIELD, "the MIDI file", f"{error} Export a short melody as MIDI.") from error
    tops: dict[int, tuple[int, int]] = {}
    for note in (note for track in tracks if not track.is_drums for note in track.notes):
        onset = snap_onset(round(note.start * TICKS_PER_QUARTER))
        tops[onset] = max(tops.get(onset, (0, 0)), (note.pitch, round(note.duration * TICKS_PER_QUARTER)))
    onsets = sorted(tops)
    if len(onsets) > MOST:
        raise refuse_value(_FIELD, f"{len(onsets)} notes", f"A motif has {FEWEST} to {MOST} notes: cut the file short.")
    following = [*onsets[1:], onsets[-1] + max(tops[onsets[-1]][1], 3)] if onsets else []
    return tuple(MotifNote(tops[now][0], _snap_length(then - now)) for now, then in zip(onsets, following, strict=True))


def _read_upload(value: Mapping[object, object]) -> Motif:
    encoded = value.get("midi")
    try:
        data = base64.b64decode(encoded if isinstance(encoded, str) else "", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or set(value) != {"midi"}:
        raise refuse_value(_FIELD, dict(value), 'Send {"midi": "..."} with the file in base64, or the notes as text.')
    return read_motif_file(data)


def _check_motif(motif: Motif, *, value: object) -> Motif:
    notes = [note for note in motif if note.pitch is not None]
    if not FEWEST <= len(notes) <= MOST or motif[0].pitch is None:
        remedy = _REMEDY if FEWEST <= len(notes) <= MOST else f"It has {len(notes)} notes. {_REMEDY}"
        raise refuse_value(_FIELD, value, remedy)
    if measure_motif(motif) > LONGEST_QUARTERS * TICKS_PER_QUARTER or len(motif) > 2 * MOST:
        quarters = measure_motif(motif) / TICKS_PER_QUARTER
        raise refuse_value(_FIELD, value, f"It lasts {quarters:g} quarters; at most {LONGEST_QUARTERS} are taken.")
    outside = next((note for note in notes if not LOWEST <= (note.pitch or 0) <= HIGHEST), None)
    if outside is not None:
        raise refuse_value(_FIELD, _write_note(outside), _RANGE_REMEDY)
    return motif


def _read_note(word: object) -> MotifNote:
    match = _NOTE.fullmatch(word) if isinstance(word, str) else None
    if match is None:
        raise refuse_value(_FIELD, word, _REMEDY)
    letter, accidental, octave, length = match.groups()
    ticks = _read_length(length, word=word)
    if letter in "Rr":
        if accidental or octave:
            raise refuse_value(_FIELD, word, _REMEDY)
        return MotifNote(None, ticks)
    if not octave.lstrip("-"):
        raise refuse_value(_FIELD, word, "Name the octave too, for example C5 for the C above middle C.")
    shift = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}[accidental]
    pitch = 12 * (int(octave) + 1) + _LETTERS[letter.upper()] + shift
    if not LOWEST <= pitch <= HIGHEST:
        raise refuse_value(_FIELD, word, _RANGE_REMEDY)
    return MotifNote(pitch, ticks)


def _read_length(text: str | None, *, word: object) -> int:
    try:
        quarters = Fraction(text or "1")
    except (ValueError, ZeroDivisionError):
        raise refuse_value(_FIELD, word, _LENGTH_REMEDY) from None
    ticks = quarters * TICKS_PER_QUARTER
    nearest = round(ticks)
    if not 3 <= nearest <= 96 or abs(ticks - nearest) > Fraction(1, 4) or (nearest % 3 and nearest % 4):
        raise refuse_value(_FIELD, word, _LENGTH_REMEDY)
    return nearest


def _snap_length(ticks: int) -> int:
    allowed = [length for length in range(3, 97) if length % TICKS_PER_QUARTER in GRID]
    return min(allowed, key=lambda length: abs(length - ticks))


def _write_note(note: MotifNote) -> str:
    length = Fraction(note.ticks, TICKS_PER_QUARTER)
    said = "" if length == 1 else f":{length}"
    if note.pitch is None:
        return f"R{said}"
    return f"{PITCH_CLASS_NAMES[note.pitch % 12]}{note.pitch // 12 - 1}{said}"
