"""Looks for the mark in a recording of which nothing else is known, and reads its number.

Why a false alarm is rare whatever the recording: to a key that did not mark it, the signs of the pattern are
independent fair coins. The score is their sum weighted by numbers that do not depend on them, over the root of the
weights' squares, so by Hoeffding's inequality it exceeds z with a probability of at most exp(-z²/2). The bound is
multiplied by everything that was tried: keys, places, weighings, speeds and windows.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.cells import STEPS, WEIGHINGS, Spectrum, measure_views, read_cells
from generator.engine.audio.marking.layout import CODED_BITS, PAIRS, PERIOD
from generator.engine.audio.marking.pattern import SYNC, Pattern, draw_pattern
from generator.engine.audio.marking.payload import decode_number

FALSE_ALARMS = 1e-6
"""Per recording, all searching included."""
_PLACES = PERIOD * STEPS
WINDOW_SECONDS = 60.0
MOST_SECONDS = 300.0
"""Longer recordings are looked at up to here."""
SPEED_SECONDS = 20.0
"""How much of a window the search for the speed looks at: over more, a slightly wrong speed would drift away."""
_SPEED_STEP = 0.001
SPEEDS = tuple(1.0 + _SPEED_STEP * step for step in range(-12, 13))
_FINE = tuple(_SPEED_STEP / 5 * step for step in range(-4, 5))


@dataclass(frozen=True, slots=True)
class Detection:
    score: float
    """Standard deviations above what a wrong key gives."""
    threshold: float
    number: int | None
    """None if there is no mark, or too little of it to read."""
    speed: float
    start: float
    """Seconds into the recording at which the window begins."""
    key_index: int
    """Which of the keys fits."""

    @property
    def is_found(self) -> bool:
        return self.score >= self.threshold

    @property
    def chance(self) -> float:
        """Bound on the probability that a recording without our mark scores as high."""
        return min(1.0, FALSE_ALARMS * math.exp((self.threshold**2 - self.score**2) / 2))


def find_mark(
    audio: NDArray[np.float32], keys: Sequence[bytes], *, sample_rate: int, with_speeds: bool = True
) -> Detection:
    """The best finding of all keys, in (frames, channels). Speeds other than 1 are tried only if 1 shows nothing."""
    audio = audio[: round(MOST_SECONDS * sample_rate)]
    starts = _place_windows(len(audio) / sample_rate)
    threshold = find_threshold(tries=len(starts) * len(keys))
    best = Detection(score=0.0, threshold=threshold, number=None, speed=1.0, start=0.0, key_index=0)
    for start in starts:
        first = round(start * sample_rate)
        window = audio[first : first + round(WINDOW_SECONDS * sample_rate)]
        views = measure_views(window, sample_rate=sample_rate)
        for finding in _look_at(views, keys, best=replace(best, start=start), with_speeds=with_speeds):
            best = max(best, finding, key=_by_evidence)
        if best.is_found and best.number is not None:
            break
    return best if best.is_found else replace(best, number=None)


def find_threshold(*, tries: int) -> float:
    """The score that noise exceeds, at any place in any of the tries, with half of FALSE_ALARMS' probability.

    The other half is spent on all speeds but the true one, so that searching them does not blunt the plain look.
    """
    return math.sqrt(2.0 * math.log(2 * WEIGHINGS * _PLACES * tries / FALSE_ALARMS))


def _place_windows(seconds: float) -> list[float]:
    if seconds <= WINDOW_SECONDS:
        return [0.0]
    step = WINDOW_SECONDS / 2
    return [step * index for index in range(math.ceil((seconds - WINDOW_SECONDS) / step) + 1)]


def _look_at(
    views: Sequence[Spectrum], keys: Sequence[bytes], *, best: Detection, with_speeds: bool
) -> Iterable[Detection]:
    """One window: as it is, and if that shows nothing, faster and slower."""
    patterns = [draw_pattern(key) for key in keys]
    plain = [_score(views, pattern, like=replace(best, key_index=i)) for i, pattern in enumerate(patterns)]
    yield from plain
    if not with_speeds or any(finding.is_found and finding.number is not None for finding in plain):
        return
    short, tries = [_shorten(view) for view in views], len(SPEEDS) + len(_FINE)
    best = replace(best, threshold=math.hypot(best.threshold, math.sqrt(2.0 * math.log(tries))))
    for index, pattern in enumerate(patterns):
        like = replace(best, key_index=index)
        rough = max((_score(short, pattern, like=like, speed=speed) for speed in SPEEDS), key=_by_score)
        yield rough
        fine = (_score(views, pattern, like=like, speed=rough.speed + change) for change in _FINE)
        yield max(fine, key=_by_score)


def _by_evidence(finding: Detection) -> tuple[bool, float]:
    return finding.number is not None and finding.is_found, finding.score - finding.threshold


def _by_score(finding: Detection) -> float:
    return finding.score


def _shorten(spectrum: Spectrum) -> Spectrum:
    return replace(spectrum, summed=spectrum.summed[: round(SPEED_SECONDS / spectrum.frame_seconds)])


def _score(views: Sequence[Spectrum], pattern: Pattern, *, like: Detection, speed: float = 1.0) -> Detection:
    best = replace(like, score=-math.inf, speed=speed)
    for cells in fold_cells(read_cells(views, speed=speed)):
        scores = score_places(cells, pattern)
        place = int(np.argmax(scores))
        found = replace(best, score=float(scores[place]), number=None)
        if found.is_found:
            found = replace(found, number=_read_number(cells, pattern, place=place))
        best = max(best, found, key=_by_evidence)
    return best


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


def _read_number(cells: NDArray[np.float64], pattern: Pattern, *, place: int) -> int | None:
    mine = np.roll(cells, -place, axis=0)[:: 2 * STEPS] * pattern.signs
    carries = pattern.tasks != SYNC
    soft = np.bincount(pattern.tasks[carries], weights=mine[carries], minlength=CODED_BITS)
    return decode_number(soft.astype(np.float64))
