"""What a track offers for arranging: its bars before the closing chord, and what it costs to go from one to another.

Costs are in no unit; 1.0 is a cut that is heard as a change of scene, 0 is the music as it was written.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.engine.composing.finishing import find_closing
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
_PHRASE_BARS = 4


@dataclass(frozen=True)
class Material:
    """A piece as bars to arrange."""

    piece: Piece

    @property
    def plan(self) -> Plan:
        return self.piece.plan

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
    def starts(self) -> tuple[int, ...]:
        """Bars that a version may open its tune with: first those that begin a section, in order, then the others."""
        heads = [section.start_bar for section in self.plan.sections if section.name not in ("intro", "outro")]
        heads = [bar for bar in heads if bar < self.bars]
        others = [bar for bar in range(self.intro_bars, self.bars) if bar not in heads]
        return tuple(heads + others) or (0,)

    @cached_property
    def costs(self) -> Costs:
        """(bars, bars): what it costs to play the second bar after the first."""
        found = np.array([[self._rate_cut(one, other) for other in range(self.bars)] for one in range(self.bars)])
        found[:, : self.intro_bars] += _CUT  # an intro is heard once
        found[np.arange(self.bars - 1), np.arange(1, self.bars)] = 0.0
        return found

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
