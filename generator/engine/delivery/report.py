"""The loudness report on one page: what each file is meant for, and what was measured in it and in the stems."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from generator.engine.audio.tags import AI_NOTICE, TOOL, Tags
from generator.engine.delivery.stems import StemMeasurement
from generator.engine.delivery.versions import Measurement
from generator.engine.pdf_text import BOLD, REGULAR, mark_up, register_fonts
from generator.engine.version import ENGINE_VERSION

_LEFT, _RIGHT, _TOP, _BOTTOM = 50, A4[0] - 50, A4[1] - 50, 50
_WORDS = (_LEFT, 165)
"""Left edges of the columns that hold words."""
_NUMBERS = (310, 365, 410, 455, 500, _RIGHT)
"""Right edges of those that hold numbers."""
_HEADS = ("Meant for", "Rate", "Length", "Target", "LUFS", "Ceiling", "dBTP")
_STEM_HEADS = ("", "Rate", "Length", "", "LUFS", "", "dBTP")
_TALLEST_ROW, _GAP, _LEADING = 17.0, 1.8, 13
"""Points of a row where there is room, rows between tables, points between lines of notes."""
_TITLE_SIZES, _TITLE_LINES = (18, 15, 12, 10), 2
_INK, _FAINT = HexColor("#222222"), HexColor("#777777")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Table:
    heads: Cells
    rows: Sequence[Cells]


def write_report(
    measurements: Sequence[Measurement],
    *,
    stems: Sequence[StemMeasurement],
    residual_dbfs: float,
    tags: Tags,
    facts: str,
) -> bytes:
    """A PDF; the same measurements give the same bytes."""
    register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(f"Loudness report: {tags.title}")
    canvas.setCreator(TOOL)
    top = _write_head(canvas, tags=tags, facts=facts)
    tables = list(_list_tables(measurements, stems=stems))
    notes = _list_notes(residual_dbfs, has_kit=len(tables) > 1 + bool(stems))
    rows = sum(len(table.rows) + _GAP for table in tables)
    row = min(_TALLEST_ROW, (top - _BOTTOM - _LEADING * len(notes)) / rows)
    for table in tables:
        top = _write_table(canvas, table, top=top, row=row) - _GAP * row
    _write_notes(canvas, notes, top=top)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _write_head(canvas: Canvas, *, tags: Tags, facts: str) -> float:
    """Returns where the first table begins."""
    top = _write_lines(canvas, tags.title, top=_TOP, font=BOLD, sizes=_TITLE_SIZES, colour=_INK) - 4
    owner = "  ·  ".join(text for text in (tags.copyright_id, tags.company) if text)
    for line in (owner, facts, f"{AI_NOTICE} with {TOOL} {ENGINE_VERSION}"):
        top = _write_lines(canvas, line, top=top, font=REGULAR, sizes=(9, 8, 7), colour=_FAINT) if line else top
    return top - 28


def _write_lines(canvas: Canvas, text: str, *, top: float, font: str, sizes: Sequence[int], colour: HexColor) -> float:
    """As large as fits on few lines. Returns where it ends."""
    for size in sizes:
        style = ParagraphStyle(f"{font}-{size}", fontName=font, fontSize=size, leading=size * 1.45, textColor=colour)
        paragraph = Paragraph(mark_up(text, font=font), style)
        _, height = paragraph.wrap(_RIGHT - _LEFT, A4[1])
        if height <= _TITLE_LINES * style.leading:
            break
    paragraph.drawOn(canvas, _LEFT, top - height)
    return float(top - height)


def _list_tables(measurements: Sequence[Measurement], *, stems: Sequence[StemMeasurement]) -> list[_Table]:
    folders: dict[str, list[Cells]] = {}
    for found in measurements:
        folders.setdefault(found.path.partition("/")[0], []).append(_describe_file(found))
    names = {"audio": "Track", "kit": "Spot kit"}
    tables = [_Table((names.get(folder, folder), *_HEADS), rows) for folder, rows in folders.items()]
    if stems:
        tables.append(_Table(("Stem", *_STEM_HEADS), [_describe_stem(found) for found in stems]))
    return tables


def _describe_file(found: Measurement) -> Cells:
    target, ceiling = _write_level(found.target_lufs), _write_level(found.ceiling_dbtp)
    levels = (target, _write_level(found.lufs), ceiling, _write_level(found.true_peak_dbtp))
    return (_name(found.path), found.use, *_describe_length(found), *levels)


def _describe_stem(found: StemMeasurement) -> Cells:
    levels = ("", _write_level(found.lufs), "", _write_level(found.true_peak_dbtp))
    return (_name(found.path), "", *_describe_length(found), *levels)


def _describe_length(found: Measurement | StemMeasurement) -> Cells:
    return f"{found.sample_rate / 1000:g} kHz", f"{found.frames / found.sample_rate:.3f} s"


def _write_level(level: float) -> str:
    return f"{level:.1f}".replace("-", "−")


def _name(path: str) -> str:
    return path.partition("/")[2]


def _write_table(canvas: Canvas, table: _Table, *, top: float, row: float) -> float:
    """Returns where its last row stands."""
    size = min(9.0, row * 0.75)
    canvas.setFillColor(_INK)
    canvas.setFont(BOLD, size)
    _write_row(canvas, table.heads, y=top)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, top - row * 0.3, _RIGHT, top - row * 0.3)
    canvas.setFont(REGULAR, size)
    for index, cells in enumerate(table.rows, start=1):
        _write_row(canvas, cells, y=top - index * row - row * 0.15)
    return top - len(table.rows) * row


def _write_row(canvas: Canvas, cells: Cells, *, y: float) -> None:
    """Words from the left, numbers to the right edge of their column."""
    for left, cell in zip(_WORDS, cells, strict=False):
        canvas.drawString(left, y, cell)
    for right, cell in zip(_NUMBERS, cells[len(_WORDS) :], strict=True):
        canvas.drawRightString(right, y, cell)


def _list_notes(residual_dbfs: float, *, has_kit: bool) -> Sequence[str]:
    level = _write_level(residual_dbfs)
    notes = (
        "Loudness by ITU-R BS.1770-4 and true peak, four times oversampled, both read back from the finished files.",
        "Every version of the track is the same master at a fixed gain; what an encoder made too loud was turned down.",
        f"The stems, as loud as in the web master, add up to the 44.1 kHz WAV; its loudest difference is {level} dBFS.",
    )
    return (*notes, "Each version of the spot kit is mixed and mastered by itself.") if has_kit else notes


def _write_notes(canvas: Canvas, notes: Sequence[str], *, top: float) -> None:
    canvas.setFont(REGULAR, 8.5)
    canvas.setFillColor(_FAINT)
    for index, line in enumerate(notes):
        canvas.drawString(_LEFT, top - index * _LEADING, line)
