"""Which of two variants a leaked recording holds at each moment. Both are at hand, so the music cancels out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.cells import measure_spectrum, read_levels
from generator.engine.audio.marking.layout import CHIP
from generator.engine.errors import UnreadableSoundError

_MOST_DB = 1.5
"""A cell that differs by more was changed by something else: it counts no further."""
_LEAST_MATCH = 0.25
"""Correlation of the leak with the preview below which they are taken for different music."""
_LEAST_CELLS = 0.5
"""Share of a segment that the leak must cover to count."""


@dataclass(frozen=True, slots=True)
class Trace:
    choices: NDArray[np.float64]
    """Per segment: about +1 for the first variant, -1 for the second, 0 where the leak says nothing."""
    seconds: float
    """Of the preview that the leak covers."""
    start: float
    """Where in the preview the leak begins, in seconds; negative if something comes before."""


def trace_variants(
    leak: NDArray[np.float32],
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    *,
    cuts: NDArray[np.int64],
    sample_rate: int,
) -> Trace:
    """All of (frames, channels) at one rate; segment i lies from cuts[i] to cuts[i + 1], in frames of the variants.

    Raises UnreadableSoundError where the leak is not of this preview.
    """
    offset = find_offset(leak, 0.5 * (first + second), sample_rate=sample_rate)
    begin, end = max(0, offset), min(len(first), offset + len(leak))
    heard = leak[begin - offset : end - offset]
    levels = [
        read_levels(measure_spectrum(audio, sample_rate=sample_rate))
        for audio in (heard, first[begin:end], second[begin:end])
    ]
    wanted = 0.5 * (levels[1] - levels[2])
    found = levels[0] - 0.5 * (levels[1] + levels[2])
    found = np.clip(found - np.median(found, axis=1, keepdims=True), -_MOST_DB, _MOST_DB)
    times = begin + (np.arange(len(wanted)) + 0.5) * CHIP * sample_rate
    segment = np.searchsorted(cuts, times, side="right") - 1
    return Trace(
        choices=_weigh(
            found, wanted, segment=segment, count=len(cuts), length=np.diff(cuts, append=len(first)) / sample_rate
        ),
        seconds=(end - begin) / sample_rate,
        start=offset / sample_rate,
    )


def _weigh(
    found: NDArray[np.float64],
    wanted: NDArray[np.float64],
    *,
    segment: NDArray[np.int64],
    count: int,
    length: NDArray[np.float64],
) -> NDArray[np.float64]:
    inside = segment >= 0
    product, square, cells = (
        np.bincount(segment[inside], weights=values[inside], minlength=count)
        for values in ((found * wanted).sum(axis=1), (wanted**2).sum(axis=1), np.ones(len(found)))
    )
    is_covered = cells * CHIP >= _LEAST_CELLS * length
    return np.where(is_covered & (square > 0), product / np.maximum(square, 1e-9), 0.0)


def find_offset(leak: NDArray[np.float32], preview: NDArray[np.float32], *, sample_rate: int) -> int:
    """Frames of the preview before the leak begins: where the two agree best."""
    short, long = leak.mean(axis=1, dtype=np.float64), preview.mean(axis=1, dtype=np.float64)
    size = 1 << int(np.ceil(np.log2(len(short) + len(long))))
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    place = int(np.argmax(np.abs(product)))
    offset = place if place < len(long) else place - size  # lags past the preview's end are those before its start
    begin, end = max(0, offset), min(len(long), offset + len(short))
    there, here = long[begin:end], short[begin - offset : end - offset]
    scale = float(np.sqrt((there**2).sum() * (here**2).sum()))
    if scale <= 0 or abs(float(there @ here)) / scale < _LEAST_MATCH:
        raise UnreadableSoundError("The recording is not of this preview, or was played at another speed.")
    return offset
