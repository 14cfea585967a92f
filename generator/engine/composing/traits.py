"""Traits: what tells how people play a part from how a network might: a few numbers of a stretch of four bars or so."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from generator.engine.metrics import (
    count_notes_per_bar,
    list_beats,
    list_top_line,
    measure_chord_tones,
    measure_consonance,
    measure_echo,
    measure_foreign,
    measure_in_scale,
    measure_likeness_of_rhythm,
    measure_sounding,
)
from generator.engine.plan import Plan
from generator.engine.score import Note

TRAITS = (
    "chord_tones", "consonance", "foreign", "steps", "repeats", "range", "rhythm", "presence", "length", "variety",
    "echo", "busyness", "chromatic", "fullness", "leaps", "contrast",
)  # fmt: skip
"""Rates but for range (octaves of the top line), length (mean binary logarithm in quarters) and variety (standard
deviation of the logarithms of the distances between onsets), busyness (binary logarithm of the notes over the usual
number), fullness (the same of the notes over the strokes) and contrast (standard deviation of the logarithms of the
lengths)."""

_LEAP = 7
"""Semitones. A wider move of the top line is a leap: what tells broken chords from repeated ones."""

Traits = dict[str, float]
Array = npt.NDArray[np.float64]


def measure_traits(
    notes: Sequence[Note], *, plan: Plan, lead: Sequence[Note] | None, start: int, stop: int, usual: float
) -> Traits:
    """By name; NaN where there is nothing to measure: no lead, no notes. `usual` is the number of notes a bar."""
    if not notes:
        return dict.fromkeys(TRAITS, math.nan)
    tops = list_top_line(notes)
    moves = [abs(after - before) for before, after in pairwise(tops)]
    onsets = sorted({note.onset for note in notes})
    gaps = np.log2([after - before for before, after in pairwise(onsets)] or [24])
    lengths = np.log2([note.duration for note in notes])
    ticks = list_beats(plan.metre, start=start, stop=stop)
    return {
        "chord_tones": measure_chord_tones(notes, plan=plan, start=start, stop=stop),
        "consonance": measure_consonance(notes, lead, ticks=ticks) if lead else math.nan,
        "foreign": measure_foreign(notes, plan=plan),
        "steps": _share(1 <= move <= 2 for move in moves),
        "repeats": _share(move == 0 for move in moves),
        "range": (max(tops) - min(tops)) / 12.0,
        "rhythm": measure_likeness_of_rhythm(notes, metre=plan.metre, start=start, stop=stop),
        "presence": measure_sounding(notes, start=start, stop=stop),
        "length": _average(lengths) - math.log2(24.0),
        "variety": _deviate(gaps),
        "echo": measure_echo(notes, metre=plan.metre, start=start, stop=stop),
        "busyness": math.log2(count_notes_per_bar(notes, metre=plan.metre, start=start, stop=stop) / usual),
        "chromatic": 1.0 - measure_in_scale(notes, mode=plan.key.mode),
        "fullness": math.log2(len(notes) / len(onsets)),
        "leaps": _share(move > _LEAP for move in moves),
        "contrast": _deviate(lengths),
    }


def _average(values: Array) -> float:
    return float(np.add.reduce(values)) / len(values)


def _deviate(values: Array) -> float:
    """Standard deviation, to the bit as numpy's own, which looks at its arguments for far longer than it computes."""
    away = values - _average(values)
    return math.sqrt(_average(away * away))


def _share(verdicts: Iterable[bool]) -> float:
    listed = list(verdicts)
    return sum(listed) / len(listed) if listed else math.nan
