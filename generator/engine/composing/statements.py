"""Where a lead states its motif: at the head of every new stretch, and often enough to be remembered."""

from collections.abc import Sequence

from generator.engine.composing.finishing import find_closing
from generator.engine.composing.segments import Segment
from generator.engine.plan import Plan

LEAST = 3
"""Times that a motif must be heard."""
_NEAR = 6
"""Ticks around a hit that a statement leaves to it."""


def place_statements(segments: Sequence[Segment], *, plan: Plan, ticks: int) -> list[int]:
    """Ticks at which a motif of so many ticks is stated anew: the heads of new segments, then the middles of the
    longest ones, then wherever a beat is free, until it will be heard `LEAST` times."""
    closing = find_closing(plan)
    new = [segment for segment in segments if segment.source is None]
    chosen = _keep_apart([segment.start for segment in new], ticks=ticks, stop=closing, taken=[], hits=plan.hits)
    size = plan.metre.bar_ticks
    for step in (2 * size, size, plan.metre.beat_ticks):
        if len(chosen) >= LEAST:
            break
        more = [tick for segment in new for tick in range(segment.start, segment.stop, step)]
        chosen = _keep_apart(more, ticks=ticks, stop=closing, taken=chosen, hits=plan.hits, most=LEAST)
    return chosen


def _keep_apart(
    ticks_of: Sequence[int],
    *,
    ticks: int,
    stop: int,
    taken: Sequence[int],
    hits: Sequence[float],
    most: int | None = None,
) -> list[int]:
    kept = list(taken)
    for tick in ticks_of:
        if most is not None and len(kept) >= most:
            break
        is_free = tick + ticks <= stop and not any(tick - _NEAR < hit < tick + ticks for hit in hits)
        if is_free and all(abs(tick - other) >= ticks for other in kept):
            kept.append(tick)
    return sorted(kept)
