"""The delivery record and the letters as PDFs, since Stripe takes no tables. The same records give the same bytes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from generator.engine.pdf_text import BOLD, REGULAR, mark_up, register_fonts
from payments.evidence.records import list_downloads, list_letters
from payments.models import Order

MOST_ROWS = 400
"""Of one table: banks read some fifty pages, and the first fetches tell the most."""
MOST_LETTERS = 20

register_fonts()
_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=8.5, leading=12)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName=BOLD, fontSize=16, leading=20, spaceAfter=4 * mm)
_HEADING = ParagraphStyle("heading", parent=_BODY, fontName=BOLD, fontSize=10.5, spaceBefore=5 * mm, spaceAfter=2 * mm)
_RULES = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, colors.black),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ]
)


def draw_record(order: Order) -> bytes:
    """What was delivered, when it was fetched and by whom, and each step of the order."""
    files = [file for file in order.track.files.all() if not file.is_preview]
    fetched = [(_tell(one.created_at), str(one.user), one.file_name) for one in list_downloads(order)]
    steps = [(_tell(step.created_at), step.to_state, step.actor, step.reason) for step in order.transitions.all()]
    return _build(
        f"Delivery of {order.track.title}",
        order,
        [
            Paragraph(mark_up(f"Order {order.pk}, payment {order.payment_intent_id}"), _BODY),
            Paragraph(mark_up(f"Copyright ID {order.track.copyright_id}, sold to {order.company.name}"), _BODY),
            *_draw_table("Fetched by the buyer", ("When (UTC)", "Person", "File"), (45, 60, 61), fetched),
            *_draw_table("Steps of the order", ("When (UTC)", "To", "By", "Why"), (37, 30, 40, 59), steps),
            *_draw_table(
                "Files of the sale",
                ("File", "Bytes", "SHA-256"),
                (48, 22, 96),
                [(file.name, f"{file.size:,}", file.sha256) for file in files],
            ),
        ],
    )


def draw_letters(order: Order) -> bytes:
    """What the buyer was written, the first letters first."""
    drawn: list[Flowable] = []
    for letter in list_letters(order)[:MOST_LETTERS]:
        sent = f"sent {_tell(letter.sent_at)} UTC" if letter.sent_at else "not sent yet"
        drawn += [
            Paragraph(mark_up(letter.subject, font=BOLD), _HEADING),
            Paragraph(mark_up(f"To {', '.join(letter.recipients)}, {sent}"), _BODY),
            Spacer(1, 2 * mm),
            *(Paragraph(mark_up(line), _BODY) for line in letter.body.splitlines() if line.strip()),
        ]
    return _build(f"Letters about {order.track.title}", order, drawn)


def _build(title: str, order: Order, drawn: Iterable[Flowable]) -> bytes:
    out = BytesIO()
    margins = {f"{side}Margin": 22 * mm for side in ("left", "right", "top", "bottom")}
    page = SimpleDocTemplate(out, pagesize=A4, title=title, subject=f"order {order.pk}", invariant=1, **margins)
    page.build([Paragraph(mark_up(title, font=BOLD), _TITLE), *drawn])
    return out.getvalue()


def _draw_table(
    heading: str, head: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[str]]
) -> list[Flowable]:
    if not rows:
        return [Paragraph(mark_up(heading, font=BOLD), _HEADING), Paragraph("None.", _BODY)]
    cells = [[Paragraph(mark_up(name, font=BOLD), _BODY) for name in head]]
    cells += [[Paragraph(mark_up(value), _BODY) for value in row] for row in rows[:MOST_ROWS]]
    table = Table(cells, colWidths=[width * mm for width in widths], style=_RULES, repeatRows=1)
    left = len(rows) - MOST_ROWS
    more = [Paragraph(f"{left} more are in the access log.", _BODY)] if left > 0 else []
    return [Paragraph(mark_up(heading, font=BOLD), _HEADING), table, *more]


def _tell(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M:%S}"
