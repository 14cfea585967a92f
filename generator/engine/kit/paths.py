"""A way through the bars of a track: from where its tune begins to the bar that leads home, in so many bars.

The cheapest way is found exactly (dynamic programming over bar, place and bars since the last cut), so that a spot cuts
where the music allows it and not where the clock runs out.
"""

import numpy as np
from numpy.typing import NDArray

from generator.engine.kit.material import Costs, Material

_FORBIDDEN = np.inf


def find_path(material: Material, *, start: int, bars: int) -> tuple[int, ...]:
    """Bars of the track in the order in which they are played: `start` first, the one before the closing chord last.

    Between two cuts lie four bars of the track, fewer only where nothing else leads home.
    """
    if bars == 1:
        return (material.bars - 1,)
    for shortest in (4, 2, 1):
        path = _search(material.costs, start=start, bars=bars, shortest=shortest)
        if path:
            return path
    raise AssertionError("runs of one bar reach every bar")


def _search(costs: Costs, *, start: int, bars: int, shortest: int) -> tuple[int, ...]:
    """Empty where there is no way. State: bars played since the cut (up to `shortest`), bar of the track."""
    count = len(costs)
    best = np.full((shortest, count), _FORBIDDEN)
    best[0, start] = 0.0
    steps: list[NDArray[np.int64]] = []
    for _ in range(bars - 1):
        best, origin = _advance(best, costs=costs)
        steps.append(origin)
    run = int(best[:, -1].argmin())
    if not np.isfinite(best[run, -1]):
        return ()
    return _trace(steps, run=run, bar=count - 1, count=count)


def _advance(best: Costs, *, costs: Costs) -> tuple[Costs, NDArray[np.int64]]:
    """One bar on. `origin` says for each state which state, as run * count + bar, led to it."""
    shortest, count = best.shape
    after = np.full_like(best, _FORBIDDEN)
    origin = np.zeros(best.shape, np.int64)
    for run in range(shortest):
        target = min(run + 1, shortest - 1)
        better = best[run, :-1] < after[target, 1:]
        after[target, 1:][better] = best[run, :-1][better]
        origin[target, 1:][better] = run * count + np.arange(count - 1)[better]
    leaving = best[shortest - 1][:, None] + costs
    leaving[np.arange(count - 1), np.arange(1, count)] = _FORBIDDEN  # playing on is no cut
    source = leaving.argmin(axis=0)
    cut = leaving[source, np.arange(count)]
    better = cut < after[0]
    after[0][better] = cut[better]
    origin[0][better] = (shortest - 1) * count + source[better]
    return after, origin


def _trace(steps: list[NDArray[np.int64]], *, run: int, bar: int, count: int) -> tuple[int, ...]:
    path = [bar]
    for origin in reversed(steps):
        run, bar = divmod(int(origin[run, bar]), count)
        path.append(bar)
    return tuple(reversed(path))
