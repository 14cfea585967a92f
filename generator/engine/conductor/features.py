"""What the chord network sees at each chord slot: categories, one column per feature.

=================  ==========================================================================================
previous  (50)     the chord of the slot before, 48 none, 49 at the start
held      (9)      slots for which that chord has stood, 8: longer
mode      (2)      major, minor                                  metre  (5)   see `METRES`
slot      (4)      slot within the bar                           phrase (8)   bar within the section, modulo 8
left      (9)      bars to the section's end, 8: more            end    (5)   bars to the piece's end, 4: more
label     (6)      corpus, see `LABELS`
pace, sevenths, colour  (3 each)   terciles of the piece within its corpus, see `styles.Harmony`
=================  ==========================================================================================
"""

import numpy as np
import numpy.typing as npt

from generator.engine.plan import CHORD_COUNT, NO_CHORD, Chord, Metre, Mode, Section
from generator.engine.styles import Harmony

METRES = ("other", "4/4", "3/4", "6/8", "2/4")
LABELS = ("other", "pop", "classical", "art-song", "folk", "guitar")
START = CHORD_COUNT
FEATURES = {
    "previous": CHORD_COUNT + 1,
    "held": 9,
    "mode": 2,
    "metre": len(METRES),
    "slot": 4,
    "phrase": 8,
    "left": 9,
    "end": 5,
    "label": len(LABELS),
    "pace": 3,
    "sevenths": 3,
    "colour": 3,
}
FEATURE_COUNT = sum(FEATURES.values())
OFFSETS = np.cumsum([0, *FEATURES.values()])[:-1]
PREVIOUS, HELD = 0, 1
"""Columns that depend on what was drawn; `describe_slots` leaves them at zero."""

Table = npt.NDArray[np.int64]


def describe_slots(
    *, sections: tuple[Section, ...], slots: int, bars: int, metre: Metre, mode: Mode, harmony: Harmony
) -> Table:
    """Features of every slot of a piece but its last chord: (slots, features), without offsets."""
    per_bar = metre.bar_ticks // metre.chord_ticks
    slot = np.arange(slots)
    bar = slot // per_bar
    starts = np.array([section.start_bar for section in sections])
    ends = np.array([section.start_bar + section.bars for section in sections])
    found = np.maximum(np.searchsorted(starts, bar, side="right") - 1, 0)
    columns = {
        "previous": np.zeros(slots),
        "held": np.zeros(slots),
        "mode": np.full(slots, int(mode is Mode.MINOR)),
        "metre": np.full(slots, METRES.index(str(metre)) if str(metre) in METRES else 0),
        "slot": slot % per_bar,
        "phrase": (bar - starts[found]) % 8,
        "left": ends[found] - 1 - bar,
        "end": bars - 1 - bar,
        "label": np.full(slots, LABELS.index(harmony.label) if harmony.label in LABELS else 0),
        "pace": np.full(slots, harmony.pace),
        "sevenths": np.full(slots, harmony.sevenths),
        "colour": np.full(slots, harmony.colour),
    }
    return np.stack([np.clip(columns[name], 0, size - 1) for name, size in FEATURES.items()], axis=1).astype(np.int64)


def fill_history(table: Table, *, chords: npt.NDArray[np.int64]) -> Table:
    """The table with the columns that tell of the chords before each slot: what training sees."""
    filled = table.copy()
    filled[:, PREVIOUS] = np.concatenate([[START], chords[:-1]])
    held = 0
    for row in range(1, len(chords)):
        held = held + 1 if row > 1 and chords[row - 1] == chords[row - 2] else 1
        filled[row, HELD] = min(held, FEATURES["held"] - 1)
    return filled


def index_chords(chords: tuple[Chord | None, ...]) -> npt.NDArray[np.int64]:
    return np.array([NO_CHORD if chord is None else chord.index for chord in chords], np.int64)
