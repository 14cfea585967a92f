"""Engraved pages, PDF, piano rolls."""

from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from generator.engine.errors import NotationError
from generator.engine.notation.engraving import engrave
from generator.engine.notation.musicxml import write_musicxml
from generator.engine.notation.outlines import read_outline
from generator.engine.notation.pdf import write_pdf
from generator.engine.notation.pianoroll import draw_piano_roll, write_roll_png, write_roll_svg
from tests.engine.audio_pieces import make_piece, make_solo


def test_a_score_becomes_pages_and_the_same_pages_again() -> None:
    musicxml = write_musicxml(make_piece("piano", "guitar", "violin", "drums", seconds=60.0))
    pages = engrave(musicxml)
    assert len(pages) > 1
    assert pages == engrave(musicxml)
    assert "Test" in pages[0]
    assert sum(page.count('class="measure"') for page in pages) == 24


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(NotationError, match="cannot be engraved"):
        engrave(b"<score-partwise/>")


def test_the_pdf_has_every_page_and_its_words_as_text() -> None:
    pages = engrave(write_musicxml(make_piece("piano", "violin", seconds=60.0)))
    data = write_pdf(pages, title="Test", footer="OT-2026-TEST")
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") == len(pages)
    assert b"OT-2026-TEST" in data
    assert b"/Times-Roman" in data
    assert data == write_pdf(pages, title="Test", footer="OT-2026-TEST")


def test_a_title_in_another_script_is_set_in_a_font_that_has_it() -> None:
    titled = {title: replace(make_piece("flute"), title=title) for title in ("Héloïse", "夜の海 / Ночь")}
    western, other = (write_pdf(engrave(write_musicxml(piece)), title="", footer="") for piece in titled.values())
    assert b"/Times-Roman" in western
    assert b"DejaVu" not in western
    assert b"DejaVu" in other
    assert b"HeiseiKakuGo-W5" in other


def test_outlines_are_read_in_every_form_that_engravers_write() -> None:
    assert list(read_outline("M1 2l3-1h2V5z")) == [
        ("M", (1.0, 2.0)),
        ("L", (4.0, 1.0)),
        ("L", (6.0, 1.0)),
        ("L", (6.0, 5.0)),
        ("Z", ()),
    ]
    assert list(read_outline("M0 0c1 1 2 1 3 0s2-1 3 0")) == [
        ("M", (0.0, 0.0)),
        ("C", (1.0, 1.0, 2.0, 1.0, 3.0, 0.0)),
        ("C", (4.0, -1.0, 5.0, -1.0, 6.0, 0.0)),
    ]
    assert list(read_outline("M0,0 1,1")) == [("M", (0.0, 0.0)), ("L", (1.0, 1.0))]
    with pytest.raises(NotationError, match="'A'"):
        list(read_outline("M0 0A1 1 0 0 0 2 2"))


def test_a_piano_roll_shows_every_note_in_both_formats() -> None:
    piece = make_piece("piano", "violin", "drums", seconds=10.0)
    roll = draw_piano_roll(piece)
    notes = sum(len(part.notes) for part in piece.parts)
    bars, lanes, background = piece.plan.bars, len(piece.parts), 1
    assert len(roll.boxes) == notes + bars * lanes + lanes + background
    svg = ET.fromstring(write_roll_svg(roll, title="A & B"))  # noqa: S314 - our own
    assert len(svg.findall("{*}rect")) == len(roll.boxes)
    assert svg.findtext("{*}title") == "A & B"
    picture = Image.open(BytesIO(write_roll_png(roll)))
    assert picture.size == (roll.width, roll.height)
    assert write_roll_png(roll) == write_roll_png(draw_piano_roll(piece))


def test_a_piece_without_notes_has_no_piano_roll() -> None:
    with pytest.raises(NotationError, match="no notes"):
        draw_piano_roll(make_solo("violin"))


def test_a_large_ensemble_has_several_systems_on_a_page() -> None:
    """Seven staves: at full size a page would hold one system."""
    slugs = ("piano", "violin", "viola", "cello", "bass", "drums")
    pages = engrave(write_musicxml(make_piece(*slugs, seconds=60.0)))
    assert pages[0].count('class="system"') >= 2


def test_a_page_is_filled_with_systems() -> None:
    pages = engrave(write_musicxml(make_piece("organ", "epiano", "flute", "bass", "drums", seconds=90.0)))
    assert [page.count('class="system"') for page in pages[:-1]] == [3] * (len(pages) - 1)
