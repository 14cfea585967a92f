"""From stems to a master: room, compression, loudness, true-peak limiting, all but the room as one gain
curve, and what is left of an offset taken away."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from generator.engine.audio.gain import HOP, Curve, apply_curve, center, compress, count_points, fade_out, limit
from generator.engine.audio.loudness import (
    HOP_SECONDS,
    find_meter,
    gate_loudness,
    measure_hops,
    measure_sample_peaks,
    measure_true_peak,
    measure_true_peaks,
    to_decibels,
)
from generator.engine.audio.marking.embedding import Mark, mark_sound
from generator.engine.audio.performance import count_frames, ring_seconds
from generator.engine.audio.reverb import Buses, add_room, choose_room, fill_buses
from generator.engine.audio.working import work_in_order
from generator.engine.errors import RenderError
from generator.engine.plan import Plan

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0
_MARGIN = 0.15
"""Decibels kept below the ceiling: the moving gain itself shifts peaks between samples a little."""
_LOOKAHEAD = 0.004
_RELEASE = 45.0
_MOST_PASSES = 6
_CLOSE_LU = 0.05
_MOST_LIMITING = 12.0
"""Decibels. A score of a few loud strokes stays below the loudness asked for rather than being flattened."""
_MOST_DC = 1e-4
_PREVIEW_PASSES = 2
_ROOM_SECONDS = 1.0
"""Until a room sounds as it goes on sounding."""


@dataclass(frozen=True, slots=True)
class MasterReport:
    """What was measured on the finished master."""

    lufs: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    dc: float
    """Largest mean of a channel, full scale being 1."""
    gain_db: float
    """Steady gain from mix to master."""
    compression_db: float
    """Most that the bus compressor took."""
    limiting_db: float
    """Most that the limiter took."""


@dataclass(frozen=True, slots=True, eq=False)
class Master:
    audio: NDArray[np.float32]
    """(frames, 2)."""
    curve: Curve
    """Everything done after the mix but centering, in decibels every `gain.HOP` frames. Both done to stems keep their
    sum."""
    report: MasterReport


def mix_stems(
    stems: Iterable[tuple[str, NDArray[np.float32]]], plan: Plan, *, sample_rate: int, mark: Mark | None = None
) -> NDArray[np.float32]:
    """Named stems in their room, marked, without anything below hearing: linear, so each stem may be done apart."""
    return finish_mix(sum_stems(stems, plan, sample_rate=sample_rate), plan, sample_rate=sample_rate, mark=mark)


def sum_stems(stems: Iterable[tuple[str, NDArray[np.float32]]], plan: Plan, *, sample_rate: int) -> Buses:
    """As long as the piece."""
    frames = count_frames(plan, sample_rate=sample_rate)
    return fill_buses(stems, frames=frames, room=choose_room(plan), sample_rate=sample_rate)


def finish_mix(buses: Buses, plan: Plan, *, sample_rate: int, mark: Mark | None) -> NDArray[np.float32]:
    """The mix, in the place of the dry sum. From the buses' beginning comes its beginning, but for the last window in
    which the mark is made."""
    mix = add_room(buses, room=choose_room(plan), sample_rate=sample_rate)
    sections = butter(2, 22.0, btype="highpass", fs=sample_rate, output="sos")
    for index, channel in enumerate(work_in_order([partial(sosfilt, sections, channel) for channel in mix.T])):
        mix[:, index] = channel
    return mark_sound(mix, mark, sample_rate=sample_rate, out=mix)


def master_mix(
    mix: NDArray[np.float32],
    plan: Plan,
    *,
    sample_rate: int,
    target_lufs: float = TARGET_LUFS,
    ceiling_dbtp: float = CEILING_DBTP,
    fades: bool = True,
) -> Master:
    """The mix at the target loudness, under the ceiling, faded at its very end unless it is to go on."""
    rate = sample_rate / HOP
    hops = measure_hops(mix, sample_rate=sample_rate)
    loudness = gate_loudness(hops)
    if not np.isfinite(loudness):
        raise RenderError("mix: it is silent. Check the stems.")
    squeezed = _squeeze(mix, plan, loudness=loudness, sample_rate=sample_rate, fades=fades)
    peaks = to_decibels(measure_true_peaks(mix, hop=HOP))
    loudest = peaks + np.maximum(squeezed[:-1], squeezed[1:])
    gain = target_lufs - predict_loudness(hops, squeezed, sample_rate=sample_rate)
    audio = np.empty_like(mix)
    for _ in range(_MOST_PASSES):
        limited = limit(
            loudest + gain, ceiling=ceiling_dbtp - _MARGIN, lookahead=_LOOKAHEAD, release=_RELEASE, rate=rate
        )
        curve = squeezed + gain + limited
        apply_curve(mix, curve, out=audio)
        reached = float(find_meter(sample_rate).integrated_loudness(audio))
        short = target_lufs - reached
        if abs(short) < _CLOSE_LU or (short > 0 and limited.min() < -_MOST_LIMITING):
            break
        # A limited mix gives back less than it is turned up by.
        gain += short * (1.0 if limited.min() > -1.0 else 1.5)
    center(audio, sample_rate=sample_rate)
    report = _measure(audio, lufs=reached, gain=gain, compression=squeezed, limiting=limited)
    _refuse_unfit(report, ceiling_dbtp=ceiling_dbtp)
    return Master(audio=audio, curve=curve, report=report)


def level_preview(
    buses: Buses, plan: Plan, *, beginning: NDArray[np.float32], ceiling_dbfs: float, sample_rate: int
) -> Curve:
    """What makes a mix as loud as its master will be, much faster: of the mix itself the beginning is enough, which
    tells how much the room makes of what is sent into it. Peaks between the samples are not looked for, and what was
    reached is predicted instead of measured."""
    rate = sample_rate / HOP
    dry = measure_hops(buses.dry, sample_rate=sample_rate)
    if not np.isfinite(gate_loudness(dry)):
        raise RenderError("mix: it is silent. Check the stems.")
    hops = _predict_room(dry, buses.late, beginning=beginning, sample_rate=sample_rate)
    room = float(10.0 * np.log10(hops.sum() / dry.sum()))
    squeezed = _squeeze(buses.dry, plan, loudness=gate_loudness(dry), sample_rate=sample_rate)
    peaks = to_decibels(measure_sample_peaks(buses.dry, hop=HOP)) + np.maximum(squeezed[:-1], squeezed[1:]) + room
    curve, gain = squeezed, 0.0
    for _ in range(_PREVIEW_PASSES):
        gain += TARGET_LUFS - predict_loudness(hops, curve, sample_rate=sample_rate)
        gain = min(gain, ceiling_dbfs + _MOST_LIMITING - float(peaks.max()))
        limited = limit(peaks + gain, ceiling=ceiling_dbfs, lookahead=_LOOKAHEAD, release=_RELEASE, rate=rate)
        curve = squeezed + gain + limited
    return curve


def _predict_room(
    dry: NDArray[np.float64],
    late: NDArray[np.float32],
    *,
    beginning: NDArray[np.float32],
    sample_rate: int,
) -> NDArray[np.float64]:
    """The power of each hop in its room, from that of the dry sum. The room's share of what is sent into it is that of
    the beginning, once the room sounds."""
    hop, start = round(HOP_SECONDS * sample_rate), round(_ROOM_SECONDS / HOP_SECONDS)
    sent = sum(np.square(bus[: len(dry) * hop].reshape(-1, hop)).mean(axis=1, dtype=np.float64) for bus in late)
    heard = measure_hops(beginning, sample_rate=sample_rate)[start:]
    early = slice(start, start + len(heard))
    into_room = float(sent[early].sum())
    share = max(0.0, float((heard - dry[early]).sum()) / into_room) if into_room else 0.0
    return np.asarray(dry + share * sent)


def _squeeze(mix: NDArray[np.float32], plan: Plan, *, loudness: float, sample_rate: int, fades: bool = True) -> Curve:
    """The bus compressor's gain, faded at the very end."""
    rate = sample_rate / HOP
    squeezed = compress(_block_power(mix), threshold=loudness - 1.0, ratio=2.0, seconds=0.06, rate=rate)
    if fades:
        squeezed += fade_out(count_points(len(mix)), seconds=ring_seconds(plan), rate=rate)
    return squeezed


