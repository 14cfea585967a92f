"""Spots: the track in the lengths that media sell, each arranged to its length and ending on the track's cadence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.engine.conductor.lengths import Frame, fit_frame
from generator.engine.kit.arranging import Shape, Span, arrange
from generator.engine.kit.distinct import is_distinct
from generator.engine.kit.material import Material
from generator.engine.kit.openings import Opening, list_lengths, write_opening
from generator.engine.kit.paths import find_path
from generator.engine.plan import Piece

LONGEST_STING = 5.0


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


def arrange_spot(material: Material, spot: Spot, *, others: Sequence[Piece]) -> Piece | None:
    """The spot, begun like none of the others; None where the track has too little material for that."""
    return _arrange(material, seconds=spot.seconds, openings=spot.openings, label=f"{spot.seconds:g} s", others=others)


def arrange_sting(material: Material, *, others: Sequence[Piece]) -> Piece | None:
    """The track's last words: the bars that lead home and the closing chord, at most five seconds."""
    bar = material.plan.metre.bar_ticks / 24 * 60 / material.plan.tempo
    bars = min(int(LONGEST_STING / bar), 3)
    seconds = bars * bar if bars >= 2 else LONGEST_STING
    seconds = int(seconds * 300) / 300  # whole frames at 44.1 and at 48 kHz
    for start in (material.bars - 2, *material.starts):
        piece = _arrange(
            material, seconds=seconds, openings=(Opening.COLD,), label="sting", others=others, starts=(max(start, 0),)
        )
        if piece is not None:
            return piece
    return None


def _arrange(
    material: Material,
    *,
    seconds: float,
    openings: Sequence[Opening],
    label: str,
    others: Sequence[Piece],
    starts: Sequence[int] = (),
) -> Piece | None:
    plan = material.plan
    frame = fit_frame(seconds=seconds, metre=plan.metre, tempo=plan.tempo, is_asked=True)
    shape = Shape(tempo=frame.tempo, length=frame.length)
    title = f"{material.piece.title} ({label})"
    for spans in _list_ways(material, frame=frame, openings=openings, starts=starts or material.starts):
        close = Span(material.closing, frame.length - sum(span.ticks for span in spans))
        piece = arrange(material.piece, [*spans, close], shape=shape, title=title)
        if is_distinct(piece, others=others):
            return piece
    return None


def _list_ways(
    material: Material, *, frame: Frame, openings: Sequence[Opening], starts: Sequence[int]
) -> Iterator[list[Span]]:
    """Ways to fill the bars before the closing chord, best first."""
    size = material.plan.metre.bar_ticks
    bars = frame.closing // size
    if bars <= 1:
        for ticks in (frame.closing,) if frame.bars > 1 else _list_closings(frame):
            yield from _list_shortest(material, ticks=ticks, starts=starts)
        return
    for start in starts:
        for opening in openings:
            for length in list_lengths(frame.bars) if opening is not Opening.COLD else (0,):
                intro = write_opening(material, opening=opening, bars=length, start=start)
                if bool(intro) == (opening is not Opening.COLD):
                    path = find_path(material, start=start, bars=bars - length)
                    yield [*intro, *(Span(bar * size, size) for bar in path)]


def _list_closings(frame: Frame) -> list[int]:
    """Where a piece of hardly more than a bar may close: as late as leaves the chord a beat to ring, then earlier."""
    slot, latest = frame.metre.chord_ticks, frame.length - frame.metre.beat_ticks
    return list(range(latest // slot * slot, 0, -slot))


def _list_shortest(material: Material, *, ticks: int, starts: Sequence[int]) -> Iterator[list[Span]]:
    """A bar or less: the last words before the closing chord, alone or after the first words of a section."""
    slot = material.plan.metre.chord_ticks
    yield [Span(material.closing - ticks, ticks)]
    if ticks > slot:
        for start in starts:
            head = start * material.plan.metre.bar_ticks
            yield [Span(head, ticks - slot), Span(material.closing - slot, slot)]
