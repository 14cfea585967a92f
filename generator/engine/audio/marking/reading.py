"""Which number a mark carries, and how sure that is: any number, or one of those that are known to have been given."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.bounds import find_threshold
from generator.engine.audio.marking.cells import STEPS
from generator.engine.audio.marking.layout import CODED_BITS
from generator.engine.audio.marking.pattern import SYNC, Pattern
from generator.engine.audio.marking.payload import NUMBER_BITS, decode_number, encode_number, pack_numbers, rate_packed

Known = Callable[[], NDArray[np.int64]]
"""The numbers that were given out, asked for where the sound alone does not tell."""
WRONG_NUMBERS = 1e-6
"""Per recording: the chance of a number read where nothing carries one."""
_READINGS = 4
"""WRONG_NUMBERS' equal parts: any number and known ones, as it plays and at other speeds."""
_BATCH = 1 << 16
"""Numbers spelt at a time, so that memory stays small."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What the cells say at one place of the pattern, which may be the wrong one."""

    soft: NDArray[np.float64]
    """(CODED_BITS,): positive for a one."""
    size: float
    """Sum of the squares of all cells that carry a bit."""
    sync_sum: float
    sync_size: float
    """Likewise of those that are the same for every number."""

    def rate(self, agreement: float) -> float:
        """The score of a number whose coded bits agree so much with the soft ones."""
        return agreement / float(np.sqrt(max(self.size, 1e-6)))

    def rate_with_sync(self, agreement: float) -> float:
        """The score of a number and the pattern together."""
        return (self.sync_sum + agreement) / float(np.sqrt(max(self.sync_size + self.size, 1e-6)))


def read_carried(cells: NDArray[np.float64], pattern: Pattern, *, place: int) -> Carried:
    """Of one weighing, (PERIOD * STEPS, BANDS)."""
    mine = np.roll(cells, -place, axis=0)[:: 2 * STEPS] * pattern.signs
    carries = pattern.tasks != SYNC
    bits, sync = mine[carries], mine[~carries]
    soft = np.bincount(pattern.tasks[carries], weights=bits, minlength=CODED_BITS).astype(np.float64)
    return Carried(soft=soft, size=float(bits @ bits), sync_sum=float(sync.sum()), sync_size=float(sync @ sync))


def read_number(carried: Carried, *, tries: int) -> int | None:
    """Any number; None if its checksum fails or it agrees no better than one of so many well might.

    `tries` counts the places looked at: one of each weighing, window, key and speed.
    """
    number = decode_number(carried.soft)
    if number is None:
        return None
    threshold = find_threshold(tries=tries << NUMBER_BITS, chance=WRONG_NUMBERS / _READINGS)
    return number if carried.rate(float(carried.soft @ encode_number(number))) >= threshold else None


def find_known(carried: Carried, numbers: NDArray[np.int64]) -> tuple[int, float]:
    """Which of the numbers agrees best, and how much."""
    best, highest = -1, -np.inf
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        agreements = rate_packed(pack_numbers(batch), carried.soft)
        place = int(np.argmax(agreements))
        if agreements[place] > highest:
            best, highest = int(batch[place]), float(agreements[place])
    return best, highest


def is_sure(score: float, *, known: int, tries: int) -> bool:
    """Whether the best of so many known numbers agrees better than chance lets any of them."""
    return score >= find_threshold(tries=known * tries, chance=WRONG_NUMBERS / _READINGS)
