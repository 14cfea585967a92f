"""The loudness report on one page: what each file is meant for, and what was measured in it."""

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from generator.engine.audio.tags import AI_NOTICE, TOOL, Tags
from generator.engine.delivery.versions import Measurement
from generator.engine.version import ENGINE_VERSION

_LEFT, _TOP = 50, A4[1] - 70
_COLUMNS = (50, 215, 345, 395, 445, 495, 545)
_HEADS = ("File", "Meant for", "Target", "LUFS", "Ceiling", "dBTP")
_ROW, _MOST_HEIGHT = 18, 540
_INK, _FAINT = HexColor("#222222"), HexColor("#777777")


def write_report(measurements: Sequence[Measurement], *, residual_dbfs: float, tags: Tags, facts: str) -> bytes:
    """A PDF; the same measurements give the same bytes."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(f"Loudness report: {tags.title}")
    canvas.setCreator(TOOL)
    _write_head(canvas, tags=tags, facts=facts)
    row = min(_ROW, _MOST_HEIGHT // max(len(measurements), 1))
    _write_table(canvas, measurements, row=row)
    _write_notes(canvas, residual_dbfs=residual_dbfs, top=_TOP - 110 - row * len(measurements))
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


def _write_table(canvas: Canvas, measurements: Sequence[Measurement], *, row: int) -> None:
    top = _TOP - 75
    canvas.setFont("Helvetica-Bold", 9)
    canvas.setFillColor(_INK)
    _write_row(canvas, _HEADS, y=top)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, top - 5, _COLUMNS[-1], top - 5)
    canvas.setFont("Helvetica", 9)
    for index, found in enumerate(measurements, start=1):
        name = found.path.partition("/")[2]
        numbers = (found.target_lufs, found.lufs, found.ceiling_dbtp, found.true_peak_dbtp)
        cells = (name, f"{found.use}, {found.sample_rate / 1000:g} kHz", *(f"{number:.1f}" for number in numbers))
        _write_row(canvas, cells, y=top - index * row)


def _write_row(canvas: Canvas, cells: Sequence[str], *, y: float) -> None:
    """Words from the left, numbers to the right edge of their column."""
    for index, cell in enumerate(cells):
        if index < 2:
            canvas.drawString(_COLUMNS[index], y, cell)
        else:
            canvas.drawRightString(_COLUMNS[index + 1] - 8, y, cell)


def _write_notes(canvas: Canvas, *, residual_dbfs: float, top: float) -> None:
    canvas.setFillColor(_FAINT)
    lines = (
        "Loudness by ITU-R BS.1770-4 and true peak, four times oversampled, both read back from the finished files.",
        "Every version is the same master at a fixed gain; what an encoder made too loud was turned down.",
        f"The stems add up to the 44.1 kHz WAV; what is left is {residual_dbfs:.1f} dBFS at its loudest sample.",
    )
    for index, line in enumerate(lines):
        canvas.drawString(_LEFT, top - index * 14, line)
