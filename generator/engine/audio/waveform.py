"""The outline that a player draws."""

import numpy as np
from numpy.typing import NDArray

BUCKETS = 600
FULL_SCALE = 127


def compute_peaks(audio: NDArray[np.float32], *, buckets: int = BUCKETS) -> list[list[int]]:
    """`buckets` pairs of the lowest and the highest sample of both channels, -127 to 127; fewer for fewer frames."""
    edges = np.linspace(0, len(audio), min(buckets, len(audio)), endpoint=False).astype(int)
    low = np.min([np.minimum.reduceat(channel, edges) for channel in audio.T], axis=0)
    high = np.max([np.maximum.reduceat(channel, edges) for channel in audio.T], axis=0)
    pairs = np.clip(np.rint(np.stack([low, high], axis=1) * FULL_SCALE), -FULL_SCALE, FULL_SCALE)
    return [[int(lowest), int(highest)] for lowest, highest in pairs]
