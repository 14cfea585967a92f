"""Energy: how much is going on in a bar, from 0 (barely there) to 1 (everything).

A bar is measured by three things: density (the logarithm of one plus its notes per quarter), loudness (the mean
velocity of its notes) and register (their mean pitch). Each is turned into its rank among all bars of the corpus, 0
to 1; the ranks are mixed as 0.45 density + 0.40 loudness + 0.15 register; the mixture is ranked once more, so that
0.5 is a median bar. Silent bars stand at 0 and do not count among the bars ranked.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from generator.engine.plan import Metre
from generator.engine.score import TICKS_PER_QUARTER, Note

Array = npt.NDArray[np.float64]

_MIXTURE = np.array([0.45, 0.40, 0.15])


def measure_bars(notes: Iterable[Note], *, metre: Metre, length: int) -> Array:
    """Density, loudness and register per bar, shape (bars, 3); a silent bar is all zeros."""
    bars = -(-length // metre.bar_ticks)
    sums = np.zeros((bars, 3))
    full = metre.bar_ticks
    for note in notes:
        bar = note.onset // full
        if 0 <= bar < bars:
            sums[bar] += (1.0, note.velocity, note.pitch)
    counts = sums[:, :1].copy()
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    means[:, 0] = np.log1p(counts[:, 0] * TICKS_PER_QUARTER / metre.bar_ticks)
    return means


def rank_energies(measures: Sequence[Array]) -> list[tuple[float, ...]]:
    """Energies per bar of each piece, from the `measure_bars` of all pieces that are to be compared."""
    if not measures:
        return []
    stacked = np.concatenate(measures)
    audible = stacked[:, 0] > 0
    energies = np.zeros(len(stacked))
    if audible.any():
        ranks = np.column_stack([_rank(column) for column in stacked[audible].T])
        energies[audible] = _rank(np.round(ranks @ _MIXTURE, 9))
    pieces = np.split(energies, np.cumsum([len(measure) for measure in measures])[:-1])
    return [tuple(round(float(energy), 4) for energy in piece) for piece in pieces]


def _rank(values: Array) -> Array:
    """Mid-rank of each value among all, strictly between 0 and 1; equal values share one rank."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    ranks: Array = (below + upto) / (2.0 * len(values))
    return ranks
