"""Features of excerpts, and how far the distributions of two sets of excerpts overlap.

After Yang and Lerch, "On the evaluation of generative models in music" (2018): for each feature, the distances between
excerpts of the human set (intra) and from composed to human excerpts (inter) are two distributions; the area that their
densities share says how far composed music lies among human music. 1: no difference. Two halves of the human set, by
piece, say what can be reached.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.measuring.music import Stretch
from generator.engine.metrics import list_top_line

Array = npt.NDArray[np.float64]

_LENGTHS = (1.5, 3.5, 6.5, 9.5, 13.0, 19.0, 26.0, 40.0, 60.0, 80.0, 120.0)
"""Edges in ticks between classes of note lengths and of distances between onsets."""


def _count_pitch_classes(stretch: Stretch) -> Array:
    return _normalise(np.bincount([note.pitch % 12 for note in stretch.notes], minlength=12))


def _count_drums(stretch: Stretch) -> Array:
    return _normalise(np.bincount([note.pitch - 35 for note in stretch.notes], minlength=25))


def _measure_range(stretch: Stretch) -> Array:
    pitches = [note.pitch for note in stretch.notes]
    return np.array([max(pitches) - min(pitches)], float)


def _count_lengths(stretch: Stretch) -> Array:
    return _normalise(_count_classes([note.duration for note in stretch.notes]))


def _count_distances(stretch: Stretch) -> Array:
    onsets = sorted({note.onset for note in stretch.notes})
    return _normalise(_count_classes([after - before for before, after in pairwise(onsets)]))


def _count_transitions(stretch: Stretch) -> Array:
    """From pitch class to pitch class, of the top line."""
    table = np.zeros((12, 12))
    for before, after in pairwise(list_top_line(stretch.notes)):
        table[before % 12, after % 12] += 1
    return _normalise(table.ravel())


def _count_notes(stretch: Stretch) -> Array:
    return np.array([len(stretch.notes) * stretch.plan.metre.bar_ticks / stretch.plan.length])


def _count_classes(ticks: Sequence[int]) -> Array:
    return np.bincount(np.digitize(ticks, _LENGTHS), minlength=len(_LENGTHS) + 1).astype(float)


def _normalise(counts: npt.NDArray[Any]) -> Array:
    return np.asarray(counts / max(float(counts.sum()), 1.0), np.float64)


Feature = Callable[[Stretch], Array]
PITCHED: dict[str, Feature] = {
    "pitch-class histogram": _count_pitch_classes,
    "pitch range": _measure_range,
    "note length": _count_lengths,
    "inter-onset interval": _count_distances,
    "pitch transition": _count_transitions,
    "notes per bar": _count_notes,
}
DRUMS: dict[str, Feature] = {
    "drum histogram": _count_drums,
    "inter-onset interval": _count_distances,
    "notes per bar": _count_notes,
}


def measure_overlaps(human: Sequence[Stretch], composed: Sequence[Stretch], *, drums: bool) -> dict[str, float]:
    """The overlapped area by feature."""
    found = {}
    for name, feature in (DRUMS if drums else PITCHED).items():
        theirs, ours = (np.stack([feature(each) for each in side]) for side in (human, composed))
        between = _list_distances(theirs, theirs)[np.triu_indices(len(theirs), 1)]
        found[name] = overlap_areas(between, _list_distances(ours, theirs).ravel())
    return found


def _list_distances(one: Array, other: Array) -> Array:
    return np.asarray(np.sqrt(((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)))


def overlap_areas(one: Array, other: Array, *, points: int = 512) -> float:
    """The area under the lower of two Gaussian kernel densities with Silverman's bandwidth."""
    low, high = min(one.min(), other.min()), max(one.max(), other.max())
    margin = 0.25 * max(high - low, 1e-6)
    places = np.linspace(low - margin, high + margin, points)
    densities = [_estimate_density(sample, places) for sample in (one, other)]
    return round(float(np.minimum(*densities).sum() * (places[1] - places[0])), 4)


def _estimate_density(sample: Array, places: Array) -> Array:
    quartiles = np.subtract(*np.percentile(sample, [75, 25])) / 1.349
    spread = min(sample.std(), quartiles) if quartiles > 0 else sample.std()
    width = max(0.9 * spread * len(sample) ** -0.2, (places[-1] - places[0]) / 200)
    counts, edges = np.histogram(sample, bins=2 * len(places), range=(places[0], places[-1]))
    centres = (edges[:-1] + edges[1:]) / 2
    kernels = np.exp(-0.5 * ((places[:, None] - centres[None, :]) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    return np.asarray(kernels @ (counts / len(sample)))
