"""The loudness report: one page on which everything can be read, however many files and whatever the title."""

import base64
import re
import zlib
from itertools import pairwise

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from generator.engine.audio.tags import Tags
from generator.engine.delivery.report import write_report
from generator.engine.delivery.stems import StemMeasurement
from generator.engine.delivery.versions import VERSIONS, WEB, Measurement
from generator.engine.instruments import INSTRUMENTS
from generator.engine.pdf_text import BOLD

PAGE_WIDTH, MARGIN = 595, 40
KIT = [
    f"kit/{name}{suffix}" for name in ("spot-60s", "sting", "loop-8-bars", "voice-over") for suffix in (".wav", ".flac")
]
LONG = "The unendingly long story of the wind over the hills of a country that nobody has seen, part two: coming home"


def measure(path: str) -> Measurement:
    return Measurement(path, WEB.name, -14.0, -1.0, -14.1, -1.2, 0.0, sample_rate=48_000, frames=72_000)


def draw(*, title: str = "Test", company: str = "", kit: list[str] | None = None) -> bytes:
    stems = [StemMeasurement(f"stems/{slug}.wav", -20.1, -6.2, 44_100, 44_100) for slug in INSTRUMENTS]
    files = [measure(path) for path in [version.path for version in VERSIONS] + (kit or [])]
    tags = Tags(title=title, company=company, copyright_id="OT-2026-TEST")
    return write_report(files, stems=stems, residual_dbfs=-90.0, tags=tags, facts="A minor")


def read_page(pdf: bytes) -> str:
    """What draws the page: of the streams, fonts are not in base 85."""
    (page,) = re.findall(rb"stream\r?\n(\S+)~>\s*endstream", pdf)
    return zlib.decompress(base64.a85decode(page)).decode("latin-1")


def list_rows(page: str) -> dict[str, float]:
    """Texts that stand at the left edge, and how high."""
    return {
        text: float(y) for y, text in re.findall(r"1 0 0 1 50 ([\d.]+) Tm (?:/F\S+ \S+ Tf \S+ TL )?\((.+?)\) Tj", page)
    }


@pytest.mark.parametrize("kit", [[], KIT * 3])
def test_rows_of_thirteen_stems_and_a_kit_stand_apart_on_one_page(kit: list[str]) -> None:
    pdf = draw(title=LONG, kit=[f"kit/{number}-{path[4:]}" for number, path in enumerate(kit)])
    assert pdf.count(b"/Type /Page\n") == 1
    page = read_page(pdf)
    heights = sorted(list_rows(page).values(), reverse=True)
    sizes = [float(size) for size in re.findall(r"/F\S+ ([\d.]+) Tf", page)]
    assert len(heights) >= len(VERSIONS) + len(kit) + len(INSTRUMENTS) + 2
    assert min(heights) >= MARGIN
    assert min(one - other for one, other in pairwise(heights)) > min(sizes)


def test_a_long_title_is_broken_and_stays_on_the_page() -> None:
    size, title = re.findall(r"/F\S+ ([\d.]+) Tf [\d.]+ TL (.+ Tj)", read_page(draw(title=LONG)))[0]
    lines = re.findall(r"\((.+?)\) Tj", title)
    assert " ".join(lines) == LONG
    assert all(stringWidth(line, BOLD, float(size)) <= PAGE_WIDTH - 2 * MARGIN for line in lines)


def test_title_and_company_are_set_in_fonts_that_have_their_letters() -> None:
    plain, other = draw(title="Harbour"), draw(title="夜の海 / Ночь", company="Müller & Söhne")
    assert b"DejaVu" not in plain
    assert b"DejaVuSans-Bold" in other
    assert b"HeiseiKakuGo-W5" in other
    assert "ller & S" in read_page(other)
    assert other == draw(title="夜の海 / Ночь", company="Müller & Söhne")
