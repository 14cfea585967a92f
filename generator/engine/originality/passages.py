"""Passages: so many notes in a row as one number, the same in every key, at every tempo and in every note value.

Unlike the grams of a sketch (`grams`), passages are exact and leave nothing out: a scale is a passage too. Two lines
have a stretch in common, note by note, where passages that follow one another are equal.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from generator.engine.originality.lines import Line

PASSAGE_NOTES = 6
"""Of a melody. Fewer belong to everybody: five notes in a row of most songs are found in some other."""

PASSAGE_STROKES = 12
"""Of drums, the better part of a bar."""

LAST_NOTE = 24
"""Ticks that the last note of a match counts at most: its length was not compared."""

Passages = NDArray[np.uint64]

_FIRST = np.uint64(0xFF51AFD7ED558CCD)
_SECOND = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)


def hash_melody(line: Line) -> Passages:
    """A 64-bit hash per passage: intervals in semitones, and times between onsets divided by what divides them all."""
    if len(line) < PASSAGE_NOTES:
        return np.zeros(0, dtype=np.uint64)
    onsets, pitches = _split(line)
    intervals = sliding_window_view(np.diff(pitches), PASSAGE_NOTES - 1)
    return _hash_rows(intervals, _list_times(onsets, notes=PASSAGE_NOTES), salt=1)


def hash_drums(strokes: Line) -> Passages:
    """The same for drums: (onset, key) in order, several keys to an onset. A key is its sound, and stays."""
    if len(strokes) < PASSAGE_STROKES:
        return np.zeros(0, dtype=np.uint64)
    onsets, keys = _split(strokes)
    rows = sliding_window_view(keys, PASSAGE_STROKES)
    return _hash_rows(rows, _list_times(onsets, notes=PASSAGE_STROKES), salt=2)


def find_ends(line: Line) -> NDArray[np.int64]:
    """Where each note ends for the length of a match: at the next onset, or a quarter note after its own."""
    onsets = np.array([onset for onset, _ in line], dtype=np.int64)
    following = np.append(onsets[1:], onsets[-1:] + LAST_NOTE)
    return np.minimum(following, onsets + LAST_NOTE)


def _split(line: Line) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    array = np.array(line, dtype=np.int64)
    return array[:, 0], array[:, 1]


def _list_times(onsets: NDArray[np.int64], *, notes: int) -> NDArray[np.int64]:
    """(passages, notes - 1) times between onsets in lowest terms: twice as slow is the same."""
    times = sliding_window_view(np.diff(onsets), notes - 1)
    units: NDArray[np.int64] = np.maximum(np.gcd.reduce(times, axis=1), 1)
    shortest: NDArray[np.int64] = times // units[:, None]
    return shortest


def _hash_rows(*blocks: NDArray[np.int64], salt: int) -> Passages:
    """The finishing step of MurmurHash3 (Appleby 2011) over every column in turn."""
    found = np.full(len(blocks[0]), salt, dtype=np.uint64)
    for column in np.concatenate(blocks, axis=1).T:
        found = _mix(found + (column + 4096).astype(np.uint64) * _FIRST)
    return found


def _mix(values: Passages) -> Passages:
    values = (values ^ (values >> _SHIFT)) * _FIRST
    values = (values ^ (values >> _SHIFT)) * _SECOND
    return values ^ (values >> _SHIFT)
