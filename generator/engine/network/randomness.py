"""Counter-based random numbers: what a candidate draws depends on (seed, stream, candidate) and on nothing else."""

import hashlib

import numpy as np
import numpy.typing as npt


class Dice:
    """A Philox 4x64 generator per lane, keyed by a hash of seed, stream and candidate."""

    def __init__(self, *, seed: int, stream: str, candidates: range) -> None:
        self._lanes = [_seed_generator(f"{seed}/{stream}/{candidate}") for candidate in candidates]

    def throw(self, *, steps: int, heads: int) -> npt.NDArray[np.float32]:
        """The next numbers in [0, 1): (steps, lanes, heads)."""
        return np.stack([lane.random((steps, heads), dtype=np.float32) for lane in self._lanes], axis=1)


def _seed_generator(key: str) -> np.random.Generator:
    digest = hashlib.sha256(key.encode()).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
