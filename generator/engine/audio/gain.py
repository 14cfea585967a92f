"""Gain over time as a curve at a control rate: one curve does all of mastering, so stems can follow it exactly."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import lfilter

HOP = 32
"""Frames per control point."""
_SLOWEST_HERTZ = 1.0

Curve = NDArray[np.float64]
"""Decibels, one per control point and one more for the end; between them the gain is linear."""


def count_points(frames: int) -> int:
    return -(-frames // HOP) + 1


def apply_curve(audio: NDArray[np.float32], curve: Curve) -> NDArray[np.float32]:
    """The audio, (frames, 2), under the curve."""
    changed: NDArray[np.float32] = audio * spread_gain(curve, hop=HOP, frames=len(audio))[:, None]
    return changed


def center(audio: NDArray[np.float32], *, sample_rate: int) -> NDArray[np.float32]:
    """The audio, (frames, 2), without what changes more slowly than once a second.

    A gain that moves with strokes that lean to one side leaves such an offset. Linear, so that what is centered apart
    sums to what is centered together.
    """
    channels = audio.shape[1]
    padded = np.append(audio, np.zeros((-len(audio) % HOP, channels), dtype=audio.dtype), axis=0)
    means = padded.reshape(-1, HOP, channels).mean(axis=1, dtype=np.float64)
    pole = np.exp(-2.0 * np.pi * _SLOWEST_HERTZ * HOP / sample_rate)
    offset = np.append(np.zeros((1, channels)), lfilter([1.0 - pole], [1.0, -pole], means, axis=0), axis=0)
    ramps = offset[:-1, None] + np.diff(offset, axis=0)[:, None] * (np.arange(HOP) / HOP)[:, None]
    centered: NDArray[np.float32] = audio - ramps.astype(np.float32).reshape(-1, channels)[: len(audio)]
    return centered


def spread_gain(curve: Curve, *, hop: int, frames: int) -> NDArray[np.float32]:
    """The linear gain of each frame; `curve` has a point every `hop` frames and one more for the end."""
    gain = 10.0 ** (curve / 20.0)
    ramps = gain[:-1, None] + np.diff(gain)[:, None] * (np.arange(hop) / hop)
    return ramps.astype(np.float32).reshape(-1)[:frames]


def compress(level: NDArray[np.float64], *, threshold: float, ratio: float, seconds: float, rate: float) -> Curve:
    """Reduction in decibels that turns `level` (power per control block) down above `threshold` (dB), softly.

    `seconds` smooths both the level and the gain, so it acts on phrases and not on single strokes.
    """
    pole = np.exp(-1.0 / (seconds * rate))
    start = level[: max(1, int(seconds * rate))].mean()
    smooth, _ = lfilter([1.0 - pole], [1.0, -pole], level, zi=[pole * start])
    over = 10.0 * np.log10(np.maximum(smooth, 1e-12)) - threshold
    knee = np.logaddexp(0.0, over / 3.0) * 3.0  # about 6 dB wide
    cut = -knee * (1.0 - 1.0 / ratio)
    eased: Curve = lfilter([1.0 - pole], [1.0, -pole], cut, zi=[pole * cut[0]])[0]
    return np.append(eased, eased[-1])


def limit(peaks: NDArray[np.float64], *, ceiling: float, lookahead: float, release: float, rate: float) -> Curve:
    """Reduction in decibels that keeps `peaks` (dB per control block) under `ceiling`.

    The gain starts to fall `lookahead` seconds before a peak and recovers by `release` dB per second. Averaging over
    the same window after a running minimum can only lower it at the peak: nothing gets through.
    """
    need = np.minimum(0.0, ceiling - peaks)
    need = np.append(need, need[-1])
    need[1:] = np.minimum(need[1:], need[:-1])  # a point borders on two blocks
    half = max(1, round(lookahead * rate))
    held = minimum_filter1d(need, size=2 * half + 1, mode="nearest")
    slope = release / rate * np.arange(len(held))
    recovering = np.minimum.accumulate(held - slope) + slope
    smoothed: Curve = uniform_filter1d(recovering, size=2 * half + 1, mode="nearest")
    return np.minimum(smoothed, 0.0)


def fade_out(points: int, *, seconds: float, rate: float) -> Curve:
    """A quarter cosine to silence over the last `seconds`."""
    length = min(points, max(2, round(seconds * rate)))
    curve = np.zeros(points)
    shape = np.cos(np.linspace(0.0, np.pi / 2, length))
    curve[points - length :] = 20.0 * np.log10(np.maximum(shape, 1e-6))
    return curve
