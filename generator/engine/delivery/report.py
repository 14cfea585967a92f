"""The loudness report on one page: what each file is meant for, and what was measured in it and in the stems."""

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from generator.engine.audio.tags import AI_NOTICE, TOOL, Tags
from generator.engine.delivery.stems import StemMeasurement
from generator.engine.delivery.versions import Measurement
from generator.engine.version import ENGINE_VERSION

_LEFT, _TOP = 50, A4[1] - 70
_COLUMNS = (50, 215, 345, 395, 445, 495, 545)
_HEADS = ("File", "Meant for", "Target", "LUFS", "Ceiling", "dBTP")
_STEM_HEADS = ("Stem", "As it sounds in the web master", "", "LUFS", "", "dBTP")
_ROW, _HEAD, _MOST_HEIGHT = 18, 24, 590
"""Points of a row where there is room, of what a table's head takes more than a row, and of both tables."""
_INK, _FAINT = HexColor("#222222"), HexColor("#777777")

Cells = Sequence[str]


def write_report(
    measurements: Sequence[Measurement],
    *,
    stems: Sequence[StemMeasurement],
    residual_dbfs: float,
    tags: Tags,
    facts: str,
) -> bytes:
    """A PDF; the same measurements give the same bytes."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(f"Loudness report: {tags.title}")
    canvas.setCreator(TOOL)
    _write_head(canvas, tags=tags, facts=facts)
    tables = [(_HEADS, [_describe_file(found) for found in measurements])]
    if stems:
        tables.append((_STEM_HEADS, [_describe_stem(found) for found in stems]))
    row = min(_ROW, (_MOST_HEIGHT - _HEAD * len(tables)) / sum(len(rows) + 1 for _, rows in tables))
    top = _TOP - 70.0
    for heads, rows in tables:
        top = _write_table(canvas, heads, rows, top=top, row=row) - _HEAD
    _write_notes(canvas, residual_dbfs=residual_dbfs, top=top)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _write_head(canvas: Canvas, *, tags: Tags, facts: str) -> None:
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(_LEFT, _TOP, tags.title)
    canvas.setFont("Helvetica", 9)
    canvas.setFillColor(_FAINT)
    canvas.drawString(_LEFT, _TOP - 18, "  ·  ".join(text for text in (tags.copyright_id, facts) if text))
    canvas.drawString(_LEFT, _TOP - 32, f"{AI_NOTICE} with {TOOL} {ENGINE_VERSION}")


def _describe_file(found: Measurement) -> Cells:
    numbers = (found.target_lufs, found.lufs, found.ceiling_dbtp, found.true_peak_dbtp)
    use = f"{found.use}, {found.sample_rate / 1000:g} kHz"
    return (_name(found.path), use, *(f"{number:.1f}" for number in numbers))


def _describe_stem(found: StemMeasurement) -> Cells:
    use = f"{found.sample_rate / 1000:g} kHz, {found.frames:,} frames"
    return (_name(found.path), use, "", f"{found.lufs:.1f}", "", f"{found.true_peak_dbtp:.1f}")


def _name(path: str) -> str:
    return path.partition("/")[2]


def _write_table(canvas: Canvas, heads: Cells, rows: Sequence[Cells], *, top: float, row: float) -> float:
    """Returns where its last row stands."""
    size = min(9.0, row * 0.75)
    canvas.setFont("Helvetica-Bold", size)
    canvas.setFillColor(_INK)
    _write_row(canvas, heads, y=top)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, top - 4, _COLUMNS[-1], top - 4)
    canvas.setFont("Helvetica", size)
    for index, cells in enumerate(rows, start=1):
        _write_row(canvas, cells, y=top - index * row)
    return top - len(rows) * row


def _write_row(canvas: Canvas, cells: Cells, *, y: float) -> None:
    """Words from the left, numbers to the right edge of their column."""
    for index, cell in enumerate(cells):
        if index < 2:
            canvas.drawString(_COLUMNS[index], y, cell)
        else:
            canvas.drawRightString(_COLUMNS[index + 1] - 8, y, cell)


def _write_notes(canvas: Canvas, *, residual_dbfs: float, top: float) -> None:
    canvas.setFont("Helvetica", 8.5)
    canvas.setFillColor(_FAINT)
    lines = (
        "Loudness by ITU-R BS.1770-4 and true peak, four times oversampled, both read back from the finished files.",
        "Every version is the same master at a fixed gain; what an encoder made too loud was turned down.",
        f"The stems add up to the 44.1 kHz WAV; what is left is {residual_dbfs:.1f} dBFS at its loudest sample.",
    )
    for index, line in enumerate(lines):
        canvas.drawString(_LEFT, top - index * 13, line)
