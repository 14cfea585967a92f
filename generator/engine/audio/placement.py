"""Where a stem stands in the stereo image, and how loud."""

import math

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.gain import HOP, apply_curve, limit
from generator.engine.audio.loudness import measure_loudness, measure_sample_peaks, to_decibels

_QUIETEST = -60.0
_LOOKAHEAD = 0.002
_RELEASE = 120.0


def pan_stereo(stem: NDArray[np.float32], *, pan: float) -> NDArray[np.float32]:
    """The stem moved by `pan`, -1 (left) to 1 (right), keeping its power: the Web Audio stereo panner's rule."""
    angle = abs(pan) * math.pi / 2
    near, far = (0, 1) if pan < 0 else (1, 0)
    moved = np.empty_like(stem)
    moved[:, far] = stem[:, far] * np.float32(math.cos(angle))
    moved[:, near] = stem[:, near] + stem[:, far] * np.float32(math.sin(angle))
    return moved


def narrow_stereo(stem: NDArray[np.float32], *, width: float) -> NDArray[np.float32]:
    """The stem with so much of what differs between its channels: nothing of what they share is lost in mono."""
    swapped: NDArray[np.float32] = stem[:, ::-1] * np.float32((1.0 - width) / 2.0)
    for into, channel in zip(swapped.T, stem.T, strict=True):
        into += channel * np.float32((1.0 + width) / 2.0)
    return swapped


def set_loudness(stem: NDArray[np.float32], *, lufs: float, sample_rate: int) -> NDArray[np.float32]:
    """The stem scaled to a loudness in its own place, so that balance follows the roles and not the samples of the
    font."""
    measured = max(measure_loudness(stem, sample_rate=sample_rate), _QUIETEST)
    stem *= np.float32(10.0 ** ((lufs - measured) / 20.0))
    return stem


def round_peaks(stem: NDArray[np.float32], *, ceiling: float, sample_rate: int) -> NDArray[np.float32]:
    """The stem, in its own place, with no sample above `ceiling` dBFS: less for the limiter of the whole mix to do."""
    peaks = to_decibels(measure_sample_peaks(stem, hop=HOP))
    if peaks.max() <= ceiling:
        return stem
    curve = limit(peaks, ceiling=ceiling, lookahead=_LOOKAHEAD, release=_RELEASE, rate=sample_rate / HOP)
    return apply_curve(stem, curve, out=stem)
