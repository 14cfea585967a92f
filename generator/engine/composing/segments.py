"""Segments: in what stretches a part is written, and which of them restate music heard before.

A section that comes back restates the first half of its first hearing and goes on anew: people's pieces, measured by
the fitness of their repetitions, come back no more literally. Within a new section of eight bars a second phrase over
the chords of the first opens like the first.
"""

from dataclasses import dataclass

from generator.engine.plan import Plan, Section

_PHRASE_BARS = 4


@dataclass(frozen=True, slots=True)
class Segment:
    start: int
    """Ticks, [start, stop)."""
    stop: int
    source: int | None = None
    """Tick where the music that this stretch restates begins; None where it is new."""

    @property
    def ticks(self) -> int:
        return self.stop - self.start


def divide_plan(plan: Plan) -> tuple[Segment, ...]:
    """The segments of a piece, in time order, without gaps, ending at `plan.length`."""
    heard: dict[str, Section] = {}
    segments: list[Segment] = []
    for section in plan.sections:
        start, stop = _find_ticks(section, plan=plan)
        first = heard.setdefault(section.name, section)
        source = _find_ticks(first, plan=plan)[0]
        new = (
            _divide_new(start, stop, plan=plan) if first is section else _divide_repeat(start, stop, source, plan=plan)
        )
        segments += [segment for segment in new if segment.ticks > 0]
    return tuple(segments)


def _find_ticks(section: Section, *, plan: Plan) -> tuple[int, int]:
    size = plan.metre.bar_ticks
    last = section is plan.sections[-1]
    return section.start_bar * size, plan.length if last else (section.start_bar + section.bars) * size


def _divide_new(start: int, stop: int, *, plan: Plan) -> list[Segment]:
    """Phrases of four bars (the last takes what is left over); a second one may open like the first."""
    size = plan.metre.bar_ticks
    phrase = _PHRASE_BARS * size
    if stop - start < 2 * phrase:
        return [Segment(start, stop)]
    half = start + phrase
    restated = half + phrase // 2
    if not _share_chords(start, half, ticks=phrase // 2, plan=plan):
        return [Segment(start, half), *_divide_new(half, stop, plan=plan)]
    end = stop if stop - half < 2 * phrase else half + phrase
    rest = _divide_new(end, stop, plan=plan) if end < stop else []
    return [Segment(start, half), Segment(half, restated, source=start), Segment(restated, end), *rest]


def _divide_repeat(start: int, stop: int, source: int, *, plan: Plan) -> list[Segment]:
    """As much of the first half of the first hearing as shares its chords; the rest is written anew."""
    size = plan.metre.bar_ticks
    kept = (stop - start) // size // 2 * size
    while kept and not _share_chords(source, start, ticks=kept, plan=plan):
        kept -= size
    return [Segment(start, start + kept, source=source), *_divide_tail(start + kept, stop, plan=plan)]


def _divide_tail(start: int, stop: int, *, plan: Plan) -> list[Segment]:
    return _divide_new(start, stop, plan=plan) if start < stop else []


def _share_chords(one: int, other: int, *, ticks: int, plan: Plan) -> bool:
    step = plan.metre.chord_ticks
    return all(plan.chord_at(one + tick) == plan.chord_at(other + tick) for tick in range(0, ticks, step))
