"""What the detector looks at: the energy of each cell, cleared of what the music does of its own accord."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.layout import CHIP, band_edges

STEPS = 4
"""Places of a chip at which the pattern may begin: a crop starts anywhere."""
WEIGHINGS = 2
_FRAME_SECONDS = 0.0232
_BLOCK = 4096
"""Frames transformed at a time, so that memory stays small."""
_SMALLEST = 1e-9
"""Energy beside the loudest cell below which a cell counts as silent."""
_LOCAL, _LONG = 3 * STEPS, 40 * STEPS
_MOST = 2.0
_STEADY_DB, _LIVELY_DB = 0.3, 6.0
"""Added to the local variation: an all but constant tone is not stretched without bound. And the most that counts."""
_SLOPE = 0.25
"""Of the changes just before and after: how much of a change is put down to them."""
_LEAK = 0.05
"""Likewise of the bands below and above, whose strokes are the same."""
_HISS_HERTZ, _HISS_SHARE = 5_500.0, 0.3
"""Steady noise is what is left above this frequency in the quietest of this share of moments."""


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


def measure_views(audio: NDArray[np.float32], *, sample_rate: int) -> tuple[Spectrum, ...]:
    """What the channels of (frames, channels) share, and of several also what they do not: what moves in the one may
    stand still in the other."""
    views = [audio.mean(axis=1, keepdims=True, dtype=np.float32)]
    if audio.shape[1] > 1:
        views.append(0.5 * (audio[:, :1] - audio[:, -1:]))
    return tuple(measure_spectrum(view, sample_rate=sample_rate) for view in views)


def read_cells(views: Sequence[Spectrum], *, speed: float = 1.0) -> NDArray[np.float64]:
    """How far the level of each cell stands above that of the next, (WEIGHINGS, steps, bands): a quarter chip from step
    to step, cleared of what the music does, all views together.

    The first weighing trusts all cells alike, the second those that rise above steady noise: which finds more depends
    on whether there is any. `speed` is that at which the recording plays, 1.01 being one per cent fast.
    """
    bands = [_read_bands(view, speed=speed) for view in views]
    if len(bands) > 1:
        bands.append(sum(bands[1:], bands[0]))
    energies = [_measure_cells(each, step=CHIP / STEPS / speed / views[0].frame_seconds) for each in bands]
    smallest = max(energy.max(initial=0.0) for energy in energies) * _SMALLEST + 1e-30
    return np.asarray(sum(_weigh_cells(energy, smallest=smallest) for energy in energies))


def _weigh_cells(energy: NDArray[np.float64], *, smallest: float) -> NDArray[np.float64]:
    """Of one view, (WEIGHINGS, steps, bands)."""
    change, live = _find_changes(energy, smallest=smallest)
    usual = _average(np.abs(change), over=_LOCAL) + _STEADY_DB
    lively = _average(np.minimum(usual, _LIVELY_DB), over=_LONG) + 0.1
    alike = np.clip(change / usual, -_MOST, _MOST) / np.sqrt(lively) * live
    above = np.maximum(1.0 - _measure_hiss(energy) / np.maximum(energy, 1e-30), 0.0)
    return np.stack([alike, alike * 0.5 * (above + _later(above, STEPS))])


def _find_changes(energy: NDArray[np.float64], *, smallest: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decibels by which each cell stands above the next, and 1 where both sound, else 0."""
    level, sounding = 10.0 * np.log10(energy + smallest), energy > 10 * smallest
    live = (sounding & _later(sounding, STEPS)).astype(float)
    change = (level - _later(level, STEPS)) / 2
    change = (change - _SLOPE * (_later(change, STEPS) + _later(change, -STEPS))) * live
    change -= change.sum(axis=1, keepdims=True) / np.maximum(live.sum(axis=1, keepdims=True), 1) * live
    beside = np.pad(change, ((0, 0), (1, 1)))
    return (change - _LEAK * (beside[:, :-2] + beside[:, 2:])) * live, live


def _later(values: NDArray[Any], steps: int) -> NDArray[Any]:
    """What comes so many steps later; nothing past the ends."""
    moved = np.zeros_like(values)
    if steps > 0:
        moved[:-steps] = values[steps:]
    else:
        moved[-steps:] = values[:steps]
    return moved


def _measure_hiss(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy of steady noise per cell, (bands,), taken to be the same at every frequency."""
    edges = band_edges()
    high = edges[:-1] >= _HISS_HERTZ
    widths = np.diff(edges)
    quiet = np.quantile(energy[:, high].sum(axis=1), _HISS_SHARE) if len(energy) else 0.0
    return np.asarray(quiet / widths[high].sum() * widths)


def read_levels(spectrum: Spectrum) -> NDArray[np.float64]:
    """Level of each cell in decibels, (chips, bands), from the beginning on."""
    energy = _measure_cells(_read_bands(spectrum, speed=1.0), step=CHIP / STEPS / spectrum.frame_seconds)[::STEPS]
    return np.asarray(10.0 * np.log10(energy + energy.max(initial=0.0) * _SMALLEST + 1e-30))


def _average(values: NDArray[np.float64], *, over: int) -> NDArray[np.float64]:
    """Over so many steps around each."""
    padded = np.pad(values, ((over // 2 + 1, over - over // 2 - 1), (0, 0)))
    summed = np.cumsum(padded, axis=0)
    return np.asarray((summed[over:] - summed[:-over]) / over)


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
