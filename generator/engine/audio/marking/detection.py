"""Looks for the mark in a recording of which nothing else is known, and reads its number.

First by the pairs that are the same for every number, at every place where the pattern may begin. What falls short of
that, as five soft seconds under noise do, may still be proved together with one of the numbers that were given out:
they make more tries, but twice as many pairs speak. `bounds` tells why a false alarm is rare whatever the recording.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.bounds import bound_chance, find_threshold
from generator.engine.audio.marking.cells import STEPS, WEIGHINGS, Spectrum, measure_views, read_cells
from generator.engine.audio.marking.layout import PAIRS, PERIOD
from generator.engine.audio.marking.pattern import SYNC, Pattern, draw_pattern
from generator.engine.audio.marking.reading import Carried, Known, find_known, is_sure, read_carried, read_number

FALSE_ALARMS = 1e-6
"""Per recording, all searching included."""
_SEARCHES = 4
"""FALSE_ALARMS' equal parts: by the pattern alone and with known numbers, as it plays and at other speeds."""
_PLACES = PERIOD * STEPS
TRIES = WEIGHINGS * _PLACES
"""By the pattern alone, for one key in one window as it plays."""
PROMISING = 4.5
"""Score from which known numbers are tried: below, even one that fits is hardly ever enough."""
WINDOW_SECONDS = 60.0
MOST_SECONDS = 300.0
"""Longer recordings are looked at up to here."""
SPEED_SECONDS = 20.0
"""How much of a window the search for the speed looks at: over more, a slightly wrong speed would drift away."""
_FINEST, _ROUGH, _FARTHEST = 0.0002, 5, 60
"""Step of the speeds that are told apart, how many of them the first look leaves out, and how many it goes to."""
_ROUGHLY = tuple(1.0 + _FINEST * step for step in range(-_FARTHEST, _FARTHEST + 1, _ROUGH))
_NEARBY = tuple(_FINEST * step for step in range(1 - _ROUGH, _ROUGH))
SPEED_TRIES = len(_ROUGHLY) + 2 * (_FARTHEST + _ROUGH - 1) + 1
"""All that the first look takes, and all that the second may take: where it looks follows from the first."""


@dataclass(frozen=True, slots=True)
class Detection:
    score: float
    """Standard deviations above what a wrong key gives."""
    tries: int
    """How many might have scored as high by chance."""
    number: int | None = None
    """None if there is no mark, or too little of it to read."""
    known: int = 0
    """How many known numbers were tried to prove the mark; 0 where the pattern alone was enough."""
    speed: float = 1.0
    start: float = 0.0
    """Seconds into the recording at which the window begins."""
    key_index: int = 0
    """Which of the keys fits."""

    @property
    def threshold(self) -> float:
        return find_threshold(tries=self.tries, chance=FALSE_ALARMS / _SEARCHES)

    @property
    def is_found(self) -> bool:
        return self.score >= self.threshold

    @property
    def chance(self) -> float:
        """Bound on the probability that a recording without our mark scores as high."""
        return bound_chance(self.score, tries=self.tries * _SEARCHES)


def _know_none() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


def find_mark(
    audio: NDArray[np.float32],
    keys: Sequence[bytes],
    *,
    sample_rate: int,
    known: Known = _know_none,
    with_speeds: bool = True,
) -> Detection:
    """The best finding of all keys, in (frames, channels). Other speeds are tried only if 1 does not tell everything.

    `known` gives the numbers that may have been marked with. It is asked at most once, where the mark is weak.
    """
    audio, known = audio[: round(MOST_SECONDS * sample_rate)], cache(known)
    starts = _place_windows(len(audio) / sample_rate)
    best = nothing = Detection(score=0.0, tries=TRIES * len(starts) * len(keys))
    for start in starts:
        first = round(start * sample_rate)
        window = audio[first : first + round(WINDOW_SECONDS * sample_rate)]
        views = measure_views(window, sample_rate=sample_rate)
        like = replace(nothing, start=start)
        for finding in _look_at(views, keys, like=like, known=known, with_speeds=with_speeds):
            best = max(best, finding, key=_by_evidence)
        if best.is_found and best.number is not None:
            break
    return best


def _place_windows(seconds: float) -> list[float]:
    if seconds <= WINDOW_SECONDS:
        return [0.0]
    step = WINDOW_SECONDS / 2
    return [step * index for index in range(math.ceil((seconds - WINDOW_SECONDS) / step) + 1)]


