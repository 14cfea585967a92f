"""What a network sees, while it fills a gap, of the bars that stand after it: categories like those of `context`.

=====================  ======================================================================================
until        (194)     ticks to the first note after the gap, 193: longer or none
left         (17)      quarters of a bar to the gap's end, 16: more
first, second, third   (90 each) the highest pitches of the first three strokes after the gap, in the code of
                       `context`: 1 none, else the pitch
bass         (90)      the lowest pitch of the first stroke
=====================  ======================================================================================

And four *echoes*: what stands at the same place of the bar, of two, four and eight bars, counted from the gap's end on.
People repeat themselves, exactly or nearly, and an echo says what there is to repeat:

=====================  ======================================================================================
sounds, below (90)     the highest and the lowest pitch that sound there, 1: rest
strikes      (90)      the pitch that is struck next after it
age, wait    (26, 50)  ticks since the last stroke and to the next one
length       (77)      the length of the last stroke, 76 none         velocity (17)  its band, 16 none
=====================  ======================================================================================
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.engine.score import Note
from generator.engine.tokens.events import encode_notes
from generator.engine.tokens.vocabulary import DURATION_COUNT, DURATIONS, PITCH_COUNT, VELOCITY_COUNT

HORIZON_BARS = 8
"""What stands farther from the gap's end is not seen."""
CYCLES = (1, 2, 4, 8)
"""Bars after which an echo begins again."""

_PITCHES = PITCH_COUNT + 2
_ECHO = {
    "sounds": _PITCHES, "below": _PITCHES, "strikes": _PITCHES, "age": 26, "wait": 50,
    "length": DURATION_COUNT + 1, "velocity": VELOCITY_COUNT + 1,
}  # fmt: skip
FEATURES = {
    "until": 194, "left": 17, "first": _PITCHES, "second": _PITCHES, "third": _PITCHES, "bass": _PITCHES,
    **{f"{name}_{cycle}": size for cycle in CYCLES for name, size in _ECHO.items()},
}  # fmt: skip
"""Categories of each column, in column order."""
FOLLOWING_SIZE = sum(FEATURES.values())
_OFFSETS = np.cumsum([0, *FEATURES.values()])[:-1]
_FAR = np.int64(2**40)
_REST = 1

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Strokes:
    """Notes by onset, in ascending order; a last entry that never comes."""

    onsets: Integers
    ends: Integers
    """Of the highest note, cut where the next stroke begins."""
    highest: Integers
    """Symbols of pitch."""
    lowest: Integers
    lengths: Integers
    velocities: Integers


def list_strokes(rows: npt.NDArray[np.integer], *, ticks: Integers) -> Strokes:
    """Of encoded rows (n, 5), each at its tick; rows of one onset ascend in pitch, as `encode_notes` writes them."""
    is_note = rows[:, 1] < PITCH_COUNT
    notes, onsets = rows[is_note].astype(np.int64), ticks[is_note].astype(np.int64)
    lasts = np.flatnonzero(np.diff(onsets, append=_FAR))
    firsts = np.concatenate([[0], lasts[:-1] + 1])[: len(lasts)]
    struck, highest = onsets[lasts], notes[lasts]
    following = np.append(struck[1:], _FAR)
    ends = np.minimum(struck + np.array(DURATIONS)[highest[:, 2]], following)
    return Strokes(
        onsets=np.append(struck, _FAR),
        ends=np.append(ends, _FAR),
        highest=np.append(highest[:, 1], 0),
        lowest=np.append(notes[firsts, 1], 0),
        lengths=np.append(highest[:, 2], DURATION_COUNT),
        velocities=np.append(highest[:, 3], VELOCITY_COUNT),
    )


def hear_strokes(notes: Sequence[Note], *, drums: bool) -> Strokes:
    rows, ticks = encode_notes(notes, drums=drums)
    return list_strokes(rows, ticks=ticks.astype(np.int64))


def following_table(
    strokes: Strokes, *, ticks: Integers, stops: Integers, bar_ticks: Integers | int
) -> npt.NDArray[np.int16]:
    """Categories at each of the ticks (n,) of gaps that end at `stops` (n,), plus their column's offset: (n, features).
    Nothing that is struck before its stop is looked at."""
    last = len(strokes.onsets) - 1
    first = np.searchsorted(strokes.onsets[:-1], stops)
    horizon = stops + HORIZON_BARS * np.asarray(bar_ticks)

    def name_pitch(pitches: Integers, at: Integers) -> Integers:
        at = np.minimum(at, last)
        return np.where(strokes.onsets[at] < horizon, pitches[at] + 2, _REST)

    columns = {
        "until": np.where(strokes.onsets[first] < horizon, strokes.onsets[first] - ticks, _FAR),
        "left": (stops - ticks) * 4 // bar_ticks,
        "first": name_pitch(strokes.highest, first),
        "second": name_pitch(strokes.highest, first + 1),
        "third": name_pitch(strokes.highest, first + 2),
        "bass": name_pitch(strokes.lowest, first),
    }
    for cycle in CYCLES:
        heard = stops + (ticks - stops) % (cycle * np.asarray(bar_ticks))
        at = np.searchsorted(strokes.onsets[:-1], heard, side="right") - 1
        struck, before, after = at >= first, np.maximum(at, 0), np.maximum(at + 1, first)
        sounding = struck & (strokes.ends[before] > heard)
        columns |= {
            f"sounds_{cycle}": np.where(sounding, strokes.highest[before] + 2, _REST),
            f"below_{cycle}": np.where(sounding, strokes.lowest[before] + 2, _REST),
            f"strikes_{cycle}": name_pitch(strokes.highest, after),
            f"age_{cycle}": np.where(struck, heard - strokes.onsets[before], _FAR),
            f"wait_{cycle}": strokes.onsets[np.minimum(after, last)] - heard,
            f"length_{cycle}": np.where(struck, strokes.lengths[before], DURATION_COUNT),
            f"velocity_{cycle}": np.where(struck, strokes.velocities[before], VELOCITY_COUNT),
        }
    table = np.stack([np.clip(columns[name], 0, size - 1) for name, size in FEATURES.items()], axis=1)
    return np.asarray(table + _OFFSETS, np.int16)
