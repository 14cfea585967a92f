"""Pieces of the engine's own to mark: composed once, kept in the work folder, unmarked."""

from itertools import islice
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from generator.engine.brief import parse_brief
from generator.engine.instruments import INSTRUMENTS
from generator.engine.styles import STYLES

LONG_SECONDS, SHORT_SECONDS = 60, 15
_ENSEMBLES = (
    ("piano,violin", "cinematic"),
    ("flute", "ambient"),
    ("piano,bass,drums,guitar", "pop"),
    ("piano", "ambient"),
    ("violin,viola,cello", "classical"),
    ("guitar", "ambient"),
    ("bass,drums", "pop"),
    ("cello", "ambient"),
    ("flute,piano", "hymn"),
    ("flute", "folk"),
    ("guitar,bass,drums", "rock"),
    ("piano", "classical"),
    ("piano,bass,drums", "jazz"),
    ("guitar", "folk"),
    ("violin", "folk"),
    ("piano,cello", "ambient"),
    ("violin,piano,cello,drums", "cinematic"),
    ("flute,guitar,bass", "folk"),
    ("viola", "classical"),
    ("piano", "hymn"),
    ("flute,violin,viola,cello", "classical"),
    ("piano,bass,drums,guitar", "rock"),
    ("guitar,flute", "jazz"),
    ("cello,piano", "hymn"),
)
"""Of the long ones: sustained and struck, alone with rests and together; the first eight are mixed as well."""


def list_pieces(folder: Path, *, long: int, short: int) -> list[Path]:
    """FLAC files at 44.1 kHz, the long ones first; those that are not there yet are composed."""
    folder.mkdir(parents=True, exist_ok=True)
    briefs = [(names, style, LONG_SECONDS, 3000 + index) for index, (names, style) in enumerate(_ENSEMBLES[:long])]
    briefs += [(*_choose_ensemble(index), SHORT_SECONDS, 4000 + index) for index in range(short)]
    return [_find_piece(folder, *brief) for brief in briefs]


def read_piece(path: Path) -> NDArray[np.float32]:
    audio, _ = soundfile.read(path, dtype="float32")
    return np.asarray(audio, dtype=np.float32)


def _choose_ensemble(index: int) -> tuple[str, str]:
    """Every style in turn, one to four instruments."""
    slugs, styles = list(INSTRUMENTS), list(STYLES)
    chosen = dict.fromkeys(slugs[(index * 3 + place * (1 + index // 8)) % len(slugs)] for place in range(1 + index % 4))
    return ",".join(islice(chosen, 4)), styles[index % len(styles)]


def _find_piece(folder: Path, instruments: str, style: str, seconds: int, seed: int) -> Path:
    from generator.engine.audio.rendering import make_sound
    from generator.engine.composing.piece import compose_piece

    path = folder / f"{seed}-{style}-{instruments.replace(',', '_')}-{seconds}.flac"
    if not path.exists():
        brief = {"instruments": instruments, "style": style, "seconds": str(seconds), "seed": str(seed)}
        sound = make_sound(compose_piece(parse_brief(brief)).piece)
        partial = path.with_name(f".{path.name}")
        soundfile.write(partial, sound.master.audio, sound.sample_rate, format="FLAC", subtype="PCM_24")
        partial.replace(path)
    return path
