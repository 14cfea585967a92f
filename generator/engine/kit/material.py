"""What a track offers for arranging: its bars before the closing chord, and what it costs to go from one to another.

Costs are in no unit; 1.0 is a cut that is heard as a change of scene, 0 is the music as it was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.engine.composing.finishing import find_closing
from generator.engine.kit.distinct import Heard, Struck, share
from generator.engine.plan import Piece, Plan, Section
from generator.engine.score import Part

Costs = NDArray[np.float64]

_CUT = 1.0
_OTHER_CHORD = 0.7
"""The new bar does not start on the chord that was expected."""
_OFF_PHRASE = {0: 0.0, 2: 0.4}
_INSIDE_PHRASE = 1.0
_BACK = 0.8
"""Going back is kept for tracks that are shorter than the spot."""
_ENERGY = 1.5
_EASY_LEAP, _LEAP, _MOST_LEAP = 5, 0.08, 1.0
"""The lead may leap so many semitones for nothing; each more costs."""
_OUT_OF_PLACE = 6.0
_SAME_ORDER = 2.0
_PHRASE_BARS = 4
_FAMILIAR = 1.0
"""For a bar that one other version has in the same place, note for note."""


@dataclass(frozen=True)
class Material:
    """A piece as bars to arrange."""

    piece: Piece

    @property
    def plan(self) -> Plan:
        return self.piece.plan

    @cached_property
    def heard(self) -> Heard:
        """The track as versions are compared with it."""
        return Heard(self.piece)

    @cached_property
    def closing(self) -> int:
        """Tick of the closing chord."""
        return find_closing(self.plan)

    @cached_property
    def bars(self) -> int:
        """Whole bars before the closing chord; the last of them leads to it."""
        return self.closing // self.plan.metre.bar_ticks

    @cached_property
    def intro_bars(self) -> int:
        opening = self.plan.sections[0]
        return min(opening.bars, self.bars) if opening.name == "intro" else 0

    @cached_property
    def outro_bar(self) -> int:
        """Where the outro begins; the end where there is none."""
        last = self.plan.sections[-1]
        return min(last.start_bar, self.bars) if last.name == "outro" else self.bars

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Bars that a version may open its tune with: first those that begin a section, in order, then the others,
        beginnings of phrases before what is within one."""
        others = [bar for bar in range(self.intro_bars, self.bars) if bar not in self.heads]
        return (*self.heads, *sorted(others, key=self._rate_phrase)) or (0,)

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """Bars that begin a section with a tune."""
        sections = [section for section in self.plan.sections if section.name not in ("intro", "outro")]
        return tuple(section.start_bar for section in sections if section.start_bar < self.bars)

    @cached_property
    def hooks(self) -> tuple[int, ...]:
        """The same bars as `starts`, but first where the lead begins the track's first tune and most play with it."""
        names = {bar: self.find_section(bar).name for bar in self.starts}
        theme = names[self.starts[0]]

        def rate(bar: int) -> tuple[bool, bool, bool, int]:
            return bar not in self.heads, not self._lead_bars[bar], names[bar] != theme, -self._count_players(bar)

        return tuple(sorted(self.starts, key=rate))

    def _count_players(self, bar: int) -> int:
        return len({instrument for _, instrument, _ in self.heard.bars[bar]})

    @cached_property
    def costs(self) -> Costs:
        """(bars, bars): what it costs to play the second bar after the first."""
        found = np.array([[self._rate_cut(one, other) for other in range(self.bars)] for one in range(self.bars)])
        found[:, : self.intro_bars] += _OUT_OF_PLACE  # an intro is heard once
        found[self.outro_bar :] += _OUT_OF_PLACE  # what takes leave does not come back
        found[np.arange(self.bars - 1), np.arange(1, self.bars)] = 0.0
        return found

    @cached_property
    def reordering_costs(self) -> Costs:
        """The same, but from section to section in the track's own order it costs as much as a cut does; not into the
        outro."""
        found = self.costs.copy()
        borders = [section.start_bar for section in self.plan.sections if 0 < section.start_bar < self.outro_bar]
        for bar in borders:
            found[bar - 1, bar] = _SAME_ORDER
        return found

    def rate_familiar(self, others: Sequence[Heard], *, bars: int) -> Costs:
        """(bars, bars of the track): what it costs to play the track's bar there, since others have it, or its like, in
        the same place."""
        own = self.heard.bars
        return np.array([[self._rate_place(bar, others, place=place) for bar in own] for place in range(bars)])

    @staticmethod
    def _rate_place(bar: frozenset[Struck], others: Sequence[Heard], *, place: int) -> float:
        return _FAMILIAR * sum(share(bar, other.bars[place]) for other in others if place < len(other.bars))

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """Bars that lead home: they end on the chord before the closing one. The track's own comes first."""
        size, step = self.plan.metre.bar_ticks, self.plan.metre.chord_ticks
        dominant = self.plan.chord_at(self.closing - 1)
        bars = [bar for bar in range(self.bars - 1) if self.plan.chord_at((bar + 1) * size - step) == dominant]
        return (self.bars - 1, *bars)

    def _rate_cut(self, one: int, other: int) -> float:
        cost = _CUT + self._rate_phrase(one + 1) + self._rate_phrase(other)
        cost += _BACK if other <= one else 0.0
        cost += _OTHER_CHORD if self._chord_of(other) != self._chord_of(one + 1) else 0.0
        cost += _ENERGY * abs(self.plan.energies[other] - self.plan.energies[one])
        return cost + self._rate_leap(one, other)

    def _rate_phrase(self, bar: int) -> float:
        section = self.find_section(bar)
        return _OFF_PHRASE.get((bar - section.start_bar) % _PHRASE_BARS, _INSIDE_PHRASE)

    def _rate_leap(self, one: int, other: int) -> float:
        before, after = self._lead_bars[one], self._lead_bars[other]
        if not before or not after:
            return 0.0
        return min(_LEAP * max(0, abs(after[0] - before[-1]) - _EASY_LEAP), _MOST_LEAP)

    @cached_property
    def _lead_bars(self) -> list[list[int]]:
        """The lead's pitches, bar by bar."""
        lead, size = self.piece.lead, self.plan.metre.bar_ticks
        notes: list[list[int]] = [[] for _ in range(self.bars)]
        for note in lead.between(0, self.closing) if lead else ():
            notes[note.onset // size].append(note.pitch)
        return notes

    def _chord_of(self, bar: int) -> object:
        return self.plan.chord_at(bar * self.plan.metre.bar_ticks)

    def find_section(self, bar: int) -> Section:
        return self.plan.section_at(bar * self.plan.metre.bar_ticks)

    def has_notes(self, parts: tuple[Part, ...], *, bar: int) -> bool:
        size = self.plan.metre.bar_ticks
        return any(part.between(bar * size, (bar + 1) * size) for part in parts)
