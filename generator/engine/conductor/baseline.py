"""What the chord network is measured against: an interpolated 5-gram over the same chord slots."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from generator.engine.conductor.features import START
from generator.engine.conductor.lessons import Lesson
from generator.engine.plan import NO_CHORD
from generator.engine.training.ngram import KneserNey

_ORDER = 5


def measure_baseline(*, train: Sequence[Lesson], test: Sequence[Lesson]) -> float:
    """Mean bits per chord slot of a Kneser-Ney 5-gram; silent slots do not count."""
    model = KneserNey(np.concatenate([_list_grams(lesson) for lesson in train]), vocabulary=START)
    grams = np.concatenate([_list_grams(lesson) for lesson in test])
    counted = grams[grams[:, -1] != NO_CHORD]
    return float(model.bits(counted).mean())


def _list_grams(lesson: Lesson) -> npt.NDArray[np.int64]:
    """(slots, order): each chord after the four before it."""
    padded = np.concatenate([np.full(_ORDER - 1, START), lesson.chords])
    return np.lib.stride_tricks.sliding_window_view(padded, _ORDER).astype(np.int64)
