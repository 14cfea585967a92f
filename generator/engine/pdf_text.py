"""Text for our PDFs in whatever script a name or a title is written: each run in a font that has its letters."""

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "Archivo", "Archivo-Bold"
_FOLDER = Path(__file__).parent / "fonts"
_FALLBACK = {REGULAR: "DejaVu", BOLD: "DejaVu-Bold"}
_FILES = {REGULAR: "archivo-regular", BOLD: "archivo-bold", "DejaVu": "dejavu-regular", "DejaVu-Bold": "dejavu-bold"}
_JAPANESE, _KOREAN, _CHINESE = "HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light"
"""East Asian letters are not embedded: every reader brings fonts for these names (ISO 32000-1, 9.7.5)."""


@cache
def register_fonts() -> None:
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_FOLDER / f"{file}.ttf")))
    for name in (_JAPANESE, _KOREAN, _CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def mark_up(text: object, *, font: str = REGULAR) -> str:
    """Plain text as reportlab's markup; a letter that no font has becomes a box, never a wrong letter."""
    runs = list_runs(str(text), font=font)
    return "".join(escape(run) if name == font else f'<font name="{name}">{escape(run)}</font>' for name, run in runs)


def list_runs(text: str, *, font: str) -> Iterator[tuple[str, str]]:
    """Fonts and what is to be set in them, in order. What cannot be printed becomes a space."""
    register_fonts()
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    han = _choose_han(plain)
    for name, letters in groupby(plain, key=lambda each: _choose(each, font, han)):
        yield name, "".join(letters)


def _choose_han(text: str) -> str:
    """Whose forms the common characters take: kana and hangul tell."""
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return _JAPANESE
    return _KOREAN if any("\uac00" <= letter <= "\ud7a3" for letter in text) else _CHINESE


def _choose(letter: str, font: str, han: str) -> str:
    for name in (font, _FALLBACK[font]):
        if ord(letter) in pdfmetrics.getFont(name).face.charToGlyph:
            return name
    is_east_asian = "\u1100" <= letter <= "\u11ff" or "\u2e80" <= letter <= "\ud7ff" or "\uf900" <= letter <= "\uffef"
    return han if is_east_asian else _FALLBACK[font]
