"""Stems, and the proof that they add up."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from generator.engine.audio.encoding import encode_audio, write_draft
from generator.engine.audio.loudness import measure_loudness, measure_true_peak
from generator.engine.audio.rendering import Sound, master_stem, name_stem_file
from generator.engine.audio.synthesis import Audio, name_stems
from generator.engine.audio.tags import Tags
from generator.engine.errors import PackError

MOST_RESIDUAL_DBFS = -90.0
_SILENCE_DBFS = -200.0
_QUIETEST_LUFS = -70.0
"""The absolute gate of BS.1770: what lies below it is written as this."""

_FULL_SCALE = 2**23


@dataclass(frozen=True, slots=True)
class StemMeasurement:
    """What was read back from a finished stem, as it sounds in the web master."""

    path: str
    lufs: float
    true_peak_dbtp: float
    sample_rate: int
    frames: int

    def to_json(self) -> dict[str, object]:
        return asdict(self)


class Takes:
    """Dry stems as they were played, on disk: mix and stem come of one take, and all in memory would be too many."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, stem: Audio) -> None:
        write_draft(self._folder / name, np.ascontiguousarray(stem).data)

    def take(self, name: str) -> Iterator[tuple[str, Audio]]:
        """The stem with its name, once."""
        path = self._folder / name
        stem = np.fromfile(path, dtype=np.float32).reshape(-1, 2)
        path.unlink()
        yield name, stem


class StemSum:
    """The finished stems added up, in steps of 24 bits: nothing is lost, in whichever order they come."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._sum: NDArray[np.int32] | None = None

    def add(self, audio: Audio, *, name: str) -> None:
        """Safe to call from several threads. PackError if it is not as long as those before."""
        steps = np.empty(audio.shape, dtype=np.int32)
        np.multiply(audio, np.float32(_FULL_SCALE), out=steps, casting="unsafe")
        with self._turn:
            if self._sum is None:
                self._sum = steps
            else:
                _check_length(name, frames=len(steps), master=len(self._sum))
                self._sum += steps

    def compare(self, master: Path) -> float:
        """The largest sample of the file `master` less all stems, in dBFS. PackError if they do not add up."""
        left, _ = soundfile.read(master, dtype="int32", always_2d=True)
        left >>= 8  # 24 bits are read into the upper ones of 32
        if self._sum is not None:
            _check_length("stems", frames=len(self._sum), master=len(left))
            left -= self._sum
        peak = float(np.abs(left).max()) / _FULL_SCALE
        residual = 20.0 * np.log10(peak) if peak else _SILENCE_DBFS
        if residual > MOST_RESIDUAL_DBFS:
            raise PackError(f"stems: they miss the master by {residual:.1f} dBFS. Render the track again.")
        return round(float(residual), 1)


def _check_length(name: str, *, frames: int, master: int) -> None:
    if frames != master:
        raise PackError(f"{name}: {frames} frames beside the master's {master}. Render it again.")


def list_stems(
    sound: Sound, *, takes: Takes, total: StemSum, out: Path, tags: Tags
) -> list[Callable[[], StemMeasurement]]:
    """What writes one 24-bit FLAC per instrument under stems/, as it sounds in the master, and adds it to `total`."""
    write = partial(_write_stem, sound, takes=takes, total=total, out=out, tags=tags)
    return [partial(write, name) for name in name_stems(sound.piece)]


def _write_stem(sound: Sound, name: str, *, takes: Takes, total: StemSum, out: Path, tags: Tags) -> StemMeasurement:
    path = name_stem_file(name)
    data = encode_audio(path, master_stem(sound, takes.take(name)), sample_rate=sound.sample_rate, tags=tags)
    write_draft(out / path, data)
    audio, sample_rate = soundfile.read(BytesIO(data), dtype="float32", always_2d=True)
    del data
    total.add(audio, name=path)
    return StemMeasurement(
        path=path,
        lufs=round(max(measure_loudness(audio, sample_rate=sample_rate), _QUIETEST_LUFS), 2),
        true_peak_dbtp=round(measure_true_peak(audio), 2),
        sample_rate=sample_rate,
        frames=len(audio),
    )
