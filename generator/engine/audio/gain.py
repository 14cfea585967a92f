"""Gain over time as a curve at a control rate: one curve does all of mastering, so stems can follow it exactly."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import lfilter

HOP = 32
"""Frames per control point."""
_SLOWEST_HERTZ = 1.0
_BLOCK = 1500
"""Control points whose gain is drawn at a time: few enough for the processor's cache and for the C library's own heap
(see `memory.return_large_blocks`), and so many that a thread seldom waits for another's Python in between."""

Curve = NDArray[np.float64]
"""Decibels, one per control point and one more for the end; between them the gain is linear."""


def count_points(frames: int) -> int:
    return -(-frames // HOP) + 1


def apply_curve(
    audio: NDArray[np.float32], curve: Curve, *, hop: int = HOP, out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The audio, (frames, 2), under the curve, which has a point every `hop` frames and one more for the end; written
    into `out` where it is given, which may be the audio itself."""
    changed = np.empty_like(audio) if out is None else out
    gain = 10.0 ** (curve / 20.0)
    for block, ramps in _draw_ramps(gain, hop=hop, frames=len(audio)):
        np.multiply(audio[block], ramps[:, None], out=changed[block])
    return changed


def center(audio: NDArray[np.float32], *, sample_rate: int) -> NDArray[np.float32]:
    """The audio, (frames, 2), without what changes more slowly than once a second, in the audio's own place.

    A gain that moves with strokes that lean to one side leaves such an offset. Linear, so that what is centered apart
    sums to what is centered together.
    """
    pole = np.exp(-2.0 * np.pi * _SLOWEST_HERTZ * HOP / sample_rate)
    for channel, means in zip(audio.T, _average_blocks(audio).T, strict=True):
        offset = np.append(0.0, lfilter([1.0 - pole], [1.0, -pole], means))
        for block, ramps in _draw_ramps(offset, hop=HOP, frames=len(audio)):
            channel[block] -= ramps
    return audio


def _average_blocks(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Means of every HOP frames, the last ones filled up with silence: (points, channels)."""
    channels, rest = audio.shape[1], len(audio) % HOP
    blocks = audio[: len(audio) - rest].reshape(-1, HOP, channels)
    means = blocks[:, 0].astype(np.float64)
    for place in range(1, HOP):  # twice as fast as a mean over the middle axis, which adds in this order too
        means += blocks[:, place]
    means /= HOP
    last = audio[len(audio) - rest :].sum(axis=0, dtype=np.float64, keepdims=True) / HOP
    return np.append(means, last, axis=0) if rest else means


def _draw_ramps(points: Curve, *, hop: int, frames: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Straight lines from each point to the next, `hop` frames long, block by block: they stay in the processor's
    cache, and nothing as long as the sound is held twice as wide."""
    steps, line = np.diff(points), np.arange(hop) / hop
    for first in range(0, len(steps), _BLOCK):
        rises = steps[first : first + _BLOCK, None]
        ramps = points[first : first + len(rises), None] + rises * line
        start, stop = first * hop, min((first + len(rises)) * hop, frames)
        yield slice(start, stop), ramps.astype(np.float32).reshape(-1)[: stop - start]


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
