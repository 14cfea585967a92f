"""How a version begins: with the track's own intro, with its accompaniment alone, with its pulse, or at once."""

from collections.abc import Iterator
from enum import StrEnum

from generator.engine.kit.arranging import INTRO, Span, mute_roles
from generator.engine.kit.material import Material
from generator.engine.plan import Role


class Opening(StrEnum):
    OWN = "own"
    """The last bars of the track's intro, which lead into the tune."""
    BUILT = "built"
    """What stands under the tune, without it; drums come in half-way."""
    PULSE = "pulse"
    """Bass and drums."""
    COLD = "cold"
    """The tune from the first beat."""


_SINGERS = frozenset({Role.LEAD, Role.COUNTER})
_SILENT: dict[Opening, tuple[frozenset[str], frozenset[str]]] = {
    Opening.BUILT: (_SINGERS | {Role.RHYTHM}, _SINGERS),
    Opening.PULSE: (_SINGERS | {Role.HARMONY}, _SINGERS | {Role.HARMONY}),
}
"""Who keeps silent in the first and in the second half."""


def list_lengths(bars: int) -> tuple[int, ...]:
    """Bars that an intro may have in a piece of so many, best first."""
    best = 4 if bars >= 24 else 2 if bars >= 10 else 1 if bars >= 5 else 0
    return tuple(length for length in (4, 2, 1) if 0 < length <= best)


def write_opening(material: Material, *, opening: Opening, bars: int, start: int) -> tuple[Span, ...]:
    """The spans of an intro of so many bars before bar `start` of the track. Empty where the track has none such."""
    size = material.plan.metre.bar_ticks
    if opening is Opening.OWN:
        first = material.intro_bars - bars
        return (Span(first * size, bars * size, name=INTRO),) if first >= 0 else ()
    if opening is Opening.COLD:
        return ()
    spans = tuple(_split(start * size, bars=bars, size=size, opening=opening))
    return spans if all(_sounds(span, material=material) for span in spans) else ()


def _split(source: int, *, bars: int, size: int, opening: Opening) -> Iterator[Span]:
    first, second = _SILENT[opening]
    half = bars // 2
    if half:
        yield Span(source, half * size, without=first, name=INTRO)
    yield Span(source + half * size, (bars - half) * size, without=second, name=INTRO)


def _sounds(span: Span, *, material: Material) -> bool:
    parts = material.piece.parts
    heard = tuple(mute_roles(part, span.without, is_alone=len(parts) == 1) for part in parts)
    return material.has_notes(heard, bar=span.source // material.plan.metre.bar_ticks)
