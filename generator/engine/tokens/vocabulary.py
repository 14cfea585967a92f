"""The vocabulary, whole.

A part is a sequence of *rows*. A row has five symbols, one per attribute; each is drawn given the ones before it:

====================  =======================================================================================
time      (196)       0..192: ticks since the last onset (0: the same chord). 193 SHIFT: 192 ticks pass, no note;
                      chained for longer rests. 194 END: the part has no further note. 195 START: the first row.
pitch     (88 + 1)    0..87: MIDI 21..108 (drum keys of General MIDI lie within it). 88: no note in this row.
duration  (76 + 1)    every length of 1..24 ticks, then ever coarser up to 384 (`DURATIONS`). 76: no note.
velocity  (16 + 1)    sixteen bands of 8. 16: no note.
micro     (17 + 1)    drums only: -40..40 twentieths of a tick in steps of 5. 17: no note.
====================  =======================================================================================

Rows of one chord ascend in pitch. "No note" and START are seen by the network, never drawn. Onsets lie on the
`GRID`: 32nds and triplets of sixteenths within each quarter.
"""

from collections.abc import Sequence

from generator.engine.score import TICKS_PER_QUARTER

MAX_TIME = 192
SHIFT, END, START = 193, 194, 195
TIME_COUNT = 196

LOWEST_PITCH, HIGHEST_PITCH = 21, 108
PITCH_COUNT = HIGHEST_PITCH - LOWEST_PITCH + 1

DURATIONS: tuple[int, ...] = (
    *range(1, 25),
    *(ticks for ticks in range(25, 97) if ticks % 3 == 0 or ticks % 4 == 0),
    *range(108, 193, 12),
    *range(216, 385, 24),
)
DURATION_COUNT = len(DURATIONS)
DRUM_TICKS = 6
"""Every drum note is written this long: the sound decays by itself."""

VELOCITY_COUNT = 16
VELOCITY_STEP = 8
MICRO_COUNT = 17
MICRO_STEP = 5
MICRO_CENTRE = MICRO_COUNT // 2

HEADS = ("time", "pitch", "duration", "velocity", "micro")
"""Attributes in the order in which they are drawn: also the columns of a row."""
SIZES = {
    "time": TIME_COUNT,
    "pitch": PITCH_COUNT,
    "duration": DURATION_COUNT,
    "velocity": VELOCITY_COUNT,
    "micro": MICRO_COUNT,
}
"""Symbols of each attribute that may be drawn; the one after the last means 'no note' (time has none)."""
START_ROW = (START, PITCH_COUNT, DURATION_COUNT, VELOCITY_COUNT, MICRO_COUNT)

PITCHED_HEADS = ("time", "pitch", "duration", "velocity")
DRUM_HEADS = ("time", "pitch", "velocity", "micro")

GRID = tuple(tick for tick in range(TICKS_PER_QUARTER) if tick % 3 == 0 or tick % 4 == 0)
"""Places within a quarter on which a note may begin."""


def _find_nearest(value: int, values: Sequence[int]) -> int:
    """The first of the places at which the nearest value stands."""
    return min(range(len(values)), key=lambda place: abs(values[place] - value))


_GRID_AND_END = (*GRID, TICKS_PER_QUARTER)
_SNAPPED = tuple(_GRID_AND_END[_find_nearest(rest, _GRID_AND_END)] for rest in range(TICKS_PER_QUARTER))
"""For each tick of a quarter."""
_DURATION_SYMBOLS = tuple(_find_nearest(ticks, DURATIONS) for ticks in range(DURATIONS[-1] + 1))
"""For each length up to the longest. Both are looked up for every note of every candidate."""


def snap_onset(tick: int) -> int:
    """The nearest place on the grid, the earlier of two that are equally near."""
    quarter, rest = divmod(tick, TICKS_PER_QUARTER)
    return quarter * TICKS_PER_QUARTER + _SNAPPED[rest]


def duration_symbol(ticks: int) -> int:
    """The symbol of the nearest length in `DURATIONS`, the shorter of two that are equally near."""
    return _DURATION_SYMBOLS[min(max(ticks, 0), DURATIONS[-1])]


def velocity_symbol(velocity: int) -> int:
    return min(max(velocity, 0) // VELOCITY_STEP, VELOCITY_COUNT - 1)


def velocity_value(symbol: int) -> int:
    """The middle of the band."""
    return symbol * VELOCITY_STEP + VELOCITY_STEP // 2


def micro_symbol(micro: int) -> int:
    return min(max(round(micro / MICRO_STEP) + MICRO_CENTRE, 0), MICRO_COUNT - 1)


def micro_value(symbol: int) -> int:
    return (symbol - MICRO_CENTRE) * MICRO_STEP


def describe_vocabulary() -> dict[str, object]:
    """What `vocabulary.json` of a stored network holds; one made for another vocabulary is refused."""
    return {"sizes": SIZES, "durations": list(DURATIONS), "grid": list(GRID), "lowest_pitch": LOWEST_PITCH}
