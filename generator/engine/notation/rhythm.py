"""From lengths to note values: where a note is split and tied, and which notes make a tuplet.

A reader must see the beats. So a note may cross a boundary of the bar only when it begins or ends on one at least as
strong, or is the middle of a plain syncopation (Gould, Behind Bars, 2011, on beams and rests).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from generator.engine.plan import Metre

VALUES = {96: ("whole", 0), 48: ("half", 0), 24: ("quarter", 0), 12: ("eighth", 0), 6: ("16th", 0), 3: ("32nd", 0)}
VALUES |= {144: ("whole", 1), 72: ("half", 1), 36: ("quarter", 1), 18: ("eighth", 1), 9: ("16th", 1)}
"""Ticks to note value and dots."""
GRID = 3
_TUPLET_SIZES = (48, 24, 12)
_BAR, _HALF, _BEAT, _HALF_BEAT, _QUARTER_BEAT, _NOWHERE = 6, 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class Tuplet:
    """Three in the time of two, from tick `start` in the bar."""

    start: int
    size: int
    is_halved: bool = False
    """Some of the three are two of half the value."""

    @property
    def stop(self) -> int:
        return self.start + self.size

    @property
    def unit(self) -> int:
        return self.size // 3

    @property
    def unit_value(self) -> str:
        return VALUES[self.size // 2][0]

    @property
    def grain(self) -> int:
        return self.unit // 2 if self.is_halved else self.unit

    def split(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """A stretch of it as such that one value each can show; a dotted one begins where one of the three does."""
        ticks = stop - start
        starts_unit = (start - self.start) % self.unit == 0
        if VALUES.get(ticks * 3 // 2, ("", 2))[1] <= starts_unit:
            yield start, stop
            return
        cut = start + self.unit - (start - self.start) % self.unit
        cut = max(range(cut, stop, self.unit)) if starts_unit else cut
        yield from self.split(start, cut)
        yield from self.split(cut, stop)

    @staticmethod
    def value_of(ticks: int) -> tuple[str, int]:
        """Note value and dots."""
        return VALUES[ticks * 3 // 2]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a bar that one symbol can show."""

    start: int
    stop: int
    tuplet: Tuplet | None = None


def find_tuplets(points: Iterable[int], *, metre: Metre) -> list[Tuplet]:
    """Tuplets that the onsets and ends of one voice in one bar ask for: as large as can be, never overlapping."""
    odd = {point for point in points if point % GRID}
    found: list[Tuplet] = []
    known = set(points)
    for size in _TUPLET_SIZES if not metre.is_compound else _TUPLET_SIZES[-1:]:
        for start in range(0, metre.bar_ticks - size + 1, size):
            inside = {point - start for point in known if start < point < start + size}
            covered = any(start < tuplet.stop and tuplet.start < start + size for tuplet in found)
            fits = all(point % (size // 3) == 0 for point in inside)
            # halves of a third, where nothing parts the beat in the middle: two thirds of a half would need a tie
            is_halved = (
                not fits
                and size == metre.beat_ticks
                and all(point % (size // 6) == 0 and point != size // 2 for point in inside)
            )
            if not covered and (fits or is_halved) and odd & {point + start for point in inside}:
                found.append(Tuplet(start=start, size=size, is_halved=is_halved))
    return sorted(found, key=lambda tuplet: tuplet.start)


def snap_point(point: int, *, tuplets: Iterable[Tuplet]) -> int:
    """A tick of the bar on what can be written there: a tuplet's units, else 32nds."""
    for tuplet in tuplets:
        if tuplet.start < point < tuplet.stop:
            return tuplet.start + round((point - tuplet.start) / tuplet.grain) * tuplet.grain
    return round(point / GRID) * GRID


def find_grain(point: int, *, tuplets: Iterable[Tuplet]) -> int:
    """Ticks of the shortest value that can be written from there."""
    return next((tuplet.grain for tuplet in tuplets if tuplet.start <= point < tuplet.stop), GRID)


def split_span(start: int, stop: int, *, metre: Metre, tuplets: Iterable[Tuplet], is_rest: bool) -> Iterator[Span]:
    """A stretch within one bar as symbols in order; between the symbols of a note come ties."""
    position = start
    for tuplet in tuplets:
        if tuplet.stop <= position or tuplet.start >= stop:
            continue
        if position < tuplet.start:
            yield from _split(position, tuplet.start, metre=metre, is_rest=is_rest)
        begin, end = max(position, tuplet.start), min(stop, tuplet.stop)
        if end - begin == tuplet.size:
            yield from _split(begin, end, metre=metre, is_rest=is_rest)
        else:
            yield from (Span(*piece, tuplet) for piece in tuplet.split(begin, end))
        position = end
    if position < stop:
        yield from _split(position, stop, metre=metre, is_rest=is_rest)


def _split(start: int, stop: int, *, metre: Metre, is_rest: bool) -> Iterator[Span]:
    if stop - start in VALUES and _is_readable(start, stop, metre=metre, is_rest=is_rest):
        yield Span(start, stop)
        return
    inside = range(start - start % GRID + GRID, stop, GRID)
    if not inside:
        yield Span(start, stop)
        return
    cut = max(inside, key=lambda tick: (strength(tick, metre=metre), -abs(tick - (start + stop) / 2)))
    yield from _split(start, cut, metre=metre, is_rest=is_rest)
    yield from _split(cut, stop, metre=metre, is_rest=is_rest)


def _is_readable(start: int, stop: int, *, metre: Metre, is_rest: bool) -> bool:
    inside = range(start - start % GRID + GRID, stop, GRID)
    crossed = max((strength(tick, metre=metre) for tick in inside), default=0)
    first, last, length = strength(start, metre=metre), strength(stop, metre=metre), stop - start
    if crossed >= _BEAT and metre.is_compound:
        return length % metre.beat_ticks == 0 and first >= _BEAT
    if is_rest:
        whole_beats = crossed < _BEAT or (first >= _HALF and last >= _HALF)
        return first >= crossed and whole_beats and (VALUES[length][1] == 0 or length == metre.beat_ticks)
    syncopation = first == last == crossed - 1 and length <= _unit(crossed, metre=metre)
    return max(first, last) >= crossed or syncopation


@lru_cache(maxsize=4096)
def strength(tick: int, *, metre: Metre) -> int:
    """How strong a place in the bar is, 6 (the bar line) to 1."""
    if tick % metre.bar_ticks == 0:
        return _BAR
    levels = (_HALF, _BEAT, _HALF_BEAT, _QUARTER_BEAT)
    units = (_unit(level, metre=metre) for level in levels)
    return next((level for level, unit in zip(levels, units, strict=True) if unit and tick % unit == 0), _NOWHERE)


def _unit(level: int, *, metre: Metre) -> int:
    """Ticks between places of at least this strength; 0 where a metre has none."""
    beats = metre.bar_ticks // metre.beat_ticks
    below = 12
    half = metre.bar_ticks // 2 if beats % 2 == 0 else 0
    units = {_BAR: metre.bar_ticks, _HALF: half, _BEAT: metre.beat_ticks, _HALF_BEAT: below, _QUARTER_BEAT: below // 2}
    return units[level]
