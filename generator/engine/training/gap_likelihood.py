"""How likely a network finds the true notes of a gap, with what stands after it and without."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from generator.engine.tokens.vocabulary import MAX_TIME, PITCH_COUNT, SHIFT, TIME_COUNT
from generator.engine.training.batches import cut_windows
from generator.engine.training.dataset import Stream
from generator.engine.training.gaps import VISIBLE, Timeline, foresee, lay_out, spread_following

MOST_GAPS = 400
GAP_BARS = 2
LEAST_NOTES = 4
_HEARD = 96
"""Rows heard before a gap."""
_BATCH = 25

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def measure_gaps(
    network: keras.Model, *, stream: Stream, heads: tuple[str, ...], most: int = MOST_GAPS, seed: int = 0
) -> Floats:
    """A gap of two bars in each of so many parts: its notes, and the nats of p(gap | before) and of p(gap | before,
    after), as (gaps, 3). A gap is its notes and that no other note is struck in it, so both probabilities are of the
    same event: the step into the gap and the step out of it weigh where in the gap they lead, or that they leave it,
    never where the music goes on, which the second one knows."""
    timeline = lay_out(stream)
    gaps = draw_gaps(timeline, most=most, seed=seed)
    found = [_score(network, timeline, gaps[at : at + _BATCH], heads=heads) for at in range(0, len(gaps), _BATCH)]
    return np.concatenate(found)


def draw_gaps(timeline: Timeline, *, most: int, seed: int) -> Integers:
    """First row before each gap, first row after it, and the ticks at which it begins and ends: (gaps, 4)."""
    random = np.random.default_rng(seed)
    found = []
    for sequence in random.permutation(len(timeline.origins)).tolist():
        gap = _draw_gap(timeline, sequence, random=random)
        if gap is not None:
            found.append(gap)
        if len(found) == most:
            break
    return np.array(found, np.int64)


def _draw_gap(timeline: Timeline, sequence: int, *, random: np.random.Generator) -> tuple[int, int, int, int] | None:
    """Somewhere in the part where bars stand before and after, and a few notes in it."""
    begin, stop = int(timeline.stream.starts[sequence]), int(timeline.stream.stops[sequence]) - 1
    size, origin, ticks = int(timeline.bar_ticks[sequence]), timeline.origins[sequence], timeline.ticks[begin:stop]
    bars = int(ticks[-1] - origin) // size if size else 0
    for bar in random.permutation(np.arange(1, max(bars - GAP_BARS, 1))).tolist():
        edges = origin + bar * size, origin + (bar + GAP_BARS) * size
        first, last = (begin + int(np.searchsorted(ticks, edge)) for edge in edges)
        if last - first >= LEAST_NOTES and last < stop and timeline.ticks[last] < edges[1] + size:
            return first - 1, last, int(edges[0]), int(edges[1])
    return None


def _score(network: keras.Model, timeline: Timeline, gaps: Integers, *, heads: tuple[str, ...]) -> Floats:
    before, after, _, ends = gaps.T
    owners = timeline.owners[before]
    begins = np.maximum(before - _HEARD, timeline.stream.starts[owners])
    window = int((after - begins).max())
    inputs, symbols, weights = cut_windows(timeline.stream, starts=begins, window=window)
    at = np.minimum(begins[:, None] + np.arange(window + 1), len(timeline.ticks) - 1)
    stops = np.full(len(timeline.ticks), VISIBLE, np.int64)
    for first, last, stop in zip(before + 1, after, ends, strict=True):
        stops[first:last] = stop
    table, sees = foresee(timeline, stops, at=at)
    sees &= (at >= before[:, None]) & (at < after[:, None])
    known = spread_following(table, sees=sees)
    judged = [_judge(timeline, at=at[:, :-1], gaps=gaps), symbols, weights]
    return np.stack(
        [
            ((at > before[:, None]) & (at < after[:, None]) & (timeline.stream.rows[at, 1] < PITCH_COUNT)).sum(axis=1),
            *(_sum_nats(network, {**inputs, "following": each}, *judged, heads=heads) for each in (known * 0, known)),
        ],
        axis=1,
    )


def _judge(timeline: Timeline, *, at: Integers, gaps: Integers) -> dict[str, npt.NDArray[np.bool_]]:
    """Which rows are written in the gap, which step out of it, and where each time symbol would lead."""
    before, after, starts, ends = (column[:, None] for column in gaps.T)
    lands = timeline.ticks[at][..., None] + np.minimum(np.arange(TIME_COUNT), MAX_TIME)
    ended = np.arange(TIME_COUNT) > SHIFT
    return {
        "inside": (at >= before) & (at < after - 1),
        "enters": at == before,
        "leaves": at == after - 1,
        "enters_by": (lands >= starts[..., None]) | (np.arange(TIME_COUNT) >= SHIFT),
        "leaves_by": (lands >= ends[..., None]) | ended,
    }


def _sum_nats(
    network: keras.Model, inputs: Any, judged: dict[str, Any], symbols: Any, weights: Any, *, heads: tuple[str, ...]
) -> Floats:
    """Of each gap."""
    logits = network.predict_on_batch(inputs)
    total = np.zeros(judged["inside"].shape[0])
    for head in heads:
        logs = np.asarray(keras.ops.convert_to_numpy(keras.ops.log_softmax(logits[head])), np.float64)
        picked = np.take_along_axis(logs, symbols[head][..., None].astype(np.int64), axis=-1)[..., 0]
        total += (picked * weights[head] * judged["inside"]).sum(axis=1)
        if head == "time":
            total += (_add_up(logs, judged["leaves_by"]) * judged["leaves"]).sum(axis=1)
            total -= (_add_up(logs, judged["enters_by"]) * judged["enters"]).sum(axis=1)
    return total


def _add_up(logs: Floats, among: npt.NDArray[np.bool_]) -> Floats:
    """Log of the probability of any of the symbols."""
    return np.asarray(np.log(np.maximum((np.exp(logs) * among).sum(axis=-1), 1e-30)))


def summarise_gaps(measured: Floats) -> dict[str, float | int]:
    """Nats a note of the gaps without and with what follows, the gain and two standard errors of it over gaps."""
    notes, without, knowing = measured.T
    gains = (knowing - without) / notes
    return {
        "gaps": len(measured),
        "without": round(float((without / notes).mean()), 4),
        "with": round(float((knowing / notes).mean()), 4),
        "gain": round(float(gains.mean()), 4),
        "bound": round(2 * float(gains.std(ddof=1)) / len(gains) ** 0.5, 4),
    }
