"""One voice as bars of symbols: notes, chords and rests with values, ties, tuplets and beams."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from generator.engine.notation.rhythm import VALUES, Span, Tuplet, find_grain, find_tuplets, snap_point, split_span
from generator.engine.notation.staves import Event
from generator.engine.plan import Metre

_FLAGS = {"eighth": 1, "16th": 2, "32nd": 3}


@dataclass(frozen=True, slots=True)
class Symbol:
    """What stands on paper from tick `start` of its bar. No pitches: a rest."""

    start: int
    ticks: int
    pitches: tuple[int, ...]
    value: str
    dots: int = 0
    onset: int = 0
    """Tick of the piece at which what is tied together began: it is spelled alike throughout."""
    is_tied_back: bool = False
    is_tied_on: bool = False
    tuplet: Tuplet | None = None
    beams: tuple[str, ...] = ()
    """From the outermost in: 'begin', 'continue', 'end', 'forward hook' or 'backward hook'."""
    is_whole_bar: bool = False
    is_bracketed: bool = True
    """Whether its tuplet needs a bracket: one beam over exactly its notes shows as much (Gould)."""

    @property
    def stop(self) -> int:
        return self.start + self.ticks

    @property
    def flags(self) -> int:
        return _FLAGS.get(self.value, 0) if self.pitches else 0

    @property
    def opens_tuplet(self) -> bool:
        return self.tuplet is not None and self.start == self.tuplet.start

    @property
    def closes_tuplet(self) -> bool:
        return self.tuplet is not None and self.stop == self.tuplet.stop


def write_bars(events: Sequence[Event], *, metre: Metre, bars: int) -> list[list[Symbol]]:
    """The voice bar by bar, complete with rests; an empty bar is one whole-bar rest."""
    return [_write_bar(events, bar=bar, metre=metre) for bar in range(bars)]


def _write_bar(events: Sequence[Event], *, bar: int, metre: Metre) -> list[Symbol]:
    size = metre.bar_ticks
    start, stop = bar * size, (bar + 1) * size
    here = [event for event in events if event.start < stop and event.stop > start]
    if not here:
        return [Symbol(0, size, (), *VALUES[size], is_whole_bar=True)]
    points = {min(max(point - start, 0), size) for event in here for point in (event.start, event.stop)}
    tuplets = find_tuplets(_drop_unwritable(points, here=here, start=start), metre=metre)
    placed = _place(here, start=start, size=size, tuplets=tuplets)
    symbols = [symbol for event in placed for symbol in _write_event(event, metre=metre, tuplets=tuplets)]
    return _drop_brackets(list(_add_beams(symbols, metre=metre)))


def _drop_unwritable(points: Iterable[int], *, here: Sequence[Event], start: int) -> set[int]:
    """Onsets always count; an end off the grid of triplets and 32nds is rounded and asks for nothing."""
    onsets = {event.start - start for event in here}
    return {point for point in points if point in onsets or point % 4 == 0 or point % 3 == 0}


@dataclass(frozen=True, slots=True)
class _Placed:
    start: int
    stop: int
    pitches: tuple[int, ...]
    onset: int
    comes_from_before: bool
    goes_on: bool


def _place(here: Sequence[Event], *, start: int, size: int, tuplets: Sequence[Tuplet]) -> Iterator[_Placed]:
    """Events clipped to the bar, on writable ticks, with rests between them. An onset never moves past the next."""
    position = 0
    starts = [max(snap_point(max(event.start - start, 0), tuplets=tuplets), 0) for event in here]
    for event, begin, following in zip(here, starts, [*starts[1:], size], strict=True):
        end = min(snap_point(event.stop - start, tuplets=tuplets), following, size)
        end = end if end > begin else min(begin + find_grain(begin, tuplets=tuplets), following)
        if begin < position or end <= begin:
            continue
        if begin > position:
            yield _Placed(position, begin, (), 0, comes_from_before=False, goes_on=False)
        yield _Placed(begin, end, event.pitches, event.start, event.start < start, event.stop - start > size)
        position = end
    if position < size:
        yield _Placed(position, size, (), 0, comes_from_before=False, goes_on=False)


def _write_event(event: _Placed, *, metre: Metre, tuplets: Sequence[Tuplet]) -> Iterator[Symbol]:
    spans = list(split_span(event.start, event.stop, metre=metre, tuplets=tuplets, is_rest=not event.pitches))
    for index, span in enumerate(spans):
        value, dots = _name_value(span)
        yield Symbol(
            start=span.start,
            ticks=span.stop - span.start,
            pitches=event.pitches,
            value=value,
            dots=dots,
            onset=event.onset,
            is_tied_back=bool(event.pitches) and (index > 0 or event.comes_from_before),
            is_tied_on=bool(event.pitches) and (index < len(spans) - 1 or event.goes_on),
            tuplet=span.tuplet,
        )


def _name_value(span: Span) -> tuple[str, int]:
    ticks = span.stop - span.start
    return span.tuplet.value_of(ticks) if span.tuplet else VALUES[ticks]


def _add_beams(symbols: Sequence[Symbol], *, metre: Metre) -> Iterator[Symbol]:
    group: list[Symbol] = []
    for symbol in symbols:
        windows = {_find_window(other, symbols=symbols, metre=metre) for other in (*group[-1:], symbol)}
        if group and (not symbol.flags or len(windows) > 1):
            yield from _beam_group(group)
            group = []
        if symbol.flags:
            group.append(symbol)
        else:
            yield symbol
    yield from _beam_group(group)


def _drop_brackets(symbols: list[Symbol]) -> list[Symbol]:
    for tuplet in {symbol.tuplet for symbol in symbols if symbol.tuplet}:
        inside = [index for index, symbol in enumerate(symbols) if symbol.tuplet == tuplet]
        beams = [symbols[index].beams[:1] for index in inside]
        if beams[0] == ("begin",) and beams[-1] == ("end",) and all(beam == ("continue",) for beam in beams[1:-1]):
            for index in inside:
                symbols[index] = replace(symbols[index], is_bracketed=False)
    return symbols


def _find_window(symbol: Symbol, *, symbols: Sequence[Symbol], metre: Metre) -> tuple[int, int]:
    """Size and number of the stretch whose notes share a beam: a beat, or half a bar of 4/4 of nothing but eighths."""
    beat = metre.beat_ticks
    if metre.bar_ticks == 96 and not metre.is_compound:
        half = symbol.start // 48
        inside = [other for other in symbols if other.start // 48 == half]
        if all(other.value == "eighth" and other.pitches and not other.tuplet for other in inside):
            return 48, half
    return beat, symbol.start // beat


def _beam_group(group: Sequence[Symbol]) -> Iterator[Symbol]:
    if len(group) < 2:
        yield from group
        return
    for index, symbol in enumerate(group):
        before = group[index - 1].flags if index else 0
        after = group[index + 1].flags if index + 1 < len(group) else 0
        beams = tuple(_name_beam(level, before=before, after=after) for level in range(1, symbol.flags + 1))
        yield replace(symbol, beams=beams)


def _name_beam(level: int, *, before: int, after: int) -> str:
    if before >= level:
        return "continue" if after >= level else "end"
    if after >= level:
        return "begin"
    return "backward hook" if before else "forward hook"
