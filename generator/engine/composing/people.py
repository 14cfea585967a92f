"""People: how phrases of four bars were played, by instrument, manner and corpus, in training pieces.

The critic does not ask for the most consonant or the smoothest candidate: people are neither. For each stretch it
takes one of these phrases, of about the energy that the plan asks for, as a model of how tame, smooth and busy to be,
and prefers the candidate nearest to it. So a piece spreads as people's pieces do. `measuring.habits` makes the table.
"""

import json
import math
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from generator.engine.composing.traits import TRAITS, Traits

TABLE = Path(__file__).with_name("people.json")
SHRINKAGE = 0.9
"""How far a model may lie from the mean, as a share of its own distance: a stretch follows a tendency, no extreme."""

_NEAREST = 16
"""Phrases nearest in energy among which a model is drawn."""

_LIMITS = {"chord_tones": (0.75, 1.0), "foreign": (0.0, 0.06), "chromatic": (0.0, 0.2)}
"""No model asks for wrong notes: analysis finds some in people's music, where it mistook the chord."""

_WIDEST = {"chromatic": 0.06, "chord_tones": 0.12, "consonance": 0.2}
"""Spreads of traits that are judged more closely than people's phrases differ: for some, analysis mistook
the key or the chords. Candidates that all lie beyond the tolerance are rated alike, so none may be much narrower."""

_NARROWEST = {"repeats": 0.12, "fullness": 0.3}
"""Spreads of traits in which a network is often farther from people than they are from each other: of two that are far
the nearer one is to win."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class People:
    """How one kind of part is played."""

    rows: Array
    """(phrases, traits), NaN where a trait does not apply."""
    energies: Array
    """(phrases,), rising."""
    means: Array
    spreads: Array
    """Standard deviations, never 0."""
    is_mixed: bool = False
    """Whether they play from several corpora: how busy each of those is, is then no business of the style's."""

    def draw_model(self, *, energy: float, draw: Random) -> Traits:
        first = int(np.searchsorted(self.energies, energy)) - _NEAREST // 2
        first = min(max(first, 0), max(len(self.rows) - _NEAREST, 0))
        row = self.rows[first + draw.randrange(min(_NEAREST, len(self.rows)))]
        row = np.where(np.isnan(row), self.means, row)
        model = _limit(dict(zip(TRAITS, (self.means + SHRINKAGE * (row - self.means)).tolist(), strict=True)))
        return model | {"busyness": model["busyness"] - self.usual["busyness"]} if self.is_mixed else model

    @cached_property
    def usual(self) -> Traits:
        """The mean phrase."""
        return dict(zip(TRAITS, self.means.tolist(), strict=True))

    @cached_property
    def judged_spreads(self) -> Traits:
        """The spreads by which phrases are judged."""
        return {
            name: min(max(spread, _NARROWEST.get(name, 0.0)), _WIDEST.get(name, math.inf))
            for name, spread in zip(TRAITS, self.spreads.tolist(), strict=True)
        }


def find_people(instrument: str, *, manner: str, label: str) -> People:
    """Those of the corpus that the style leans on, if the instrument is heard there; else of all."""
    table = _read_table()
    key = f"{instrument}/{manner}"
    return table.get(f"{key}/{label}") or table[key]


@cache
def _read_table() -> dict[str, People]:
    data = json.loads(TABLE.read_text("utf-8"))
    kinds: dict[str, list[list[list[float | None]]]] = {}
    for name, rows in data["phrases"].items():
        kinds.setdefault(name, []).append(rows)
        kinds.setdefault(name.rpartition("/")[0], []).append(rows)
    return {
        name: replace(_make_people([row for rows in groups for row in rows]), is_mixed=len(groups) > 1)
        for name, groups in kinds.items()
    }


def _make_people(rows: list[list[float | None]]) -> People:
    """Rows of energy and traits."""
    listed = np.array([[np.nan if value is None else value for value in row] for row in rows])
    listed = listed[np.argsort(listed[:, 0], kind="stable")]
    traits = listed[:, 1:]
    counted = np.maximum((~np.isnan(traits)).sum(axis=0), 1)
    means = np.nansum(traits, axis=0) / counted
    spreads = np.sqrt(np.nansum((traits - means) ** 2, axis=0) / counted)
    return People(rows=traits, energies=listed[:, 0], means=means, spreads=np.maximum(spreads, 0.02))


def _limit(traits: Traits) -> Traits:
    kept = {name: min(max(traits[name], low), high) for name, (low, high) in _LIMITS.items()}
    return traits | kept
