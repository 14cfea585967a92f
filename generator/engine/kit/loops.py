"""A loop: four, eight or sixteen bars whose last leads to their first."""

from collections.abc import Iterator, Sequence
from itertools import product

from generator.engine.kit.arranging import Shape, Span, arrange
from generator.engine.kit.distinct import Heard, choose_distinct
from generator.engine.kit.material import Material
from generator.engine.kit.paths import find_path
from generator.engine.plan import Piece, Plan
from generator.engine.score import TICKS_PER_QUARTER

_LENGTHS = (8, 16, 4)
_SHORTEST, _LONGEST = 10.0, 30.0
_NAME = "A"
"""Of a loop's bars before any section that has a name of its own."""
_GRID = 300
"""A length that is a whole number of 300ths of a second is whole frames at 44.1 and at 48 kHz."""


def arrange_loop(material: Material, *, others: Sequence[Heard]) -> Piece | None:
    """It ends on a bar that leads home and begins, where it can, on the tonic: the cadence falls on its own first beat,
    so that it may be left there at any turn."""
    tonic = [bar for bar in material.starts if _is_tonic(material.plan, bar=bar)]
    for starts in (tonic, [bar for bar in material.starts if bar not in tonic]):
        if found := choose_distinct(_list_loops(material, starts=starts, others=others), others=others):
            return found
    return None


def _list_loops(material: Material, *, starts: Sequence[int], others: Sequence[Heard]) -> Iterator[Piece]:
    plan = material.plan
    for bars in _list_lengths(plan):
        length = bars * plan.metre.bar_ticks
        seconds = round(length / TICKS_PER_QUARTER * 60 / plan.tempo * _GRID) / _GRID
        shape = Shape(tempo=length / TICKS_PER_QUARTER * 60 / seconds, length=length, closes=False)
        title = f"{material.piece.title} (loop, {bars} bars)"
        familiar = material.rate_familiar(others, bars=bars)
        for start, end in product(starts, material.turns):
            path = find_path(material, start=start, bars=bars, familiar=familiar, end=end)
            yield arrange(material.piece, list(_name_bars(material, path)), shape=shape, title=title)


def _name_bars(material: Material, path: Sequence[int]) -> Iterator[Span]:
    """A turn without an end has neither an intro nor an outro: such bars belong to the section before."""
    size, name = material.plan.metre.bar_ticks, _NAME
    for bar in path:
        own = material.find_section(bar).name
        name = name if own in ("intro", "outro") else own
        yield Span(bar * size, size, name=name)


def _list_lengths(plan: Plan) -> tuple[int, ...]:
    """In bars, best first."""

    def last(bars: int) -> float:
        return bars * plan.metre.bar_ticks / TICKS_PER_QUARTER * 60 / plan.tempo

    return tuple(bars for bars in _LENGTHS if _SHORTEST <= last(bars) <= _LONGEST) or (4,)


def _is_tonic(plan: Plan, *, bar: int) -> bool:
    chord = plan.chord_at(bar * plan.metre.bar_ticks)
    return chord is not None and chord.root == plan.key.normal_tonic
