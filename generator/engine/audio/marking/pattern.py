"""From a key to the sign and the task of every cell."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.layout import BANDS, CODED_BITS, PERIOD, SYNC_SHARE

SYNC = -1
_CELLS = BANDS * PERIOD


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    signs: NDArray[np.float32]
    """(PERIOD, BANDS), each +1 or -1."""
    tasks: NDArray[np.int16]
    """(PERIOD, BANDS): SYNC, or which coded bit the cell carries."""

    def spell(self, bits: NDArray[np.float32]) -> NDArray[np.float32]:
        """The gains' signs, (PERIOD, BANDS), for coded bits of +1 and -1."""
        carried = np.append(bits, np.float32(1.0))[self.tasks]  # SYNC is the last: always +1
        return np.asarray(self.signs * carried, dtype=np.float32)


@lru_cache(maxsize=16)
def draw_pattern(key: bytes) -> Pattern:
    """Signs and tasks from SHAKE-256 of the key: to whoever lacks it, independent fair coins."""
    stream = hashlib.shake_256(b"onetake mark 1:" + key).digest(_CELLS * 5)
    coins = np.frombuffer(stream, dtype=np.uint8, count=_CELLS) & 1
    order = np.argsort(np.frombuffer(stream, dtype="<u4", offset=_CELLS), kind="stable")
    tasks = np.full(_CELLS, SYNC, dtype=np.int16)
    carriers = order[round(SYNC_SHARE * _CELLS) :]
    tasks[carriers] = np.arange(len(carriers)) % CODED_BITS
    signs = (coins.astype(np.float32) * 2 - 1).reshape(PERIOD, BANDS)
    return Pattern(signs=signs, tasks=tasks.reshape(PERIOD, BANDS))
