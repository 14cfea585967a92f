"""Stems, and the proof that they add up."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from generator.engine.audio.encoding import EncodedFile
from generator.engine.audio.rendering import Sound, render_stem_file
from generator.engine.audio.synthesis import name_stems
from generator.engine.audio.tags import Tags
from generator.engine.errors import PackError

MOST_RESIDUAL_DBFS = -90.0
_SILENCE_DBFS = -200.0


def list_stems(sound: Sound, *, out: Path, tags: Tags) -> list[Callable[[], EncodedFile]]:
    """What writes one 24-bit FLAC per instrument under stems/, as it sounds in the master."""
    return [partial(render_stem_file, sound, slug, out=out, tags=tags) for slug in name_stems(sound.piece)]


def measure_residual(master: Path, stems: Sequence[Path]) -> float:
    """Largest sample of the master less all stems, in dBFS, read from the files. PackError if they do not add up."""
    left, _ = soundfile.read(master, dtype="float64", always_2d=True)
    for stem in stems:
        audio, _ = soundfile.read(stem, dtype="float64", always_2d=True)
        if len(audio) != len(left):
            raise PackError(f"{stem.name}: {len(audio)} frames beside the master's {len(left)}. Render it again.")
        left -= audio
    peak = float(np.abs(left).max())
    residual = 20.0 * np.log10(peak) if peak else _SILENCE_DBFS
    if residual > MOST_RESIDUAL_DBFS:
        raise PackError(f"stems: they miss the master by {residual:.1f} dBFS. Render the track again.")
    return round(float(residual), 1)