def _look_at(
    views: Sequence[Spectrum], keys: Sequence[bytes], *, like: Detection, known: Known, with_speeds: bool
) -> Iterable[Detection]:
    """One window: as it is, and if that gives no number, faster and slower."""
    patterns = [draw_pattern(key) for key in keys]
    plain = [_score(views, pattern, like=replace(like, key_index=i), known=known) for i, pattern in enumerate(patterns)]
    yield from plain
    if not with_speeds or any(finding.is_found and finding.number is not None for finding in plain):
        return
    short = [_shorten(view) for view in views]
    like = replace(like, tries=like.tries * SPEED_TRIES)
    for index, pattern in enumerate(patterns):
        like = replace(like, key_index=index)
        roughly = [replace(like, speed=speed) for speed in _ROUGHLY]
        rough = max((_score(short, pattern, like=each, known=known) for each in roughly), key=_by_evidence)
        yield rough
        nearby = [replace(like, speed=rough.speed + change) for change in _NEARBY]
        yield max((_score(views, pattern, like=each, known=known) for each in nearby), key=_by_evidence)


def _by_evidence(finding: Detection) -> tuple[bool, float]:
    return finding.number is not None and finding.is_found, finding.score - finding.threshold


def _shorten(spectrum: Spectrum) -> Spectrum:
    return replace(spectrum, summed=spectrum.summed[: round(SPEED_SECONDS / spectrum.frame_seconds)])


def _score(views: Sequence[Spectrum], pattern: Pattern, *, like: Detection, known: Known) -> Detection:
    """The better weighing at the speed of `like`."""
    weighings = fold_cells(read_cells(views, speed=like.speed))
    return max((_weigh(cells, pattern, like=like, known=known) for cells in weighings), key=_by_evidence)


def _weigh(cells: NDArray[np.float64], pattern: Pattern, *, like: Detection, known: Known) -> Detection:
    scores = score_places(cells, pattern)
    place = int(np.argmax(scores))
    found = replace(like, score=float(scores[place]))
    if found.score < PROMISING:
        return found
    carried = read_carried(cells, pattern, place=place)
    if found.is_found and (number := read_number(carried, tries=found.tries // _PLACES)) is not None:
        return replace(found, number=number)
    return _try_known(found, carried, numbers=known())


def _try_known(found: Detection, carried: Carried, *, numbers: NDArray[np.int64]) -> Detection:
    """With what the known numbers add to the pattern alone: proof where that is too little, and the number."""
    if not len(numbers):
        return found
    number, agreement = find_known(carried, numbers)
    is_number = is_sure(carried.rate(agreement), known=len(numbers), tries=found.tries // _PLACES)
    if not found.is_found:
        together, tries = carried.rate_with_sync(agreement), found.tries * len(numbers)
        proved = replace(found, score=together, tries=tries, known=len(numbers))
        found = proved if proved.is_found else found
    return replace(found, number=number) if found.is_found and is_number else found


def fold_cells(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """All turns of the pattern laid over one another: (WEIGHINGS, PERIOD * STEPS, BANDS)."""
    whole = np.pad(cells, ((0, 0), (0, -cells.shape[1] % _PLACES), (0, 0)))
    return np.asarray(whole.reshape(len(cells), -1, _PLACES, cells.shape[2]).sum(axis=1))


def score_places(cells: NDArray[np.float64], pattern: Pattern) -> NDArray[np.float64]:
    """The score of one weighing for each place at which the pattern may have begun, by the pairs that are the same for
    all numbers."""
    is_sync = pattern.tasks == SYNC
    shape = (PAIRS, 2 * STEPS, cells.shape[1])
    looked_for, places = np.zeros(shape), np.zeros(shape)
    looked_for[:, 0], places[:, 0] = pattern.signs * is_sync, is_sync
    sums = _correlate(cells, looked_for.reshape(_PLACES, -1))
    squares = _correlate(cells**2, places.reshape(_PLACES, -1))
    return np.asarray(sums / np.sqrt(np.maximum(squares, 1e-6)))


def _correlate(cells: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    product = np.fft.rfft(cells, axis=0) * np.conj(np.fft.rfft(wanted, axis=0))
    return np.fft.irfft(product.sum(axis=1), n=len(cells))
