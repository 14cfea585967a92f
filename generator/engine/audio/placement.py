"""Where a stem stands in the stereo image, and how loud."""

import math

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.loudness import measure_loudness

_QUIETEST = -60.0


def pan_stereo(stem: NDArray[np.float32], *, pan: float) -> NDArray[np.float32]:
    """The stem moved by `pan`, -1 (left) to 1 (right), keeping its power: the Web Audio stereo panner's rule."""
    angle = abs(pan) * math.pi / 2
    near, far = (0, 1) if pan < 0 else (1, 0)
    moved = np.empty_like(stem)
    moved[:, far] = stem[:, far] * np.float32(math.cos(angle))
    moved[:, near] = stem[:, near] + stem[:, far] * np.float32(math.sin(angle))
    return moved


def set_loudness(stem: NDArray[np.float32], *, lufs: float, sample_rate: int) -> NDArray[np.float32]:
    """The stem scaled to a loudness, so that balance follows the roles and not the samples of the font."""
    measured = max(measure_loudness(stem, sample_rate=sample_rate), _QUIETEST)
    scaled: NDArray[np.float32] = stem * np.float32(10.0 ** ((lufs - measured) / 20.0))
    return scaled
