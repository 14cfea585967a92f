"""A company's name on its certificate, in whatever script it is written."""

import re

import pytest
from reportlab.pdfbase import pdfmetrics

from generator.engine.pdf_text import BOLD, REGULAR, mark_up


def fonts_of(text: str, *, font: str = REGULAR) -> list[str]:
    return re.findall(r'<font name="(.+?)">', mark_up(text, font=font))


def test_latin_letters_of_every_country_need_no_other_font() -> None:
    assert mark_up("Łódź & Søren Ğüneş Þór") == "Łódź &amp; Søren Ğüneş Þór"


@pytest.mark.parametrize(
    ("text", "fonts"),
    [
        ("Ωμέγα", ["DejaVu"]),
        ("Привет", ["DejaVu"]),
        ("株式会社ひかり", ["HeiseiKakuGo-W5"]),
        ("한국 음악", ["HYGothic-Medium", "HYGothic-Medium"]),
        ("北京音乐", ["STSong-Light"]),
        ("Müller 北京", ["STSong-Light"]),
    ],
)
def test_other_scripts_get_a_font_that_has_them(text: str, fonts: list[str]) -> None:
    assert fonts_of(text) == fonts


def test_bold_stays_bold_in_another_script() -> None:
    assert fonts_of("Ω", font=BOLD) == ["DejaVu-Bold"]


def test_letter_that_no_font_has_becomes_a_box_and_no_control_character_gets_through() -> None:
    assert fonts_of("🎵") == ["DejaVu"]
    assert ord("🎵") not in pdfmetrics.getFont("DejaVu").face.charToGlyph
    assert mark_up("a\0b\u202ec<i>") == "a b c&lt;i&gt;"


def test_the_two_weights_are_two_fonts() -> None:
    names = {pdfmetrics.getFont(name).face.name for name in (REGULAR, BOLD)}
    assert len(names) == 2
    assert pdfmetrics.stringWidth("once", BOLD, 10) > pdfmetrics.stringWidth("once", REGULAR, 10)
