"""Keys: parsed from what people write, estimated from what people played."""

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from generator.engine.errors import InvalidBriefError
from generator.engine.plan import PITCH_CLASS_NAMES, Key, Mode
from generator.engine.score import Note

ALLOWED_KEYS: tuple[str, ...] = tuple(f"{name} {mode}" for mode in Mode for name in PITCH_CLASS_NAMES)
"""The 24 keys under their canonical names; `parse_key` also takes enharmonic spellings (D# minor, Gb major)."""

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_MODES = {"": Mode.MAJOR, "major": Mode.MAJOR, "maj": Mode.MAJOR, "minor": Mode.MINOR, "min": Mode.MINOR}
_MODES |= {"m": Mode.MINOR, "M": Mode.MAJOR}
_KEY = re.compile(r"\s*([A-Ga-g])([#♯b♭]?)[\s-]*([A-Za-z]*)\s*")

_MAJOR_PROFILE = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR_PROFILE = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)
"""Pitch class weights from the tonic up: Temperley's Kostka-Payne profiles (Music and Probability, 2007)."""

_SIGNATURE_BONUS = 0.20
_NEIGHBOUR_BONUS = 0.05
_FINAL_BASS_BONUS = 0.08
"""In units of correlation: what a matching key signature, one a fifth away, and ending on the tonic are worth."""


def parse_key(text: str) -> Key:
    """Read 'Bb major', 'F# minor', 'd minor', 'C'. Anything else is an InvalidBriefError that lists every key."""
    match = _KEY.fullmatch(text)
    word = match[3] if match else ""
    mode = _MODES.get(word if word in _MODES else word.lower())
    if match is None or mode is None:
        remedy = f"Choose one of: {', '.join(ALLOWED_KEYS)}."
        raise InvalidBriefError(field="key", value=text, remedy=remedy, allowed=ALLOWED_KEYS)
    tonic = (_LETTERS[match[1].upper()] + _ACCIDENTALS[match[2]]) % 12
    return Key(tonic=tonic, mode=mode)


def key_of_signature(fifths: int, *, mode: Mode) -> Key:
    """The key that so many sharps (or, negative, flats) stand for."""
    return Key(tonic=(fifths * 7 + (0 if mode is Mode.MAJOR else 9)) % 12, mode=mode)


def estimate_key(notes: Iterable[Note], *, fifths: int | None = None) -> Key:
    """The likeliest key of some notes: correlation with key profiles, drawn towards the key signature where there is
    one and towards the lowest note at the end. No notes at all: the major key of the signature."""
    listed = list(notes)
    if not listed:
        return key_of_signature(fifths or 0, mode=Mode.MAJOR)
    weights = weigh_pitch_classes(listed)
    last_end = max(note.end for note in listed)
    final_bass = min(note.pitch for note in listed if note.end >= last_end) % 12
    scores = {key: _score_key(key, weights=weights, fifths=fifths, final_bass=final_bass) for key in _ALL_KEYS}
    return max(scores, key=lambda key: scores[key])


def weigh_pitch_classes(notes: Iterable[Note]) -> npt.NDArray[np.float64]:
    """Total duration by pitch class, shape (12,); a note counts for a whole note at most: pedals shall not rule."""
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += min(note.duration, 96)
    return weights


_ALL_KEYS = tuple(Key(tonic=tonic, mode=mode) for mode in Mode for tonic in range(12))


def _score_key(key: Key, *, weights: npt.NDArray[np.float64], fifths: int | None, final_bass: int) -> float:
    profile = _MAJOR_PROFILE if key.mode is Mode.MAJOR else _MINOR_PROFILE
    flat = weights.std() == 0.0
    score = 0.0 if flat else float(np.corrcoef(weights, np.roll(profile, key.tonic))[0, 1])
    if fifths is not None:
        distance = min((_fifths_of(key) - fifths) % 12, (fifths - _fifths_of(key)) % 12)
        score += {0: _SIGNATURE_BONUS, 1: _NEIGHBOUR_BONUS}.get(distance, 0.0)
    return score + (_FINAL_BASS_BONUS if key.tonic == final_bass else 0.0)


def _fifths_of(key: Key) -> int:
    relative_major = key.tonic if key.mode is Mode.MAJOR else key.tonic + 3
    return relative_major * 7 % 12
