"""Stems, and the proof that they add up."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from generator.engine.audio.encoding import EncodedFile
from generator.engine.audio.loudness import measure_loudness, measure_true_peak
from generator.engine.audio.rendering import Sound, render_stem_file
from generator.engine.audio.synthesis import name_stems
from generator.engine.audio.tags import Tags
from generator.engine.errors import PackError

MOST_RESIDUAL_DBFS = -90.0
_SILENCE_DBFS = -200.0
_QUIETEST_LUFS = -70.0
"""The absolute gate of BS.1770: what lies below it is written as this."""


def list_stems(sound: Sound, *, out: Path, tags: Tags) -> list[Callable[[], EncodedFile]]:
    """What writes one 24-bit FLAC per instrument under stems/, as it sounds in the master."""
    return [partial(render_stem_file, sound, slug, out=out, tags=tags) for slug in name_stems(sound.piece)]


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


def measure_stems(master: Path, stems: Sequence[Path], *, folder: Path) -> tuple[tuple[StemMeasurement, ...], float]:
    """Each stem's level and peak, and the largest sample of the master less all of them in dBFS, read from the files.

    PackError if they do not add up.
    """
    left, _ = soundfile.read(master, dtype="float64", always_2d=True)
    measured = []
    for stem in stems:
        audio, sample_rate = soundfile.read(stem, dtype="float32", always_2d=True)
        if len(audio) != len(left):
            raise PackError(f"{stem.name}: {len(audio)} frames beside the master's {len(left)}. Render it again.")
        left -= audio  # 24 bits fit into a float's mantissa: nothing is lost
        measured.append(_measure_stem(audio, path=stem.relative_to(folder).as_posix(), sample_rate=sample_rate))
    peak = float(np.abs(left).max())
    residual = 20.0 * np.log10(peak) if peak else _SILENCE_DBFS
    if residual > MOST_RESIDUAL_DBFS:
        raise PackError(f"stems: they miss the master by {residual:.1f} dBFS. Render the track again.")
    return tuple(measured), round(float(residual), 1)


def _measure_stem(audio: NDArray[np.float32], *, path: str, sample_rate: int) -> StemMeasurement:
    return StemMeasurement(
        path=path,
        lufs=round(max(measure_loudness(audio, sample_rate=sample_rate), _QUIETEST_LUFS), 2),
        true_peak_dbtp=round(measure_true_peak(audio), 2),
        sample_rate=sample_rate,
        frames=len(audio),
    )
