"""Sound to files: complete, tagged and under their final name, or not there at all.

A file is made in memory and written in one go: an encoder that meets a full disk half-way may not notice, we do.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath

import numpy as np
import soundfile
from mutagen.ogg import OggPage
from numpy.typing import NDArray
from pedalboard.io import AudioFile

from generator.engine.audio.loudness import measure_peak
from generator.engine.audio.tags import Tags, write_tags
from generator.engine.errors import RenderError, WriteError

MP3_KBPS = 320
_OGG_SERIAL = 1
_BLOCK = 65_536
"""Frames per write: libsndfile overruns its stack on a long Vorbis file written in one call."""
_SUBTYPES = {".wav": ("WAV", "PCM_24"), ".flac": ("FLAC", "PCM_24"), ".ogg": ("OGG", "VORBIS")}
MEDIA_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}


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
    mp3_kbps: int = MP3_KBPS,
    name: str = "",
) -> EncodedFile:
    """Writes (frames, 2) to `path`, whose suffix says the format; it is reported as `name`, or as the path's own.

    WAV and FLAC have 24 bits, MP3 a constant rate, so that every player can seek in it. Raises RenderError, and then
    leaves nothing behind.
    """
    data = encode_audio(path.name, audio, sample_rate=sample_rate, tags=tags, mp3_kbps=mp3_kbps)
    replace_file(path, data)
    digest = hashlib.sha256(data).hexdigest()
    return EncodedFile(name=name or path.name, size=len(data), sha256=digest, media_type=MEDIA_TYPES[path.suffix])


def encode_audio(
    name: str, audio: NDArray[np.float32], *, sample_rate: int, tags: Tags, mp3_kbps: int = MP3_KBPS
) -> bytes:
    """The same file in memory; `name` says the format by its suffix."""
    suffix = PurePath(name).suffix
    if suffix not in MEDIA_TYPES:
        raise RenderError(f"{name}: {suffix!r} is no known format. Use {', '.join(MEDIA_TYPES)}.")
    _check_audio(audio, name=name)
    return _encode(audio, suffix=suffix, sample_rate=sample_rate, mp3_kbps=mp3_kbps, tags=tags)


def _check_audio(audio: NDArray[np.float32], *, name: str) -> None:
    peak = measure_peak(audio)
    if not len(audio) or not np.isfinite(peak):
        raise RenderError(f"{name}: there is no sound to write. Render the piece first.")
    if peak > 1.0:
        raise RenderError(f"{name}: a peak of {peak:.3f} would clip. Master the sound below full scale first.")


def _encode(audio: NDArray[np.float32], *, suffix: str, sample_rate: int, mp3_kbps: int, tags: Tags) -> bytes:
    buffer = BytesIO()
    if suffix == ".mp3":
        buffer.write(encode_mp3(audio, sample_rate=sample_rate, kbps=mp3_kbps))
    else:
        container, subtype = _SUBTYPES[suffix]
        with soundfile.SoundFile(
            buffer, "w", samplerate=sample_rate, channels=audio.shape[1], format=container, subtype=subtype
        ) as file:
            for start in range(0, len(audio), _BLOCK):
                file.write(audio[start : start + _BLOCK])
    write_tags(buffer, tags, suffix=suffix)
    return _number_stream(buffer) if suffix == ".ogg" else buffer.getvalue()


def encode_mp3(audio: NDArray[np.float32], *, sample_rate: int, kbps: int | str) -> bytes:
    """Without tags, by the same LAME as libsndfile's, three times faster and no worse in any band. `kbps` is a constant
    rate, or a quality such as "V5" at a rate that follows the sound."""
    buffer = BytesIO()
    with AudioFile(buffer, "w", sample_rate, audio.shape[1], quality=kbps, format="mp3") as mp3:
        mp3.write(np.ascontiguousarray(audio.T))
    return buffer.getvalue()


def _number_stream(ogg: BytesIO) -> bytes:
    """The same Ogg file under a fixed serial number: libsndfile draws one at random, and bytes are to reproduce."""
    size = len(ogg.getvalue())
    ogg.seek(0)
    pages = []
    while ogg.tell() < size:
        page = OggPage(ogg)
        page.serial = _OGG_SERIAL
        pages.append(page.write())
    return b"".join(pages)


def replace_file(path: Path, data: bytes) -> None:
    """`path` holds all of `data` or what it held before, also when the disk fills up or the process is killed."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_write_error(path, error) from error
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise explain_write_error(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def write_draft(path: Path, data: bytes | memoryview) -> None:
    """For a folder that is thrown away whole if anything goes wrong in it: nothing waits for the disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise explain_write_error(path, error) from error


def explain_write_error(path: Path, error: OSError) -> WriteError:
    return WriteError(
        f"{path.name}: it could not be written ({error.strerror}). Check the disk's space and the folder's rights."
    )
