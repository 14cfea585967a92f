"""Two variants of a sound that differ by an inaudible pattern, and are the same around every cut between segments.

Whoever gets now the one, now the other hears no difference; the order spells who it was.
"""

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.embedding import shape_bands
from generator.engine.audio.marking.pattern import draw_pattern, spread_pairs

STRENGTH = 0.06
"""The pattern lies 24 dB below the music."""
_PURPOSE = b"listeners:"
_RAMP = 256

Audio = NDArray[np.float32]


def make_variants(
    audio: Audio, key: bytes, *, cuts: NDArray[np.int64], overlap: int, sample_rate: int
) -> tuple[Audio, Audio]:
    """Of (frames, channels). `overlap` frames before and after each cut both are the sound itself."""
    gains = spread_pairs(draw_pattern(_PURPOSE + key).signs) * np.float32(STRENGTH)
    pattern = shape_bands(audio, gains, sample_rate=sample_rate)
    pattern *= _shape_gaps(len(audio), cuts=cuts, overlap=overlap)[:, None]
    return audio + pattern, audio - pattern


def _shape_gaps(frames: int, *, cuts: NDArray[np.int64], overlap: int) -> NDArray[np.float32]:
    """1, and 0 around every cut, with a straight ramp between."""
    reach = overlap + _RAMP
    gap = np.clip((np.abs(np.arange(-reach, reach + 1)) - overlap) / _RAMP, 0.0, 1.0).astype(np.float32)
    shape = np.ones(frames + 2 * reach, dtype=np.float32)
    for cut in cuts[(cuts > -reach) & (cuts < frames + reach)]:
        around = shape[cut : cut + len(gap)]  # `shape` begins `reach` frames before the sound
        np.minimum(around, gap[: len(around)], out=around)
    return shape[reach : reach + frames]
