"""From a key to the sign and the task of every pair of cells."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.layout import BANDS, CODED_BITS, PAIRS, SYNC_SHARE

SYNC = -1
_CELLS = BANDS * PAIRS


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    signs: NDArray[np.float32]
    """(PAIRS, BANDS), each +1 (first raised, then lowered) or -1."""
    tasks: NDArray[np.int16]
    """(PAIRS, BANDS): SYNC, or which coded bit the pair carries."""

    def spell(self, bits: NDArray[np.float32]) -> NDArray[np.float32]:
        """The gains' signs, (PERIOD, BANDS), for coded bits of +1 and -1."""
        carried = np.append(bits, np.float32(1.0))[self.tasks]  # SYNC is the last: always +1
        return spread_pairs(self.signs * carried)


def spread_pairs(signs: NDArray[np.float32]) -> NDArray[np.float32]:
    """(PAIRS, BANDS) as (PERIOD, BANDS): the second chip of a pair is the first one's opposite."""
    return np.stack([signs, -signs], axis=1).reshape(-1, signs.shape[1])


@lru_cache(maxsize=16)
def draw_pattern(key: bytes) -> Pattern:
    """Signs and tasks from SHAKE-256 of the key: to whoever lacks it, independent fair coins."""
    stream = hashlib.shake_256(b"onetake mark 1:" + key).digest(_CELLS * 5)
    coins = np.frombuffer(stream, dtype=np.uint8, count=_CELLS) & 1
    order = np.argsort(np.frombuffer(stream, dtype="<u4", offset=_CELLS), kind="stable")
    tasks = np.full(_CELLS, SYNC, dtype=np.int16)
    carriers = order[round(SYNC_SHARE * _CELLS) :]
    tasks[carriers] = np.arange(len(carriers)) % CODED_BITS
    signs = (coins.astype(np.float32) * 2 - 1).reshape(PAIRS, BANDS)
    return Pattern(signs=signs, tasks=tasks.reshape(PAIRS, BANDS))
