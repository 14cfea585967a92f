"""Puts the mark into sound."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.layout import CHIP, band_edges
from generator.engine.audio.marking.pattern import draw_pattern
from generator.engine.audio.marking.payload import encode_number
from generator.engine.audio.working import work_in_order

STRENGTH = 0.117
"""Share by which a cell's gain is raised or lowered: the mark lies more than 20 dB below the music in every band."""
_BORDERS = 1_000.0 * 2.0 ** (np.arange(1, 8, 2) / 6)
"""Hertz, of third octaves. Changes of 25 ms spread a partial's mark over 40 Hz to either side, and in equal temperament
every A, C sharp and F lies less than that below a border: where nothing sounds above it, the mark would lie bare."""
_BORDER_HERTZ, _BORDER_SHARE = 50.0, 0.05
"""Within so much of a border the mark has this share of its strength."""
_SHARES = ((1_122.0, 1.2), (2_245.0, 1.05), (7_127.0, 1.0), (np.inf, 0.95))
"""Up to so many hertz, borders of third octaves, this share of STRENGTH: the same distance below the music throughout,
also where the mark fills only part of a third octave or much of what it is measured against is noise."""
_FRAME_SECONDS = 0.0232
_BLOCK = 48
"""Frames transformed at a time: they stay in the processor's cache, and in the C library's own heap. Where packs are
built what is larger goes back to the system at once (`memory.return_large_blocks`), to come again page by page."""
_SOFT_EDGE = 0.125
"""Share of the narrower band over which two bands' gains change into each other, to either side of the edge."""

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mark:
    """What goes into every full file of a track."""

    key: bytes
    number: int
    """The copyright ID's, up to 48 bits."""


def mark_sound(
    audio: Audio, mark: Mark | None, *, sample_rate: int, strength: float = STRENGTH, out: Audio | None = None
) -> Audio:
    """The sound, (frames, channels), with the mark; the sound itself without one. Written into `out` where it is given,
    which may be the sound.

    Linear in `audio`: marked parts add up to the marked whole. The same input gives the same bits.
    """
    if mark is None:
        return audio
    signs = draw_pattern(mark.key).spell(encode_number(mark.number))
    marked = np.empty_like(audio) if out is None else out
    for index, added in enumerate(_shape_channels(audio, signs * np.float32(strength), sample_rate=sample_rate)):
        np.add(added, audio[:, index], out=marked[:, index])
    return marked


def shape_bands(audio: Audio, gains: NDArray[np.float32], *, sample_rate: int) -> Audio:
    """The sound through a gain for each moment and band, (moments, BANDS); moments are CHIP long and begin again at the
    end. Nothing passes outside the bands.

    A transform under sine windows that overlap by half, so gains of 1 everywhere give back the bands' sound itself.
    """
    shaped = np.empty_like(audio)
    for index, channel in enumerate(_shape_channels(audio, gains, sample_rate=sample_rate)):
        shaped[:, index] = channel
    return shaped


def _shape_channels(
    audio: Audio, gains: NDArray[np.float32], *, sample_rate: int
) -> Generator[NDArray[np.float32], None, None]:
    """Channel by channel."""
    size = 1 << round(np.log2(_FRAME_SECONDS * sample_rate))
    hop = size // 2
    count = len(audio) // hop + 2
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)
    over_time = _spread_over_time(gains, centres=np.arange(count) * hop / sample_rate, ramp=hop / sample_rate)
    edge, share, strength = _assign_bins(size, sample_rate)
    gain = over_time[:, edge] * ((1 - share) * strength) + over_time[:, edge + 1] * (share * strength)
    shape = partial(_shape_channel, window=window, gain=gain)
    yield from work_in_order([partial(shape, channel) for channel in audio.T])


def _shape_channel(
    channel: NDArray[np.float32], *, window: NDArray[np.float32], gain: NDArray[np.float32]
) -> NDArray[np.float32]:
    """`gain` for each frame and each bin from the lowest on; what is above passes nothing."""
    size, hop, (count, bins) = len(window), len(window) // 2, gain.shape
    padded = np.zeros((count + 1) * hop, dtype=np.float32)
    padded[hop : hop + len(channel)] = channel
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    whole = np.zeros((count + 1, hop), dtype=np.float32)
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        windowed = (frames[start:stop] * window).astype(np.float64)  # as NumPy computes it, but in half the time
        spectrum = np.fft.rfft(windowed, axis=1)[:, :bins].astype(np.complex64) * gain[start:stop]
        back = np.fft.irfft(spectrum, n=size, axis=1) * window
        whole[start:stop] += back[:, :hop]
        whole[start + 1 : stop + 1] += back[:, hop:]
    return whole.reshape(-1)[hop : hop + len(channel)]


def _spread_over_time(gains: NDArray[np.float32], *, centres: NDArray[np.float64], ramp: float) -> NDArray[np.float32]:
    """Gains at the frames' centres, (frames, BANDS + 2): a silent band is added below and above."""
    nearest = np.rint(centres / CHIP).astype(int)
    share = np.clip((centres - nearest * CHIP) / ramp + 0.5, 0.0, 1.0).astype(np.float32)[:, None]
    moments = len(gains)
    at = gains[(nearest - 1) % moments] * (1 - share) + gains[nearest % moments] * share
    return np.pad(at, ((0, 0), (1, 1)))


@lru_cache(maxsize=4)
def _assign_bins(size: int, sample_rate: int) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """For each bin up to the last band: its nearest edge, the share of the band above that edge, and the strength."""
    edges = band_edges()
    bins = np.arange(size // 2 + 1) * sample_rate / size
    bins = bins[bins < edges[-1] * (1 + _SOFT_EDGE)]
    edge = np.abs(bins[:, None] - edges).argmin(axis=1)
    widths = np.diff(edges)
    narrower = np.minimum(np.append(widths, widths[-1]), np.insert(widths, 0, widths[0]))
    half = narrower[edge] * _SOFT_EDGE
    share = np.clip((bins - edges[edge]) / (2 * half) + 0.5, 0.0, 1.0)
    return edge, share.astype(np.float32), _share_strength(bins)


def _share_strength(hertz: NDArray[np.float64]) -> NDArray[np.float32]:
    tops, shares = zip(*_SHARES, strict=True)
    strength = np.take(shares, np.searchsorted(tops, hertz, side="right"))
    is_near = np.abs(hertz[:, None] - _BORDERS).min(axis=1) < _BORDER_HERTZ
    return np.where(is_near, _BORDER_SHARE * strength, strength).astype(np.float32)
