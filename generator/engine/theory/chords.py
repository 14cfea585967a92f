"""Chord analysis: the likeliest chord per slot of a metre, by template matching and Viterbi.

Notes come key-normalised (C major or A minor), so the prior for the chords of the scale needs no key.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from generator.engine.plan import CHORD_COUNT, NO_CHORD, Chord, Metre
from generator.engine.score import Note

Array = npt.NDArray[np.float64]

_TONE_WORTH = (1.0, 1.0, 0.8, 0.8)
"""What a share of root, third, fifth and seventh is worth; a share of any other pitch class costs `_STRANGER_COST`."""
_STRANGER_COST = 0.6
_SEVENTH_COST = 0.12
"""A dominant seventh has one tone more to match: it must be heard, not merely brushed."""
_DIMINISHED_COST = 0.08
_ROOT_IN_BASS = 0.16
_TONE_IN_BASS = 0.04
_DIATONIC_BONUS = 0.06
_CHANGE_COST = 0.14
_LINE_EVIDENCE = 0.4
"""What the notes of an unaccompanied melody weigh against the priors and the cost of changing."""
_ONSET_WEIGHT = {"slot": 1.6, "beat": 1.25, "off": 0.8}
"""A note that starts the slot defines it more than one that passes between beats."""

_DIATONIC = ((0, "maj"), (2, "min"), (4, "min"), (5, "maj"), (7, "maj"), (7, "dom7"), (9, "min"), (11, "dim"))
_MINOR_EXTRA = ((4, "maj"), (4, "dom7"), (8, "dim"))


def analyse_chords(notes: Sequence[Note], *, metre: Metre, length: int) -> tuple[Chord | None, ...]:
    """One chord per `metre.chord_ticks` over `length` ticks; None where nothing sounds."""
    slots = -(-length // metre.chord_ticks)
    weights, basses = _weigh_slots(notes, metre=metre, slots=slots)
    silent = weights.sum(axis=1) == 0.0
    if _is_single_line(notes):
        scores = _LINE_EVIDENCE * _score_tones(weights) + _PRIORS
    else:
        scores = _score_tones(weights) + _PRIORS + np.where(basses[:, None] >= 0, _BASS_BONUS[basses], 0.0)
    path = _find_path(scores, silent=silent)
    return tuple(None if quiet else Chord.from_index(int(index)) for index, quiet in zip(path, silent, strict=True))


def _weigh_slots(notes: Sequence[Note], *, metre: Metre, slots: int) -> tuple[Array, npt.NDArray[np.int64]]:
    """Weighted sounding time by slot and pitch class (slots, 12), and each slot's bass pitch class (-1: none)."""
    weights = np.zeros((slots, 12))
    lowest = np.full(slots, 999)
    size = metre.chord_ticks
    for note in notes:
        first, last = note.onset // size, (note.end - 1) // size
        for slot in range(max(first, 0), min(last, slots - 1) + 1):
            sounding = min(note.end, (slot + 1) * size) - max(note.onset, slot * size)
            weights[slot, note.pitch % 12] += sounding * _weigh_onset(note, metre=metre, slot=slot)
            if sounding * 4 >= size or note.onset % metre.beat_ticks == 0:
                lowest[slot] = min(lowest[slot], note.pitch)
    return weights, np.where(lowest == 999, -1, lowest % 12)


def _weigh_onset(note: Note, *, metre: Metre, slot: int) -> float:
    if note.onset <= slot * metre.chord_ticks:
        return _ONSET_WEIGHT["slot"]
    return _ONSET_WEIGHT["beat" if note.onset % metre.beat_ticks == 0 else "off"]


def _is_single_line(notes: Sequence[Note]) -> bool:
    """Whether (nearly) no two notes sound together: a melody hints at chords, it does not state them."""
    ordered = sorted(notes)
    overlaps = sum(after.onset < note.end for note, after in pairwise(ordered))
    return overlaps * 10 < len(ordered)


def _score_tones(weights: Array) -> Array:
    """How well each of the 48 chords explains what sounds in each slot: shape (slots, 48)."""
    totals = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    scores: Array = (weights / totals) @ _TEMPLATES.T
    return scores


def _find_path(scores: Array, *, silent: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Viterbi with one price for any change of chord; a silent slot forgets what came before it."""
    slots, chords = scores.shape
    came_from = np.tile(np.arange(chords), (slots, 1))
    best = np.zeros(chords)
    for slot in range(slots):
        leader = int(best.argmax())
        moved = best[leader] - (0.0 if slot and silent[slot - 1] else _CHANGE_COST) > best
        came_from[slot] = np.where(moved, leader, came_from[slot])
        best = np.where(moved, best[leader] - _CHANGE_COST, best) + (0.0 if silent[slot] else scores[slot])
    path = np.zeros(slots, dtype=np.int64)
    current = int(best.argmax())
    for slot in range(slots - 1, -1, -1):
        path[slot] = current
        current = int(came_from[slot][current])
    return path


def _build_tables() -> tuple[Array, Array, Array]:
    """Templates (48, 12), priors (48,), and the bonus by bass pitch class (12, 48)."""
    templates = np.full((NO_CHORD, 12), -_STRANGER_COST)
    priors = np.zeros(NO_CHORD)
    bass_bonus = np.zeros((12, NO_CHORD))
    for index in range(CHORD_COUNT - 1):
        chord = Chord.from_index(index)
        for pitch_class, worth in zip(chord.pitch_classes, _TONE_WORTH, strict=False):
            templates[index, pitch_class] = worth
            bass_bonus[pitch_class, index] = _TONE_IN_BASS
        bass_bonus[chord.root, index] = _ROOT_IN_BASS
        priors[index] -= {"dom7": _SEVENTH_COST, "dim": _DIMINISHED_COST}.get(chord.quality, 0.0)
    for root, quality in _DIATONIC:
        priors[Chord(root=root, quality=quality).index] += _DIATONIC_BONUS
    for root, quality in _MINOR_EXTRA:
        priors[Chord(root=root, quality=quality).index] += _DIATONIC_BONUS / 2
    return templates, priors, bass_bonus


_TEMPLATES, _PRIORS, _BASS_BONUS = _build_tables()
