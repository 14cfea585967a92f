"""Sound out of files that strangers made: as much of it as asked for, whatever is wrong with the rest."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from generator.engine.errors import UnreadableSoundError

_BLOCK = 65_536
_RATES = range(8_000, 192_001)
_MOST_CHANNELS = 8
_MOST_RATE = 48_000
_LOUDEST = 4.0
"""Times full scale. A single absurd sample, which players clip to a tick, would leave the rest to look like silence."""


def read_sound(source: Path | bytes, *, seconds: float) -> tuple[NDArray[np.float32], int]:
    """(frames, 1 or 2) and frames a second. Of a file that breaks off, what comes before.

    Further channels than two are left out. Above 48,000 frames a second proportionally fewer seconds are read: what a
    stranger's file takes of memory does not grow with its rate. Raises UnreadableSoundError for what is no sound, or
    none of a usual kind.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(source) if isinstance(source, bytes) else source) as file:
            if file.samplerate not in _RATES or file.channels > _MOST_CHANNELS:
                raise UnreadableSoundError(
                    f"{file.channels} channels at {file.samplerate} Hz are not looked at. Convert it to 48 kHz stereo."
                )
            blocks = list(_read_blocks(file, frames=round(seconds * min(file.samplerate, _MOST_RATE))))
            rate = int(file.samplerate)
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        raise UnreadableSoundError("The sound cannot be read. Use WAV, FLAC, MP3 or OGG.") from error
    if not blocks:
        raise UnreadableSoundError("The file holds no sound.")
    audio = np.nan_to_num(np.concatenate(blocks), copy=False, posinf=0.0, neginf=0.0)
    return np.clip(audio, -_LOUDEST, _LOUDEST, out=audio), rate


def _read_blocks(file: soundfile.SoundFile, *, frames: int) -> Iterator[NDArray[np.float32]]:
    while frames > 0:
        try:
            block = file.read(min(_BLOCK, frames), dtype="float32", always_2d=True)[:, :2]
        except soundfile.LibsndfileError:
            return  # a file that was cut off ends in an error
        if not len(block):
            return
        frames -= len(block)
        yield block
