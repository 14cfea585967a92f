"""Draw a track's waveform into the page itself: it is there without JavaScript and before a byte of audio."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from generator.engine.instruments import INSTRUMENTS

register = template.Library()

PEAK = 127
"""The largest peak; the picture is two of it high."""


@register.simple_tag
def waveform(peaks: Sequence[Sequence[int]], bars: int = 180) -> SafeString:
    """An SVG of upright strokes, one per bar, from pairs of minimum and maximum in -127..127.

    A track without peaks gets a flat line of the same size, so that nothing moves when they come.
    """
    columns = reduce_peaks(peaks, bars=bars) or [(0, 0)] * bars
    strokes = "".join(f"M{x + 0.5:g} {PEAK - high}V{PEAK - low}" for x, (low, high) in enumerate(columns))
    return format_html(
        '<svg class="waveform" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        len(columns),
        2 * PEAK,
        strokes,
    )


def reduce_peaks(peaks: Sequence[Sequence[int]], *, bars: int) -> list[tuple[int, int]]:
    """At most `bars` pairs that keep every extreme; a silent stretch stays visible as a thin line."""
    count = min(bars, len(peaks))
    edges = [round(index * len(peaks) / count) for index in range(count + 1)] if count else []
    groups = [peaks[start:end] for start, end in pairwise(edges)]
    return [(min(-2, *(low for low, _ in group)), max(2, *(high for _, high in group))) for group in groups]


@register.filter
def clock(seconds: float) -> str:
    """Where a player stands, in minutes and seconds: 95 -> 1:35."""
    minutes, rest = divmod(int(float(seconds) + 0.5), 60)
    return f"{minutes}:{rest:02d}"


@register.filter
def spot_length(seconds: float) -> str:
    """The length a spot is booked by: 30 -> 30 s, 14.5 -> 14.5 s."""
    return f"{float(seconds):.3f}".rstrip("0").rstrip(".") + " s"


@register.filter
def instrument_names(slugs: Iterable[str]) -> str:
    """Instruments as a sentence names them: ["epiano", "flute"] -> electric piano, flute."""
    return ", ".join(map(instrument_name, slugs))


@register.filter
def instrument_name(slug: str) -> str:
    return INSTRUMENTS[slug].name.lower() if slug in INSTRUMENTS else slug
