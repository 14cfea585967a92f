"""What the chord network learns from: the plans of corpus pieces, with the level of each measure within its corpus."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from generator.engine.conductor.features import LABELS, Table, describe_slots, fill_history, index_chords
from generator.engine.plan import NO_CHORD, Chord, Mode, Plan
from generator.engine.styles import Harmony

_SHORTEST = 8
"""Slots that a piece needs to teach anything."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lesson:
    table: Table
    """(slots, features)"""
    chords: Indices
    """(slots,)"""


def make_lessons(plans: Sequence[Plan]) -> list[Lesson]:
    """One lesson per plan that is long enough and not mostly silent."""
    usable = [plan for plan in plans if _is_usable(plan)]
    levels = {label: _find_terciles([plan for plan in usable if plan.style == label]) for label in LABELS}
    return [_make_lesson(plan, terciles=levels[plan.style if plan.style in LABELS else "other"]) for plan in usable]


def measure_harmony(plan: Plan) -> tuple[float, float, float]:
    """Chord changes per bar, share of dominant sevenths, share of chords with notes outside the key."""
    chords = [chord for chord in plan.chords if chord is not None]
    if not chords:
        return 0.0, 0.0, 0.0
    changes = sum(before != after for before, after in pairwise(chords))
    scale = {0, 2, 4, 5, 7, 9, 11} | ({8} if plan.key.mode is Mode.MINOR else set())
    strange = sum(not set(_triad(chord)) <= scale for chord in chords)
    sevenths = sum(chord.quality == "dom7" for chord in chords)
    return changes / max(plan.bars, 1), sevenths / len(chords), strange / len(chords)


def _triad(chord: Chord) -> tuple[int, ...]:
    return chord.pitch_classes[:3]


def _is_usable(plan: Plan) -> bool:
    silent = sum(chord is None for chord in plan.chords)
    return len(plan.chords) >= _SHORTEST and silent * 4 < len(plan.chords)


def _find_terciles(plans: Sequence[Plan]) -> npt.NDArray[np.float64]:
    """(3 measures, 2 limits); zeros where there is nothing to measure."""
    if not plans:
        return np.zeros((3, 2))
    measures = np.array([measure_harmony(plan) for plan in plans])
    return np.asarray(np.quantile(measures, [1 / 3, 2 / 3], axis=0).T)


def _make_lesson(plan: Plan, *, terciles: npt.NDArray[np.float64]) -> Lesson:
    chords = index_chords(plan.chords)
    pace, sevenths, colour = (
        int(np.searchsorted(limits, value, side="left"))
        for limits, value in zip(terciles, measure_harmony(plan), strict=True)
    )
    table = describe_slots(
        sections=plan.sections,
        slots=len(chords),
        bars=plan.bars,
        metre=plan.metre,
        mode=plan.key.mode,
        harmony=Harmony(label=plan.style, pace=pace, sevenths=sevenths, colour=colour),
    )
    return Lesson(table=fill_history(table, chords=chords), chords=chords)


def batch_lessons(
    lessons: Sequence[Lesson], *, window: int, seed: int
) -> tuple[Table, Indices, npt.NDArray[np.float32]]:
    """Windows of equal length: features (n, window, features), chords (n, window), weights (n, window), which are
    zero on padding and on silence."""
    rng = np.random.default_rng(seed)
    tables, targets, weights = [], [], []
    for lesson in lessons:
        first = int(rng.integers(window)) if len(lesson.chords) > window else 0
        for start in sorted({0, *range(first, len(lesson.chords), window)}):
            stop = min(start + window, len(lesson.chords)) if start or first == 0 else first
            missing = window - (stop - start)
            tables.append(np.pad(lesson.table[start:stop], ((0, missing), (0, 0))))
            targets.append(np.pad(lesson.chords[start:stop], (0, missing)))
            counted = (lesson.chords[start:stop] != NO_CHORD).astype(np.float32)
            weights.append(np.pad(counted, (0, missing)))
    return np.stack(tables), np.stack(targets), np.stack(weights)
