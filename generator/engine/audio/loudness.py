"""Loudness by ITU-R BS.1770-4 / EBU R128, and peaks between the samples."""

from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from pyloudnorm import Meter
from scipy.signal import firwin, sosfilt

from generator.engine.audio.working import work_in_order

BLOCK_SECONDS = 0.4
HOP_SECONDS = 0.1
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
_OVERSAMPLING = 4
_TAPS = 24 * _OVERSAMPLING + 1
"""Twice the standard's length: with its 12 taps a cymbal's peaks are read 0.3 dB too low."""
_REACH = _TAPS // 2 // _OVERSAMPLING
"""Samples before and after that the taps take in."""
_SPAN = 32
"""Frames that are looked at or passed over together, more than the taps reach."""
_LEAST_TAP = 1e-9
"""Taps below it are zeros of the sinc, but for rounding."""
_CHUNK = 16_384
"""Frames at a time: they stay in the processor's cache."""


@cache
def find_meter(sample_rate: int) -> Meter:
    return Meter(sample_rate)


def measure_loudness(audio: NDArray[np.float32], *, sample_rate: int) -> float:
    """Integrated loudness in LUFS of (frames, 2); -inf for silence."""
    return gate_loudness(measure_hops(audio, sample_rate=sample_rate))


def measure_hops(audio: NDArray[np.float32], *, sample_rate: int) -> NDArray[np.float64]:
    """K-weighted power of both channels together, for each 0.1 s."""
    hop = round(HOP_SECONDS * sample_rate)
    whole = len(audio) // hop * hop
    weigh = partial(_weigh, hop=hop, sample_rate=sample_rate)
    return np.asarray(sum(work_in_order([partial(weigh, channel[:whole]) for channel in audio.T])))


def _weigh(channel: NDArray[np.float32], *, hop: int, sample_rate: int) -> NDArray[np.float64]:
    """Mean K-weighted power of each hop. One channel after the other: what is filtered is twice as large."""
    stages = find_meter(sample_rate)._filters.values()
    # sections: the same filter as by coefficients, four times faster
    weighted = sosfilt([np.concatenate([stage.b, stage.a]) for stage in stages], channel)
    return np.asarray(np.square(weighted, out=weighted).reshape(-1, hop).mean(axis=1))


def gate_loudness(hops: NDArray[np.float64]) -> float:
    """Integrated loudness of 0.4 s blocks overlapping by 75 %, gated absolutely and relatively."""
    per_block = round(BLOCK_SECONDS / HOP_SECONDS)
    if len(hops) < per_block:
        return float("-inf")
    blocks = np.convolve(hops, np.full(per_block, 1.0 / per_block), mode="valid")
    heard = blocks[_to_lufs(blocks) > _ABSOLUTE_GATE]
    if not len(heard):
        return float("-inf")
    gate = _to_lufs(heard.mean()) + _RELATIVE_GATE
    return float(_to_lufs(heard[_to_lufs(heard) > gate].mean()))


def _to_lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return _OFFSET + 10.0 * np.log10(np.maximum(power, 1e-30))


@cache
def _design_interpolator() -> NDArray[np.float32]:
    """(phases, taps): one filter for each place between a sample and the next, the taps in the order of time."""
    taps: NDArray[np.float64] = firwin(_TAPS, 1.0 / _OVERSAMPLING, window=("kaiser", 5.0))
    padded = np.append(taps, np.zeros(_OVERSAMPLING - 1)).reshape(-1, _OVERSAMPLING)
    return (padded[::-1].T * _OVERSAMPLING).astype(np.float32)


def to_decibels(peaks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of full scale, -180 at least."""
    return np.asarray(20.0 * np.log10(np.maximum(peaks.astype(np.float64), 1e-9)))


def measure_peak(audio: NDArray[np.float32]) -> float:
    """Largest magnitude of a sample; NaN where one is none, and 0 for no samples. Nothing as large is made."""
    highest, lowest = audio.max(initial=0.0), audio.min(initial=0.0)
    return float(np.maximum(highest, -lowest))


def measure_sample_peaks(audio: NDArray[np.float32], *, hop: int) -> NDArray[np.float32]:
    """Largest magnitude of either channel in each `hop` frames: ceil(frames / hop) values."""
    starts = np.arange(0, len(audio), hop)
    left, right = (np.maximum.reduceat(np.abs(channel), starts) for channel in audio.T)
    return np.maximum(left, right)


def measure_true_peaks(audio: NDArray[np.float32], *, hop: int) -> NDArray[np.float32]:
    """The same, four times oversampled."""
    peaks = measure_sample_peaks(audio, hop=hop)
    starts = np.arange(0, len(audio), hop)
    for channel in audio.T:
        np.maximum(peaks, np.maximum.reduceat(_measure_between(channel), starts), out=peaks)
    return peaks


def _measure_between(channel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Largest magnitude from each sample up to the next."""
    padded = np.pad(channel, _REACH)
    highest = np.empty_like(channel, shape=len(channel))
    for start in range(0, len(channel), _CHUNK):
        stop = min(start + _CHUNK, len(channel))
        highest[start:stop] = _interpolate_peaks(padded[start : stop + 2 * _REACH])
    return highest


def _interpolate_peaks(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of (..., _REACH + frames + _REACH), the largest magnitude from each frame up to the next: (..., frames).

    Tap by tap over all at once, each sum in the order of time: no BLAS, whose sums depend on the processor.
    """
    frames = windows.shape[-1] - 2 * _REACH
    shape = (*windows.shape[:-1], frames)
    highest: NDArray[np.float32] = np.zeros(shape, dtype=np.float32)
    total, product = np.empty((2, *shape), dtype=np.float32)
    for taps in _design_interpolator():
        total.fill(0.0)
        for index in np.flatnonzero(np.abs(taps) > _LEAST_TAP):
            np.multiply(windows[..., index : index + frames], taps[index], out=product)
            total += product
        np.maximum(highest, np.abs(total, out=total), out=highest)
    return highest


def measure_true_peak(audio: NDArray[np.float32]) -> float:
    """True peak in dBTP."""
    highest = measure_peak(audio)
    for channel in audio.T:
        highest = max(highest, _find_peak_between(channel, above=highest))
    return float(20.0 * np.log10(max(highest, 1e-10)))


def _find_peak_between(channel: NDArray[np.float32], *, above: float) -> float:
    """Largest magnitude between the samples if it lies `above`, else any that does not.

    Looked for only where it can be: what the taps make of samples is no larger than the largest of them times the taps'
    magnitudes, so that most of a piece is passed over.
    """
    gain = 1.001 * float(np.abs(_design_interpolator()).sum(axis=1).max())
    largest = np.pad(np.maximum.reduceat(np.abs(channel), np.arange(0, len(channel), _SPAN)), 1)
    loud = np.flatnonzero(np.max([largest[:-2], largest[1:-1], largest[2:]], axis=0) * gain > above)
    padded = np.pad(channel, (_REACH, _REACH + _SPAN))
    spans = np.lib.stride_tricks.sliding_window_view(padded, _SPAN + 2 * _REACH)[::_SPAN]
    for some in np.array_split(loud, 1 + len(loud) * _SPAN // _CHUNK):
        peaks = _interpolate_peaks(spans[some])
        peaks[some[:, None] * _SPAN + np.arange(_SPAN) >= len(channel)] = 0.0
        above = max(above, float(peaks.max(initial=0.0)))
    return above
