"""The master in the formats and at the loudness that its uses ask for, each measured as it was written."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generator.engine.audio.encoding import encode_audio, write_draft
from generator.engine.audio.loudness import measure_loudness, measure_true_peak
from generator.engine.audio.mastering import hold_true_peaks
from generator.engine.audio.rendering import Sound
from generator.engine.audio.tags import Tags
from generator.engine.errors import PackError

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    lufs: float
    ceiling_dbtp: float


WEB = Target("Web and streaming", -14.0, -1.0)
PODCAST = Target("Podcast", -16.0, -1.0)
EBU_R128 = Target("EBU R 128", -23.0, -1.0)
ATSC_A85 = Target("ATSC A/85", -24.0, -2.0)


Seal = Callable[[bytes, str, Tags], bytes]
"""Takes a finished file, its name and its tags, and returns it as it is delivered: nothing is written to it later."""


@dataclass(frozen=True, slots=True)
class Version:
    path: str
    target: Target
    sample_rate: int
    mp3_kbps: int = 320


VERSIONS = (
    Version("audio/track-44.1k.wav", WEB, 44_100),
    Version("audio/track-48k.wav", WEB, 48_000),
    Version("audio/track.flac", WEB, 44_100),
    Version("audio/track-320.mp3", WEB, 44_100, 320),
    Version("audio/track-128.mp3", WEB, 44_100, 128),
    Version("audio/track.ogg", WEB, 44_100),
    Version("audio/podcast-16LUFS.wav", PODCAST, 48_000),
    Version("audio/ebu-r128-23LUFS.wav", EBU_R128, 48_000),
    Version("audio/atsc-a85-24LKFS.wav", ATSC_A85, 48_000),
)
STEM_SOURCE = VERSIONS[0]
"""The file that the stems add up to."""

_LAME_SCALE_DB = {128: 20.0 * np.log10(0.95)}
"""What LAME turns everything down by before it encodes at a rate, whatever it is told: its guard against clipping."""
_MOST_TRIES = 6
_MARGIN = 0.05
"""Decibels more than an encoder's overshoot that the next try is turned down."""
_HEADROOM = 0.4
"""Decibels that limiting for an encoder begins with, and goes on by: its noise moves as the peaks do."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was read back from a finished file."""

    path: str
    use: str
    target_lufs: float
    ceiling_dbtp: float
    lufs: float
    true_peak_dbtp: float
    gain_db: float
    """Beside the web master: add it to the stems to get this version's."""
    sample_rate: int
    frames: int

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def list_versions(sound: Sound, *, out: Path, tags: Tags, seal: Seal | None = None) -> list[Callable[[], Measurement]]:
    """What writes each of `VERSIONS` under `out`; they need nothing of one another.

    Every version is the same master, turned by one fixed gain: the stems serve all of them. A file whose true peak
    comes out above its ceiling is turned down and written again; PackError if that does not end.
    """
    loudness = sound.master.report.lufs
    by_rate = {rate: resample(sound, rate) for rate in {version.sample_rate for version in VERSIONS}}
    steps: list[Callable[[], Measurement]] = []
    for version in VERSIONS:
        audio = by_rate[version.sample_rate]
        # A web master may have stayed quieter than asked for. Nothing below it is turned up.
        gain = 0.0 if version.target is WEB else min(version.target.lufs - loudness, 0.0)
        steps.append(partial(write_version, version, audio, gain=gain, out=out, tags=tags, seal=seal))
    return steps


def resample(sound: Sound, sample_rate: int) -> Audio:
    """The master at another rate, as long as its plan says to the sample."""
    if sample_rate == sound.sample_rate:
        return sound.master.audio
    frames = round(sound.piece.plan.seconds * sample_rate)
    common = np.gcd(sample_rate, sound.sample_rate)
    changed = resample_poly(sound.master.audio, sample_rate // common, sound.sample_rate // common, axis=0)
    whole = np.zeros((frames, changed.shape[1]), dtype=np.float32)
    whole[: len(changed)] = changed[:frames]
    return whole


def write_version(
    version: Version, audio: Audio, *, gain: float, out: Path, tags: Tags, seal: Seal | None = None
) -> Measurement:
    """Writes `audio` turned by `gain` (dB) so that what is read back stays under the ceiling.

    What an encoder makes too loud is turned down and written again. Where the encoder itself turns everything down,
    that is made up for, and the few peaks that then stand too high are limited: the loudness stays. `seal` comes last:
    it puts something around the sound and leaves the sound as it was measured.
    """
    path, ceiling = out / version.path, version.target.ceiling_dbtp
    makeup = -_LAME_SCALE_DB.get(version.mp3_kbps, 0.0) if path.suffix == ".mp3" else 0.0
    headroom = _HEADROOM
    for _ in range(_MOST_TRIES):
        turned = turn_audio(audio, gain=gain)
        if makeup:
            held = hold_true_peaks(turned, ceiling_dbtp=ceiling - headroom, sample_rate=version.sample_rate)
            turned = turn_audio(held, gain=makeup)
            del held
        data = encode_audio(path.name, turned, sample_rate=version.sample_rate, tags=tags, mp3_kbps=version.mp3_kbps)
        del turned  # as large as what is read back now
        found = measure_file(data, version=version, gain=gain)
        excess = found.true_peak_dbtp - ceiling
        if excess <= 0.0:
            write_draft(path, seal(data, version.path, tags) if seal else data)
            return found
        if makeup:
            headroom += 1.5 * excess + _HEADROOM
        else:
            gain -= excess + _MARGIN
    raise PackError(f"{version.path}: its true peak stays at {found.true_peak_dbtp:.2f} dBTP. Render the track again.")


def turn_audio(audio: Audio, *, gain: float) -> Audio:
    """By so many decibels; the audio itself where there is nothing to turn."""
    turned: Audio = audio * np.float32(10.0 ** (gain / 20.0)) if gain else audio
    return turned


def measure_file(data: bytes, *, version: Version, gain: float) -> Measurement:
    audio, sample_rate = soundfile.read(BytesIO(data), dtype="float32", always_2d=True)
    return Measurement(
        path=version.path,
        use=version.target.name,
        target_lufs=version.target.lufs,
        ceiling_dbtp=version.target.ceiling_dbtp,
        lufs=round(measure_loudness(audio, sample_rate=sample_rate), 2),
        true_peak_dbtp=round(measure_true_peak(audio), 2),
        gain_db=round(gain, 2),
        sample_rate=sample_rate,
        frames=len(audio),
    )
