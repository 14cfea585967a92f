"""Counter-based random numbers: what a candidate draws depends on (seed, stream, candidate) and on nothing else."""

import hashlib

import numpy as np
import numpy.typing as npt


def draw_uniforms(*, seed: int, stream: str, candidate: int, steps: int, heads: int) -> npt.NDArray[np.float32]:
    """Numbers in [0, 1), (steps, heads): Philox 4x64 keyed by a hash of seed, stream and candidate."""
    key = hashlib.sha256(f"{seed}/{stream}/{candidate}".encode()).digest()[:16]
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    return generator.random((steps, heads), dtype=np.float32)