def hold_true_peaks(audio: NDArray[np.float32], *, ceiling_dbtp: float, sample_rate: int) -> NDArray[np.float32]:
    """The audio with every true peak under the ceiling, by the master's limiter; untouched where there is none."""
    peaks = to_decibels(measure_true_peaks(audio, hop=HOP))
    if peaks.max() <= ceiling_dbtp:
        return audio
    rate = sample_rate / HOP
    return apply_curve(audio, limit(peaks, ceiling=ceiling_dbtp, lookahead=_LOOKAHEAD, release=_RELEASE, rate=rate))


def _block_power(mix: NDArray[np.float32]) -> NDArray[np.float64]:
    left, right = np.square(mix).T
    power = np.add(left, right, dtype=np.float64)
    power = np.append(power, np.zeros(-len(power) % HOP))
    return np.asarray(power.reshape(-1, HOP).mean(axis=1))


def predict_loudness(hops: NDArray[np.float64], curve: Curve, *, sample_rate: int) -> float:
    """Loudness under a curve without filtering again: close as long as the gain moves slowly beside the K-weighting."""
    hop = np.arange(len(curve)) * HOP // round(HOP_SECONDS * sample_rate)
    inside = hop < len(hops)
    power = np.bincount(hop[inside], weights=10.0 ** (curve[inside] / 10.0)) / np.bincount(hop[inside])
    return gate_loudness(hops * power)


def _measure(
    audio: NDArray[np.float32], *, lufs: float, gain: float, compression: Curve, limiting: Curve
) -> MasterReport:
    return MasterReport(
        lufs=lufs,
        true_peak_dbtp=measure_true_peak(audio),
        sample_peak_dbfs=float(20.0 * np.log10(max(float(np.abs(audio).max()), 1e-10))),
        dc=float(np.abs(audio.mean(axis=0, dtype=np.float64)).max()),
        gain_db=float(gain),
        compression_db=float(-compression[: len(compression) // 2].min()),
        limiting_db=float(-limiting.min()),
    )


def _refuse_unfit(report: MasterReport, *, ceiling_dbtp: float) -> None:
    if not report.true_peak_dbtp <= ceiling_dbtp:
        raise RenderError(f"master: {report.true_peak_dbtp:.2f} dBTP is above {ceiling_dbtp} dBTP. Render it again.")
    if report.dc > _MOST_DC:
        raise RenderError(f"master: it stands off zero by {report.dc:.5f} of full scale. Check the stems.")
