"""A way through the bars of a track: from where its tune begins to the bar that leads home, in so many bars.

The cheapest way is found exactly (dynamic programming over bar, place and bars since the last cut), so that a spot cuts
where the music allows it and not where the clock runs out.
"""

import numpy as np
from numpy.typing import NDArray

from generator.engine.kit.material import Costs, Material

_FORBIDDEN = np.inf


def find_path(
    material: Material,
    *,
    start: int,
    bars: int,
    familiar: Costs | None = None,
    end: int | None = None,
    reorders: bool = False,
) -> tuple[int, ...]:
    """Bars of the track in the order in which they are played: `start` first, `end` last, which is the one before the
    closing chord unless told otherwise.

    Between two cuts lie four bars of the track, fewer only where nothing else leads there. `familiar`, (bars, bars of
    the track), is what each costs in each place beside that. If it `reorders`, it leaves the track's order of sections.
    """
    last = material.bars - 1 if end is None else end
    if bars == 1:
        return (last,)
    beside = np.zeros((bars, material.bars)) if familiar is None else familiar[:, : material.bars]
    costs = material.reordering_costs if reorders else material.costs
    for shortest in (4, 2, 1):
        path = _search(costs, beside, start=start, end=last, shortest=shortest)
        if path:
            return path
    raise AssertionError("runs of one bar reach every bar")


def _search(costs: Costs, beside: Costs, *, start: int, end: int, shortest: int) -> tuple[int, ...]:
    """Empty where there is no way. State: bars played since the cut (up to `shortest`), bar of the track."""
    count = len(costs)
    best = np.full((shortest, count), _FORBIDDEN)
    best[0, start] = 0.0
    steps: list[NDArray[np.int64]] = []
    for place in beside[1:]:
        best, origin = _advance(best, costs=costs)
        best += place
        steps.append(origin)
    run = int(best[:, end].argmin())
    if not np.isfinite(best[run, end]):
        return ()
    return _trace(steps, run=run, bar=end, count=count)


def _advance(best: Costs, *, costs: Costs) -> tuple[Costs, NDArray[np.int64]]:
    """One bar on. `origin` says for each state which state, as run * count + bar, led to it."""
    shortest, count = best.shape
    after = np.full_like(best, _FORBIDDEN)
    origin = np.zeros(best.shape, np.int64)
    for run in range(shortest):
        target = min(run + 1, shortest - 1)
        played_on = best[run, :-1] + costs.diagonal(1)
        better = played_on < after[target, 1:]
        after[target, 1:][better] = played_on[better]
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
