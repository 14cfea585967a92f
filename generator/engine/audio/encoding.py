"""Sound to files: complete, tagged and under their final name, or not there at all."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from mutagen import MutagenError
from numpy.typing import NDArray

from generator.engine.audio.tags import Tags, write_tags
from generator.engine.errors import RenderError

_BLOCK = 65_536
"""Frames per write: libsndfile overruns its stack on a long Vorbis file written in one call."""


@dataclass(frozen=True, slots=True)
class Encoding:
    container: str
    subtype: str
    media_type: str
    compression: float | None = None
    """libsndfile's scale, 0 (best) to 1; MP3 is written at a constant rate, so that every player can seek in it."""


WAV = Encoding("WAV", "PCM_24", "audio/wav")
FLAC = Encoding("FLAC", "PCM_24", "audio/flac")
OGG = Encoding("OGG", "VORBIS", "audio/ogg", compression=0.4)
MP3 = Encoding("MP3", "MPEG_LAYER_III", "audio/mpeg", compression=0.0)
MP3_PREVIEW = Encoding("MP3", "MPEG_LAYER_III", "audio/mpeg", compression=0.65)

BY_SUFFIX = {".wav": WAV, ".flac": FLAC, ".ogg": OGG, ".mp3": MP3}


@dataclass(frozen=True, slots=True)
class EncodedFile:
    name: str
    size: int
    sha256: str
    media_type: str


def write_audio(
    path: Path,
    audio: NDArray[np.float32],
    *,
    sample_rate: int,
    tags: Tags,
    encoding: Encoding | None = None,
    name: str = "",
) -> EncodedFile:
    """Writes (frames, 2) to `path`, whose suffix says the format; it is reported as `name`, or as the path's own.

    Raises RenderError, and then leaves nothing behind.
    """
    encoding = encoding or _find_encoding(path)
    _check_audio(audio, name=path.name)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _encode(partial, audio, sample_rate=sample_rate, encoding=encoding)
        write_tags(partial, tags, suffix=path.suffix)
        _check_complete(partial, frames=len(audio))
        encoded = _describe(partial, name=name or path.name, media_type=encoding.media_type)
        os.replace(partial, path)
    except (OSError, RuntimeError, MutagenError) as error:
        raise RenderError(
            f"{path.name}: it could not be written ({error}). Check the disk's space and rights."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return encoded


def _find_encoding(path: Path) -> Encoding:
    try:
        return BY_SUFFIX[path.suffix]
    except KeyError:
        raise RenderError(f"{path.name}: {path.suffix!r} is no known format. Use {', '.join(BY_SUFFIX)}.") from None


def _check_audio(audio: NDArray[np.float32], *, name: str) -> None:
    if not len(audio) or not np.isfinite(audio).all():
        raise RenderError(f"{name}: there is no sound to write. Render the piece first.")
    peak = float(np.abs(audio).max())
    if peak > 1.0:
        raise RenderError(f"{name}: a peak of {peak:.3f} would clip. Master the sound below full scale first.")


def _encode(path: Path, audio: NDArray[np.float32], *, sample_rate: int, encoding: Encoding) -> None:
    constant = "CONSTANT" if encoding.container == "MP3" else None
    with soundfile.SoundFile(
        path,
        "w",
        samplerate=sample_rate,
        channels=audio.shape[1],
        format=encoding.container,
        subtype=encoding.subtype,
        compression_level=encoding.compression,
        bitrate_mode=constant,
    ) as file:
        for start in range(0, len(audio), _BLOCK):
            file.write(audio[start : start + _BLOCK])


def _check_complete(path: Path, *, frames: int) -> None:
    """A full disk can pass unnoticed in the encoder; a file that is short of frames cannot pass here."""
    found = soundfile.info(path).frames
    if found != frames:
        raise RenderError(f"{path.name}: {found} of {frames} frames were written. Check the disk's space.")


def _describe(path: Path, *, name: str, media_type: str) -> EncodedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return EncodedFile(name=name, size=path.stat().st_size, sha256=digest, media_type=media_type)
