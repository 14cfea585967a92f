"""Voices: settings of a row of chords for four voices, led as a choir sings them.

Every chord can be set in many ways; the cheapest way through all of them is found (Viterbi). Dear are parallel fifths
and octaves, leading notes that do not rise, sevenths that do not fall, leaps; cheap is what the network plays there
(Aldwell and Schachter, "Harmony and Voice Leading", 1979). Costs are whole numbers, so that every processor agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from generator.engine.plan import Chord

RANGES = ((38, 57), (47, 64), (53, 69), (57, 76))
"""Of bass, tenor, alto and soprano, in the sounding key, for hands rather than throats."""

_WIDEST = (19, 12, 12)
"""Semitones between neighbouring voices at most, from the bass up."""
_KEPT = 24
"""Settings of each chord that are followed up."""

_INVERSION = (0, 25, 90, 60)
"""Cost of root, third, fifth and seventh in the bass."""
_NO_FIFTH, _DOUBLED_THIRD, _NOT_PLAYED, _ABOVE = 10, 35, 6, 30
_MIDDLE = 68
"""Where the soprano lies best; a semitone away costs 1."""

_MOVES = np.array([3, 8, 8, 6])
"""Cost of a semitone's move, by voice."""
_LEAP, _PARALLEL, _UNRESOLVED = 30, 120, 40
_FARTHEST = 5
"""Semitones beyond which a move of an upper voice is a leap."""

_DOMINANT = ("maj", "dom7")

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A chord to be set: key-normalised, as everything here."""

    chord: Chord
    played: frozenset[int]
    """Pitches that the network plays there."""
    ceiling: int
    """The soprano does well to stay below."""
    tune: int | None = None
    """The pitch of a melody that is the soprano."""


def lead_voices(stations: Sequence[Station], *, lowest: int, highest: int, shift: int) -> list[tuple[int, ...]]:
    """Pitches from the bass up, one setting a station; `lowest` and `highest` are the player's, sounding, `shift` what
    the sounding key lies above the normal one. A setting under a low tune may have fewer than four."""
    if not stations:
        return []
    limits = tuple((max(low, lowest) - shift, min(high, highest) - shift) for low, high in RANGES)
    settings, costs = [], []
    for station in stations:
        found = _set_chord(station, limits=limits)
        price = _price(found, station=station, middle=_MIDDLE - shift)
        best = np.argsort(price, kind="stable")[:_KEPT]
        settings.append(found[best])
        costs.append(price[best])
    total, came_from = costs[0], []
    for at in range(1, len(stations)):
        chords = (stations[at - 1].chord, stations[at].chord)
        moved = total[:, None] + _price_moves(settings[at - 1], settings[at], chords=chords)
        came_from.append(moved.argmin(axis=0))
        total = moved.min(axis=0) + costs[at]
    place = int(total.argmin())
    path = [place]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    ways = zip(settings, reversed(path), strict=True)
    return [tuple(sorted({int(pitch) for pitch in rows[way] if pitch > 0})) for rows, way in ways]


def _set_chord(station: Station, *, limits: tuple[tuple[int, int], ...]) -> Integers:
    """All settings (n, 4). Under a tune too low for three voices, voices are left out (0)."""
    if station.tune is None:
        return _list_settings(station.chord, limits)
    below = _list_settings(station.chord, limits[:3])
    below = below[(below[:, 2] < station.tune) & (station.tune - below[:, 2] <= _WIDEST[2] + 4)]
    if not len(below):
        bass = [pitch for pitch in range(*limits[0]) if pitch % 12 == station.chord.root and pitch < station.tune]
        below = np.array([[bass[-1] if bass else 0, 0, 0]])
    return np.column_stack([below, np.full(len(below), station.tune)])


@cache
def _list_settings(chord: Chord, limits: tuple[tuple[int, int], ...]) -> Integers:
    """Settings of a chord for so many voices (n, voices), each with root, third and, if there is one, seventh."""
    tones = chord.pitch_classes
    needed = {*tones[:2], *tones[3:]}
    choices = [[pitch for pitch in range(low, high + 1) if pitch % 12 in tones] for low, high in limits]
    found = [
        setting
        for setting in product(*choices)
        if all(0 < high - low <= most for low, high, most in zip(setting, setting[1:], _WIDEST, strict=False))
        and needed <= {pitch % 12 for pitch in setting}
    ]
    return np.array(found, np.int64).reshape(-1, len(limits))


def _price(settings: Integers, *, station: Station, middle: int) -> Integers:
    chord = station.chord
    steps = (settings - chord.root) % 12
    third, fifth = ((tone - chord.root) % 12 for tone in chord.pitch_classes[1:3])
    inversions = np.zeros(12, np.int64)
    for tone, cost in zip(chord.pitch_classes, _INVERSION, strict=False):
        inversions[(tone - chord.root) % 12] = cost
    price = inversions[steps[:, 0]]
    price = price + _NO_FIFTH * ~(steps == fifth).any(axis=1)
    if chord.quality in _DOMINANT:
        price = price + _DOUBLED_THIRD * ((steps == third).sum(axis=1) > 1)
    price = price + _NOT_PLAYED * (~np.isin(settings, list(station.played))).sum(axis=1)
    if station.tune is None:
        price = price + _ABOVE * np.maximum(settings[:, 3] - station.ceiling, 0) + np.abs(settings[:, 3] - middle)
    return np.asarray(price)


def _price_moves(before: Integers, after: Integers, *, chords: tuple[Chord, Chord]) -> Integers:
    """(n before, m after)"""
    moves = after[None, :, :] - before[:, None, :]
    sizes = np.abs(moves)
    price = (sizes * _MOVES).sum(axis=2) + _LEAP * (sizes[:, :, 1:] > _FARTHEST).sum(axis=2)
    for low, high in combinations(range(4), 2):
        interval = (before[:, high] - before[:, low]) % 12
        stays = interval[:, None] == ((after[:, high] - after[:, low]) % 12)[None, :]
        is_perfect = np.isin(interval, (0, 7))[:, None]
        together = np.sign(moves[:, :, low]) * np.sign(moves[:, :, high]) > 0
        price = price + _PARALLEL * (stays & is_perfect & together)
    return np.asarray(price + _price_resolutions(before, moves, chords=chords))


def _price_resolutions(before: Integers, moves: Integers, *, chords: tuple[Chord, Chord]) -> Integers:
    """A dominant's third rises and its seventh falls where its root falls by a fifth."""
    chord, following = chords
    if chord.quality not in _DOMINANT or (chord.root - following.root) % 12 != 7:
        return np.zeros(moves.shape[:2], np.int64)
    steps = (before - chord.root) % 12
    stuck = ((steps == 4)[:, None, :] & (moves != 1)).sum(axis=2)
    if chord.quality == "dom7":
        falls = (moves == -1) | (moves == -2)
        stuck = stuck + ((steps == 10)[:, None, :] & ~falls).sum(axis=2)
    return np.asarray(_UNRESOLVED * stuck)
