"""The method that this product succeeds, rebuilt to be measured beside it.

A MIDI file becomes a flat list of names: a note's, or a chord's pitch classes joined by dots. Windows of so many
numbers, scaled to 0..1, go through three LSTM layers of 512 units, a dense one of 256 and a softmax over the names. To
compose, the likeliest name is taken again and again with `model.predict`, and every name gets the same length.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from generator.engine.score import TICKS_PER_QUARTER, Note

UNITS = 512
DENSE = 256
OFFSET = 0.5
"""Quarter notes from one element to the next."""
_NAMES = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B")


def name_elements(notes: Sequence[Note]) -> list[str]:
    """'E4' for a note alone, '0.4.7' for notes struck together, in time order."""
    names = []
    for _, struck in groupby(sorted(notes), key=lambda note: note.onset):
        pitches = [note.pitch for note in struck]
        names.append(_name_pitch(pitches[0]) if len(pitches) == 1 else _name_chord(pitches))
    return names


def _name_pitch(pitch: int) -> str:
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _name_chord(pitches: Sequence[int]) -> str:
    return ".".join(str(each) for each in sorted({pitch % 12 for pitch in pitches}))


def build_reference(*, window: int, symbols: int) -> keras.Model:
    """(b, window, 1) of numbers in 0..1 to (b, symbols) of probabilities."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((window, 1)),
            layers.LSTM(UNITS, return_sequences=True),
            layers.Dropout(0.3),
            layers.LSTM(UNITS, return_sequences=True),
            layers.Dropout(0.3),
            layers.LSTM(UNITS),
            layers.Dense(DENSE),
            layers.Dropout(0.3),
            layers.Dense(symbols, activation="softmax"),
        ]
    )


def cut_windows(
    numbers: npt.NDArray[np.int64], *, window: int, symbols: int, starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Windows (n, window, 1), scaled, and the number that follows each (n,)."""
    at = starts[:, None] + np.arange(window)
    return (numbers[at] / symbols).astype(np.float32)[..., None], numbers[starts + window]


def compose_elements(
    network: Any, *, start: npt.NDArray[np.int64], elements: int, symbols: int
) -> npt.NDArray[np.int64]:
    """The likeliest continuation of a window of numbers, `elements` long."""
    pattern = list(start)
    window, written = len(pattern), []
    for _ in range(elements):
        likely = network.predict(np.reshape(pattern, (1, window, 1)) / symbols, verbose=0)
        written.append(int(np.argmax(likely)))
        pattern = [*pattern[1:], written[-1]]
    return np.array(written)


def decode_elements(names: Sequence[str], *, offset: float = OFFSET) -> list[Note]:
    """Every element as long as every other, `offset` quarters after the last one; chords in the octave of middle C."""
    notes = []
    for index, name in enumerate(names):
        onset = round(index * offset * TICKS_PER_QUARTER)
        notes += [Note(onset, pitch, TICKS_PER_QUARTER) for pitch in _read_pitches(name)]
    return notes


def _read_pitches(name: str) -> list[int]:
    if name[0].isdigit():
        return [60 + int(each) for each in name.split(".")]
    step = name.rstrip("0123456789")
    return [_NAMES.index(step) + 12 * (int(name[len(step) :]) + 1)]
