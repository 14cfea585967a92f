"""Energy: how full the music is meant to be, bar by bar."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import mean

from generator.engine.controls.curves import follow_points
from generator.engine.moods import Mood
from generator.engine.plan import Section
from generator.engine.styles import Style

_LOWEST, _HIGHEST = 0.04, 0.98
_PHRASE_SWELL = 0.04
"""A section grows by so much from its first bar to its last."""

_LIFTS = {"intro": -0.3, "A": 0.0, "B": 0.15, "bridge": -0.1, "outro": -0.1}
"""What a section's name adds, as a share of the style's span of energy."""

_CURVES = {
    "build": ((0.0, 0.25), (0.5, 0.55), (0.85, 1.0), (1.0, 0.85)),
    "arch": ((0.0, 0.35), (0.65, 1.0), (1.0, 0.15)),
    "wave": ((0.0, 0.45), (0.3, 0.75), (0.55, 0.45), (0.85, 1.0), (1.0, 0.6)),
    "steady": ((0.0, 0.7), (1.0, 0.8)),
}
"""Share of the style's span of energy at points of the piece (0 start, 1 end), joined by straight lines."""


def shape_sections(sizes: list[tuple[str, int]], *, style: Style, mood: Mood) -> tuple[Section, ...]:
    """The sections with their places and energies. A section that comes back is louder or softer, by the curve."""
    total = sum(bars for _, bars in sizes)
    sections, start = [], 0
    for name, bars in sizes:
        share = _follow_curve(style.curve, at=(start + bars / 2) / total) + _LIFTS[name]
        low, high = style.energy
        sections.append(Section(name, start, bars, _limit(low + (high - low) * share + mood.energy)))
        start += bars
    return tuple(sections)


def spread_energies(sections: tuple[Section, ...], *, bars: int) -> tuple[float, ...]:
    """One energy per bar: each section's own with a slight swell. Bars after the last section continue it."""
    found: list[float] = []
    for section in sections:
        for bar in range(section.bars):
            swell = _PHRASE_SWELL * ((bar + 0.5) / section.bars - 0.5)
            found.append(_limit(section.energy + swell))
    return tuple((found + found[-1:] * bars)[:bars])


def draw_energies(
    sections: tuple[Section, ...], *, points: Sequence[float], bars: int
) -> tuple[tuple[Section, ...], tuple[float, ...]]:
    """Sections and bars that follow a drawn curve: each bar has the curve's height at its middle."""
    energies = tuple(_limit(follow_points(points, at=(bar + 0.5) / bars)) for bar in range(bars))
    drawn = tuple(
        replace(section, energy=_limit(mean(energies[section.start_bar : section.start_bar + section.bars] or (0.5,))))
        for section in sections
    )
    return drawn, energies


def _follow_curve(name: str, *, at: float) -> float:
    points = _CURVES[name]
    for (x0, y0), (x1, y1) in pairwise(points):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return points[-1][1]


def _limit(energy: float) -> float:
    return round(min(max(energy, _LOWEST), _HIGHEST), 4)
