"""What every delivered file says about itself, whatever its format."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import mutagen
from mutagen import FileType, MutagenError
from mutagen._vorbis import VCommentDict
from mutagen.flac import FLAC
from mutagen.id3 import COMM, ID3, TCOP, TDRC, TIT2, TPE1, TSSE, TXXX, WCOP, Frame
from mutagen.mp3 import MP3
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

_DAMAGED = (MutagenError, ValueError, IndexError, KeyError, OverflowError, struct.error)
"""What the tag reader raises on a damaged file: more than it says."""
AI_NOTICE = "AI-generated"
TOOL = "Onetake"
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term for what a trained model made: the machine-readable form of the notice."""
_STATEMENT = "AI_STATEMENT"


@dataclass(frozen=True, slots=True)
class Tags:
    """All but the title may be empty; empty fields are left out."""

    title: str
    copyright_id: str = ""
    """The work's copyright ID, as printed on its certificate."""
    licence: str = ""
    """What the holder may do, in a sentence."""
    licence_url: str = ""
    company: str = ""
    """The holder; written as the artist."""
    date: str = ""
    """ISO 8601. The caller's, never the clock's: the same input has to give the same bytes."""
    statement: str = ""
    """A signed statement of how the file was made, as JSON; `read_statement` finds it again."""


def write_tags(file: BinaryIO, tags: Tags, *, suffix: str) -> None:
    """Tags into a finished file of the kind that `suffix` names."""
    file.seek(0)
    _WRITERS[suffix](file, tags)


def read_statement(file: BinaryIO) -> str:
    """The statement in an audio file of any kind that we write; empty where there is none, or no audio."""
    file.seek(0)
    try:
        audio = mutagen.File(file)
    except _DAMAGED:
        return ""
    tags = audio.tags if audio is not None else None
    if isinstance(tags, ID3):
        frame = tags.get(f"TXXX:{_STATEMENT}")
        return str(frame.text[0]) if frame is not None and frame.text else ""
    values = tags.get(_STATEMENT.lower(), []) if isinstance(tags, VCommentDict) else []
    return str(values[0]) if values else ""


def _list_frames(tags: Tags) -> list[Frame]:
    """ID3v2 frames for MP3 and WAV."""
    frames: list[Frame] = [
        TIT2(encoding=3, text=tags.title),
        TSSE(encoding=3, text=TOOL),
        COMM(encoding=3, lang="eng", desc="", text=AI_NOTICE),
        TXXX(encoding=3, desc="AI_GENERATED", text="true"),
    ]
    if tags.company:
        frames.append(TPE1(encoding=3, text=tags.company))
    if tags.date:
        frames.append(TDRC(encoding=3, text=tags.date))
    if tags.copyright_id:
        frames += [
            TCOP(encoding=3, text=tags.copyright_id),
            TXXX(encoding=3, desc="COPYRIGHT_ID", text=tags.copyright_id),
        ]
    if tags.licence:
        frames.append(TXXX(encoding=3, desc="LICENSE", text=tags.licence))
    if tags.licence_url:
        frames.append(WCOP(url=tags.licence_url))
    if tags.statement:
        frames.append(TXXX(encoding=3, desc=_STATEMENT, text=tags.statement))
    return frames


def _write_id3(kind: type[FileType], file: BinaryIO, tags: Tags) -> None:
    audio = kind(file)
    if audio.tags is None:
        audio.add_tags()
    for frame in _list_frames(tags):
        audio[frame.HashKey] = frame
    file.seek(0)
    audio.save(file)


def _list_comments(tags: Tags) -> dict[str, str]:
    """Vorbis comments for FLAC and OGG."""
    comments = {
        "title": tags.title,
        "artist": tags.company,
        "date": tags.date,
        "copyright": tags.copyright_id,
        "copyright_id": tags.copyright_id,
        "license": tags.licence,
        "license_url": tags.licence_url,
        "comment": AI_NOTICE,
        "ai_generated": "true",
        "encoder": TOOL,
        _STATEMENT.lower(): tags.statement,
    }
    return {name: value for name, value in comments.items() if value}


def _write_comments(kind: type[FileType], file: BinaryIO, tags: Tags) -> None:
    audio = kind(file)
    for name, value in _list_comments(tags).items():
        audio[name] = value
    file.seek(0)
    audio.save(file)


_WRITERS: dict[str, Callable[[BinaryIO, Tags], None]] = {
    ".wav": partial(_write_id3, WAVE),
    ".mp3": partial(_write_id3, MP3),
    ".flac": partial(_write_comments, FLAC),
    ".ogg": partial(_write_comments, OggVorbis),
}
