"""Spots: the track in the lengths that media sell, each arranged to its length and ending on the track's cadence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from generator.engine.conductor.lengths import Frame, fit_frame
from generator.engine.kit.arranging import Shape, Span, arrange
from generator.engine.kit.distinct import Heard, choose_distinct
from generator.engine.kit.material import Material
from generator.engine.kit.openings import Opening, list_lengths, write_opening
from generator.engine.kit.paths import find_path
from generator.engine.plan import Piece

LONGEST_STING = 5.0
_WHOLE = 0.75
"""Of the track's length: from there on a spot would be the track with less of an intro."""
_LONG_BARS = 5
"""Bars before the close from which on a spot has the track's own last words; a shorter one may have other ones."""


@dataclass(frozen=True, slots=True)
class Spot:
    name: str
    seconds: float
    openings: tuple[Opening, ...]
    """In order of preference. Neighbours in length differ, so that no spot is the beginning of another."""
    is_broadcast: bool = False


_OWN, _BUILT, _PULSE, _COLD = Opening.OWN, Opening.BUILT, Opening.PULSE, Opening.COLD

SPOTS = (
    Spot("spot-60s", 60.0, (_OWN, _BUILT, _PULSE, _COLD)),
    Spot("spot-30s", 30.0, (_BUILT, _OWN, _PULSE, _COLD)),
    Spot("spot-15s", 15.0, (_PULSE, _BUILT, _OWN, _COLD)),
    Spot("spot-6s", 6.0, (_COLD,)),
    Spot("broadcast-59.5s", 59.5, (_BUILT, _PULSE, _OWN, _COLD), is_broadcast=True),
    Spot("broadcast-29.5s", 29.5, (_PULSE, _OWN, _BUILT, _COLD), is_broadcast=True),
    Spot("broadcast-14.5s", 14.5, (_OWN, _BUILT, _PULSE, _COLD), is_broadcast=True),
)


def arrange_spot(material: Material, spot: Spot, *, others: Sequence[Heard]) -> Piece | None:
    """The spot, unlike each of the others; None where the track has too little material for that."""
    plan = material.plan
    frame = fit_frame(seconds=spot.seconds, metre=plan.metre, tempo=plan.tempo, is_asked=True)
    ways = _list_ways(material, frame=frame, openings=spot.openings, others=others)
    return _choose(material, ways, frame=frame, label=f"{spot.seconds:g} s", others=others)


def arrange_sting(material: Material, *, others: Sequence[Heard]) -> Piece | None:
    """The hook, the chord that leads home and the closing chord, at most five seconds. The hook is what the lead
    begins a section with, taken where most play."""
    plan = material.plan
    bar = plan.metre.bar_ticks / 24 * 60 / plan.tempo
    bars = min(int(LONGEST_STING / bar), 3)
    seconds = bars * bar if bars >= 2 else LONGEST_STING
    seconds = int(seconds * 300) / 300  # whole frames at 44.1 and at 48 kHz
    frame = fit_frame(seconds=seconds, metre=plan.metre, tempo=plan.tempo, is_asked=True)
    closings = (frame.closing,) if frame.bars > 1 else _list_closings(frame)
    ways = (way for ticks in closings for way in _list_shortest(material, ticks=ticks, starts=material.hooks))
    return _choose(material, ways, frame=frame, label="sting", others=others)


def _choose(
    material: Material, ways: Iterable[list[Span]], *, frame: Frame, label: str, others: Sequence[Heard]
) -> Piece | None:
    """Each way with the closing chord after it, until one is distinct."""
    shape = Shape(tempo=frame.tempo, length=frame.length)
    title = f"{material.piece.title} ({label})"
    closed = ([*way, Span(material.closing, frame.length - sum(span.ticks for span in way))] for way in ways)
    pieces = (arrange(material.piece, spans, shape=shape, title=title) for spans in closed)
    return choose_distinct(pieces, others=others)


def _list_ways(
    material: Material, *, frame: Frame, openings: Sequence[Opening], others: Sequence[Heard]
) -> Iterator[list[Span]]:
    """Ways to fill the bars before the closing chord, best first."""
    size = material.plan.metre.bar_ticks
    bars = frame.closing // size
    if bars <= 1:
        for ticks in (frame.closing,) if frame.bars > 1 else _list_closings(frame):
            yield from _list_shortest(material, ticks=ticks, starts=material.starts)
        return
    ends = material.turns if bars < _LONG_BARS else material.turns[:1]
    is_whole = frame.length >= _WHOLE * material.plan.length
    familiar = material.rate_familiar(others, bars=bars)

    @cache
    def find(start: int, length: int, end: int) -> tuple[int, ...]:
        beside, size = familiar[length:], bars - length
        return find_path(material, start=start, bars=size, familiar=beside, end=end, reorders=is_whole)

    starts = _turn_round(material) if is_whole else material.starts
    for start, (opening, length) in product(starts, _list_intros(openings, bars=frame.bars)):
        intro = write_opening(material, opening=opening, bars=length, start=start)
        if bool(intro) == (opening is not Opening.COLD):
            for end in ends:
                yield [*intro, *(Span(bar * size, size) for bar in find(start, length, end))]


def _list_intros(openings: Sequence[Opening], *, bars: int) -> list[tuple[Opening, int]]:
    """Each with so many bars."""
    lengths = list_lengths(bars)
    return [each for opening in openings for each in product([opening], (0,) if opening is Opening.COLD else lengths)]


def _turn_round(material: Material) -> tuple[int, ...]:
    """For a spot as long as its track or longer, which is a form of its own: another tune than the track's opens it."""
    first = material.find_section(material.starts[0]).name
    is_first = {bar: material.find_section(bar).name == first for bar in material.starts}
    return tuple(sorted(material.starts, key=lambda bar: (bar not in material.heads, is_first[bar])))


def _list_closings(frame: Frame) -> list[int]:
    """Where a piece of hardly more than a bar may close: as late as leaves the chord a beat to ring, then earlier."""
    slot, latest = frame.metre.chord_ticks, frame.length - frame.metre.beat_ticks
    return list(range(latest // slot * slot, 0, -slot))


def _list_shortest(material: Material, *, ticks: int, starts: Sequence[int]) -> Iterator[list[Span]]:
    """Hardly more than a bar: the first words of a section and a chord that leads home, or the last words alone."""
    slot, size = material.plan.metre.chord_ticks, material.plan.metre.bar_ticks
    if ticks > slot:
        own, *others = material.turns
        for start in starts:
            # the end of its own phrase, if that leads home
            for turn in (*sorted(others, key=lambda bar: (bar < start, abs(bar - start))), own):
                yield [Span(start * size, ticks - slot), Span((turn + 1) * size - slot, slot)]
    for turn in material.turns:
        if (turn + 1) * size >= ticks:
            yield [Span((turn + 1) * size - ticks, ticks)]
