"""What the detector looks at: the energy of each cell, cleared of what the music does of its own accord."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.layout import CHIP, band_edges

STEPS = 4
"""Places of a chip at which the pattern may begin: a crop starts anywhere."""
_FRAME_SECONDS = 0.0232
_BLOCK = 4096
"""Frames transformed at a time, so that memory stays small."""
_SMALLEST = 1e-9
"""Energy beside the loudest cell below which a cell counts as silent."""
_LOCAL = 3 * STEPS
_MOST = 1.5
_STEADY_DB = 0.3
"""Added to the local variation: an all but constant tone is not stretched without bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Power over time, summed up along frequency, so that any band can be read off, at any speed."""

    summed: NDArray[np.float64]
    """(frames, bins + 1)."""
    bin_hertz: float
    frame_seconds: float
    """From one frame to the next."""


def measure_spectrum(audio: NDArray[np.float32], *, sample_rate: int) -> Spectrum:
    """Of (frames, channels); the channels' powers are added."""
    size = 1 << round(np.log2(_FRAME_SECONDS * sample_rate))
    hop = size // 4
    keep = min(size // 2 + 1, int(band_edges()[-1] * 1.05 * size / sample_rate) + 2)
    if len(audio) < size:
        audio = np.pad(audio, ((0, size - len(audio)), (0, 0)))
    window = np.hanning(size + 1)[:size].astype(np.float32)
    count = (len(audio) - size) // hop + 1
    power = np.zeros((count, keep), dtype=np.float32)
    for channel in audio.T:
        frames = np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(channel), size)[::hop]
        for start in range(0, count, _BLOCK):
            part = np.fft.rfft(frames[start : start + _BLOCK] * window, axis=1)[:, :keep]
            power[start : start + _BLOCK] += part.real**2 + part.imag**2
    summed = np.zeros((count, keep + 1))
    np.cumsum(power, axis=1, out=summed[:, 1:])
    return Spectrum(summed=summed, bin_hertz=sample_rate / size, frame_seconds=hop / sample_rate)


def read_cells(spectrum: Spectrum, *, speed: float = 1.0) -> NDArray[np.float64]:
    """How much each cell stands out, (steps, bands): a quarter chip from step to step, about -1.5 to 1.5.

    `speed` is that at which the recording plays, 1.01 being one per cent fast.
    """
    energy = _measure_cells(_read_bands(spectrum, speed=speed), step=CHIP / STEPS / speed / spectrum.frame_seconds)
    smallest = energy.max(initial=0.0) * _SMALLEST + 1e-30
    level = 10.0 * np.log10(energy + smallest)
    change, live = np.zeros_like(level), np.zeros(level.shape, dtype=bool)
    change[STEPS:-STEPS] = level[STEPS:-STEPS] - 0.5 * (level[: -2 * STEPS] + level[2 * STEPS :])
    sounding = energy > 10 * smallest
    live[STEPS:-STEPS] = sounding[STEPS:-STEPS] & sounding[: -2 * STEPS] & sounding[2 * STEPS :]
    together = (change * live).sum(axis=1, keepdims=True) / np.maximum(live.sum(axis=1, keepdims=True), 1)
    change = (change - together) * live
    usual = _average(np.abs(change)) + _STEADY_DB
    return np.asarray(np.clip(change / usual, -_MOST, _MOST))


def read_levels(spectrum: Spectrum) -> NDArray[np.float64]:
    """Level of each cell in decibels, (chips, bands), from the beginning on."""
    energy = _measure_cells(_read_bands(spectrum, speed=1.0), step=CHIP / STEPS / spectrum.frame_seconds)[::STEPS]
    return np.asarray(10.0 * np.log10(energy + energy.max(initial=0.0) * _SMALLEST + 1e-30))


def _average(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over `_LOCAL` steps around each."""
    padded = np.pad(values, ((_LOCAL // 2 + 1, _LOCAL - _LOCAL // 2 - 1), (0, 0)))
    summed = np.cumsum(padded, axis=0)
    return np.asarray((summed[_LOCAL:] - summed[:-_LOCAL]) / _LOCAL)


def _read_bands(spectrum: Spectrum, *, speed: float) -> NDArray[np.float64]:
    """Power per frame and band; 0 where the recording does not reach."""
    place = band_edges() * speed / spectrum.bin_hertz + 0.5
    top = spectrum.summed.shape[1] - 1
    lower = np.minimum(place.astype(int), top - 1)
    share = np.clip(place - lower, 0.0, 1.0)
    bands = np.diff(spectrum.summed[:, lower] * (1 - share) + spectrum.summed[:, lower + 1] * share, axis=1)
    return np.asarray(np.maximum(bands, 0.0))


def _measure_cells(bands: NDArray[np.float64], *, step: float) -> NDArray[np.float64]:
    """Energy over one chip, begun every `step` frames."""
    summed = np.zeros((len(bands) + 1, bands.shape[1]))
    np.cumsum(bands, axis=0, out=summed[1:])
    count = max(0, int(len(bands) / step) - STEPS) + 1
    place = np.minimum(np.arange(count + STEPS) * step, len(bands) - 1e-6)
    lower = place.astype(int)
    share = (place - lower)[:, None]
    at = summed[lower] * (1 - share) + summed[lower + 1] * share
    return np.asarray(np.maximum(at[STEPS:] - at[:-STEPS], 0.0))
