"""A loop: four, eight or sixteen bars whose last leads to their first."""

from collections.abc import Sequence

from generator.engine.kit.arranging import Shape, Span, arrange
from generator.engine.kit.distinct import is_distinct
from generator.engine.kit.material import Material
from generator.engine.kit.paths import find_path
from generator.engine.plan import Piece, Plan
from generator.engine.score import TICKS_PER_QUARTER

_LENGTHS = (8, 16, 4)
_SHORTEST, _LONGEST = 10.0, 30.0
_GRID = 300
"""A length that is a whole number of 300ths of a second is whole frames at 44.1 and at 48 kHz."""


def arrange_loop(material: Material, *, others: Sequence[Piece]) -> Piece | None:
    """It ends on the bar before the track's closing chord and begins, where it can, on the tonic: the cadence falls on
    its own first beat, so that it may be left there at any turn."""
    plan = material.plan
    bars = _choose_length(plan)
    length = bars * plan.metre.bar_ticks
    seconds = round(length / TICKS_PER_QUARTER * 60 / plan.tempo * _GRID) / _GRID
    shape = Shape(tempo=length / TICKS_PER_QUARTER * 60 / seconds, length=length, closes=False)
    title = f"{material.piece.title} (loop, {bars} bars)"
    for start in sorted(material.starts, key=lambda bar: not _is_tonic(plan, bar=bar)):
        path = find_path(material, start=start, bars=bars)
        spans = [Span(bar * plan.metre.bar_ticks, plan.metre.bar_ticks) for bar in path]
        piece = arrange(material.piece, spans, shape=shape, title=title)
        if is_distinct(piece, others=others):
            return piece
    return None


def _choose_length(plan: Plan) -> int:
    def last(bars: int) -> float:
        return bars * plan.metre.bar_ticks / TICKS_PER_QUARTER * 60 / plan.tempo

    return next((bars for bars in _LENGTHS if _SHORTEST <= last(bars) <= _LONGEST), 4)


def _is_tonic(plan: Plan, *, bar: int) -> bool:
    chord = plan.chord_at(bar * plan.metre.bar_ticks)
    return chord is not None and chord.root == plan.key.normal_tonic
