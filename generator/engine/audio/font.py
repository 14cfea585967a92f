"""The sound font: found, checked, loaded once per process."""

import hashlib
from functools import cache
from pathlib import Path

from tinysoundfont import _tinysoundfont

from generator.engine.errors import RenderError
from generator.engine.instruments import Instrument

FONT_PATH = Path(__file__).with_name("soundfont") / "onetake_gm.sf3"
FONT_SHA256 = "141d7ce30a3aaf99bc0007c02e799e43b3ae85909c87555dde9f8350fa8f66b9"
DRUM_BANK = 128
MISSING = -1


@cache
def load_font(path: Path = FONT_PATH) -> _tinysoundfont.SoundFont:
    """The font, ready to play. Takes about a second the first time: warm it when a worker starts."""
    data = read_font(path)
    return _tinysoundfont.SoundFont(data)


def read_font(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RenderError(
            f"The sound font {path} cannot be read ({error.strerror}). Restore it from the repository."
        ) from error
    if hashlib.sha256(data).hexdigest() != FONT_SHA256:
        raise RenderError(f"The sound font {path} is not the one this version plays. Restore it from the repository.")
    return data


def find_preset(font: _tinysoundfont.SoundFont, instrument: Instrument) -> int:
    """Index of the instrument's preset. The synthesiser itself would play silence for a missing one."""
    bank = DRUM_BANK if instrument.is_drums else 0
    index: int = font.get_preset_index(bank, instrument.program)
    if index == MISSING:
        raise RenderError(
            f"instrument: the font has no preset {bank}:{instrument.program} for {instrument.slug!r}. "
            "Give the instrument a program that the font's README lists."
        )
    return index
