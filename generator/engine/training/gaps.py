"""Gaps in held sequences: bars that a network writes while it knows what stands after them, and those it only hears."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.plan import Metre
from generator.engine.tokens.context import FEATURES, METRES, OFFSETS
from generator.engine.tokens.following import FOLLOWING_SIZE, HORIZON_BARS, Strokes, following_table, list_strokes
from generator.engine.tokens.vocabulary import MAX_TIME, SHIFT, START
from generator.engine.training.batches import WindowBatches
from generator.engine.training.dataset import Stream

_LENGTHS = np.array([1, 1, 2, 2, 2, 2, 3, 4, 4, 8])
"""Bars of a gap, drawn evenly from these."""
_MOST_HEARD = 4
"""Bars between two gaps."""
_APART = 2**16
"""Ticks between sequences on the common axis of time: no gap sees what belongs to the next one."""
VISIBLE = -1

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """Every row of a stream on one axis of time."""

    stream: Stream
    ticks: Integers
    """(n,)"""
    origins: Integers
    """Where each sequence begins, (s,)."""
    bar_ticks: Integers
    """Of each sequence; 0 for a metre without a name, in which no gaps are made."""
    strokes: Strokes

    @cached_property
    def owners(self) -> Integers:
        """Which sequence each row belongs to."""
        return np.repeat(np.arange(len(self.origins)), self.stream.stops - self.stream.starts)


def lay_out(stream: Stream) -> Timeline:
    steps = np.minimum(stream.rows[:, 0].astype(np.int64), MAX_TIME)
    steps[stream.rows[:, 0] > SHIFT] = 0  # END and START take no time, SHIFT takes the most
    total = np.cumsum(steps)
    lengths = total[stream.stops - 1] - total[stream.starts]
    origins = np.concatenate([[0], np.cumsum(lengths + _APART)[:-1]])
    sizes = stream.stops - stream.starts
    ticks = total - np.repeat(total[stream.starts] - origins, sizes)
    column = list(FEATURES).index("metre")
    metres = stream.context[stream.starts, column] - OFFSETS[column]
    bars = np.array([0, *(_bar_ticks(name) for name in METRES[1:])])[metres]
    return Timeline(stream, ticks, origins, bars, list_strokes(stream.rows, ticks=ticks))


def _bar_ticks(name: str) -> int:
    numerator, denominator = name.split("/")
    return Metre(int(numerator), int(denominator)).bar_ticks


def draw_stops(timeline: Timeline, *, random: np.random.Generator) -> Integers:
    """For each row the tick at which its gap ends, or VISIBLE: gaps and bars that are heard take turns, and after every
    gap something follows within the horizon."""
    owners = timeline.owners
    stops = np.full(len(owners), VISIBLE, np.int64)
    for sequence, bar in enumerate(timeline.bar_ticks.tolist()):
        if bar == 0:
            continue
        rows = slice(int(timeline.stream.starts[sequence]), int(timeline.stream.stops[sequence]))
        inside = timeline.ticks[rows] - timeline.origins[sequence]
        stops[rows] = _draw_sequence(inside, bar=bar, random=random)
    rows_with = stops != VISIBLE
    stops[rows_with] += timeline.origins[owners[rows_with]]
    return stops


def _draw_sequence(ticks: Integers, *, bar: int, random: np.random.Generator) -> Integers:
    bars = int(ticks[-1]) // bar + 1
    ends = np.full(bars + 1, VISIBLE, np.int64)
    at = int(random.integers(0, _MOST_HEARD + 1))
    while at < bars:
        length = int(random.choice(_LENGTHS))
        stop = (at + length) * bar
        following = ticks[np.searchsorted(ticks, stop) : -1]  # without END
        if len(following) and following[0] < stop + HORIZON_BARS * bar:
            ends[at : at + length] = stop
        at += length + int(random.integers(1, _MOST_HEARD + 1))
    drawn = ends[ticks // bar]
    drawn[-1] = VISIBLE
    return drawn


def foresee(
    timeline: Timeline, stops: Integers, *, at: Integers
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
    """What each row (any shape) sees of what follows its gap, (..., features), and whether it sees anything: a row sees
    what its successor sees, for that is written from it."""
    following = np.minimum(at + 1, len(stops) - 1)
    goes_on = timeline.stream.rows[following, 0] != START
    until = np.where((stops[at] == VISIBLE) & goes_on, stops[following], stops[at])
    bars = np.maximum(timeline.bar_ticks[timeline.owners[at]], 1)
    seen = [each.ravel() for each in (timeline.ticks[at], np.maximum(until, 0), bars)]
    table = following_table(timeline.strokes, ticks=seen[0], stops=seen[1], bar_ticks=seen[2])
    return table.reshape(*at.shape, -1), until != VISIBLE


class GapBatches(WindowBatches):
    """Batches of windows in which gaps are drawn, other ones each epoch; only what lies in a gap is to be learned, and
    the step out of it."""

    @cached_property
    def timeline(self) -> Timeline:
        return lay_out(self.stream)

    def _shuffle(self) -> None:
        super()._shuffle()
        self.stops = draw_stops(self.timeline, random=np.random.default_rng([self.seed, self.epoch, 1]))

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        inputs, symbols, weights = super().__getitem__(index)
        at = self.starts[index * self.batch : (index + 1) * self.batch, None] + np.arange(self.window + 1)
        at = np.minimum(at, len(self.stops) - 1)
        table, sees = foresee(self.timeline, self.stops, at=at)
        inputs["following"] = spread_following(table, sees=sees)
        inside = self.stops[at] != VISIBLE
        for head in self.heads:
            learned = inside[:, 1:] | inside[:, :-1] if head == "time" else inside[:, 1:]
            weights[head] = weights[head] * learned
        return inputs, symbols, weights


def spread_following(table: npt.NDArray[np.int16], *, sees: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """(..., features) of category numbers to (..., following_size) of zeros and ones; zeros where nothing is seen."""
    spread = np.zeros((*table.shape[:-1], FOLLOWING_SIZE), np.float32)
    np.put_along_axis(spread, table.astype(np.int64), sees[..., None].astype(np.float32), axis=-1)
    return spread
