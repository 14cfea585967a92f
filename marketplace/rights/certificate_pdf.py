"""The certificate on paper: A4, what is sold to whom, the terms, the digests, and a code that leads to its check.

The signed document is attached inside, as certificate.json: a PDF that was printed to a file again has lost it.
"""

import json
import re
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from generator.engine.pdf_text import BOLD, REGULAR, mark_up, register_fonts
from marketplace.rights.signing import Envelope

_INK, _MUTED, _RULE, _ACCENT = (colors.HexColor(value) for value in ("#15202b", "#4d5c69", "#cdd6dd", "#c9281c"))
register_fonts()
_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=12.5, spaceAfter=4, textColor=_INK)
_NAME = ParagraphStyle("name", parent=_BODY, textColor=_MUTED)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7.5, leading=10)
_CODE = ParagraphStyle("code", parent=_SMALL, fontName="Courier", fontSize=7, wordWrap="CJK")
_TITLE = ParagraphStyle("title", parent=_BODY, fontName=BOLD, fontSize=26, leading=31)
_LEDE = ParagraphStyle("lede", parent=_BODY, fontSize=12, leading=17, textColor=_MUTED)
_HEAD = ParagraphStyle("head", parent=_BODY, fontName=BOLD, fontSize=11, leading=14, spaceBefore=10)
_LINES = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -2), 0.4, _RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
)
_LEFT = 20 * mm + 6
"""Of the text: the margin, and what reportlab keeps free inside it."""
_WIDTH = A4[0] - 2 * _LEFT


def draw_certificate(envelope: Envelope) -> bytes:
    """The same envelope gives the same bytes."""
    document, signature = envelope["document"], envelope["signature"]
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=24 * mm,
        bottomMargin=22 * mm,
        title=f"Certificate {document['certificate']}",
        author="Onetake",
        subject=document["copyright_id"],
        invariant=1,
    )
    story = [*_draw_head(document), *_draw_terms(document), *_draw_contribution(document), *_draw_training(document)]
    story += _draw_originality(document)
    story += [*_draw_files(document), *_draw_signature(document, signature)]

    def begin(canvas: Canvas, layout: BaseDocTemplate) -> None:
        _attach_envelope(canvas, envelope)
        frame(canvas, layout)

    def frame(canvas: Canvas, layout: BaseDocTemplate) -> None:
        _draw_frame(canvas, document, number=layout.page)

    page.build(story, onFirstPage=begin, onLaterPages=frame)
    return out.getvalue()


ATTACHMENT = "certificate.json"
_ATTACHED = re.compile(rb"/Type /EmbeddedFile\s*>>\s*stream\s+(\{[^\r\n]*\})\s*endstream")
"""JSON on one line, which therefore cannot hold what ends it."""


def read_attached(pdf: bytes) -> object:
    """The envelope inside one of our PDFs, unverified; None if there is none that can be read."""
    found = _ATTACHED.search(pdf)
    try:
        return json.loads(found[1]) if found else None
    except (ValueError, RecursionError):
        return None


def _attach_envelope(canvas: Canvas, envelope: Envelope) -> None:
    """An embedded file (ISO 32000-1, 7.11.4), uncompressed, so that a script finds it without a PDF library."""
    document = canvas._doc
    text = json.dumps(envelope, sort_keys=True, separators=(",", ":"))
    stream = pdfdoc.PDFStream(content=text.encode(), filters=[])
    stream.dictionary["Type"], stream.dictionary["Subtype"] = "/EmbeddedFile", "/application#2Fjson"
    file = pdfdoc.PDFDictionary({
        "Type": "/Filespec",
        "F": pdfdoc.PDFString(ATTACHMENT),
        "UF": pdfdoc.PDFString(ATTACHMENT),
        "EF": pdfdoc.PDFDictionary({"F": document.Reference(stream)}),
    })  # fmt: skip
    names = pdfdoc.PDFArray([pdfdoc.PDFString(ATTACHMENT), document.Reference(file)])
    files = pdfdoc.PDFDictionary({"Names": names})
    document.Catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": files})


def _draw_frame(canvas: Canvas, document: dict[str, Any], *, number: int) -> None:
    """The recording light above, and below what a page that came loose belongs to."""
    canvas.saveState()
    canvas.setFillColor(_ACCENT)
    canvas.circle(_LEFT + 2 * mm, A4[1] - 14 * mm, 2 * mm, stroke=0, fill=1)
    canvas.setFillColor(_INK)
    canvas.setFont(BOLD, 11)
    canvas.drawString(_LEFT + 6 * mm, A4[1] - 15.4 * mm, "onetake")
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(_MUTED)
    canvas.drawString(_LEFT, 12 * mm, f"Certificate {document['certificate']}")
    canvas.drawRightString(A4[0] - _LEFT, 12 * mm, f"Page {number}")
    canvas.restoreState()


def _draw_head(document: dict[str, Any]) -> list[Flowable]:
    music = document["music"]
    facts = [
        ("Copyright ID", document["copyright_id"]),
        ("Owner", document["owner"]),
        ("Since", f"{document['sold_at'][:19].replace('T', ' ')} UTC"),
        ("By", document["reference"]),
        ("Register", f"line {document['register']['position']}"),
        ("Music", f"{music['style']}, {music['key']}, {music['metre']}, {music['tempo']} bpm, {music['seconds']} s"),
        ("Instruments", ", ".join(music["instruments"])),
        ("Sold with it", ", ".join(document["versions"]) or "no other version"),
        ("Notice", document["ai_notice"]),
    ]
    rows = [[_paragraph(name, _NAME), _paragraph(value, _BODY)] for name, value in facts]
    code = _draw_code(document["verify_url"])
    table = Table([[Table(rows, colWidths=[24 * mm, _WIDTH - 66 * mm], style=_LINES), code]])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    title = [_paragraph(document["title"], _TITLE), _paragraph("Certificate of exclusive rights", _LEDE)]
    return [*title, Spacer(1, 5 * mm), table]


def _draw_code(address: str) -> Drawing:
    """A QR code of vector squares."""
    matrix = segno.make(address, micro=False, error="m").matrix
    unit = 34 * mm / len(matrix)
    drawing = Drawing(34 * mm, 34 * mm)
    for row, cells in enumerate(matrix):
        for column, is_dark in enumerate(cells):
            if is_dark:
                top = (len(matrix) - 1 - row) * unit
                drawing.add(Rect(column * unit, top, unit, unit, strokeWidth=0, fillColor=colors.black))
    return drawing


def _draw_terms(document: dict[str, Any]) -> list[Flowable]:
    terms = document["terms"]
    head = _paragraph(f"{terms['title']} (terms, version {terms['version']})", _HEAD)
    return [head, *(_paragraph(line, _BODY) for line in terms["text"].splitlines() if line.strip())]


def _draw_contribution(document: dict[str, Any]) -> list[Flowable]:
    lines = [_describe_contribution(each) for each in document["human_contribution"]] or ["None was recorded."]
    return [_paragraph("Human contribution", _HEAD), *(_paragraph(line, _BODY) for line in lines)]


def _describe_contribution(each: dict[str, Any]) -> str:
    chosen = ", ".join(f"{name}: {value}" for name, value in (each.get("chosen") or {}).items())
    return f"{each.get('at', '')} {each.get('what', '')}: {chosen or 'everything was left to chance'}"


def _draw_training(document: dict[str, Any]) -> list[Flowable]:
    lines = [f"{each['instrument']}: {_describe_works(each)} Checkpoint {each['checkpoint']}"
             for each in document["training"]]  # fmt: skip
    if not lines:
        return []
    return [_paragraph("What the networks learned from", _HEAD), *(_paragraph(line, _SMALL) for line in lines)]


def _describe_works(each: dict[str, Any]) -> str:
    licences: dict[str, int] = {}
    for bill in each.get("works", []):
        for name, count in bill.get("licences", {}).items():
            licences[name] = licences.get(name, 0) + count
    listed = ", ".join(f"{count} files, {name}" for name, count in licences.items())
    return f"{listed}." if listed else "see the list kept with this checkpoint."


def _draw_originality(document: dict[str, Any]) -> list[Flowable]:
    """Nothing on certificates of tracks that were made before reports were."""
    found = document.get("originality")
    return [_paragraph("Originality", _HEAD), _paragraph(found["sentence"], _BODY)] if found else []


def _draw_files(document: dict[str, Any]) -> list[Flowable]:
    rows = [[_paragraph(file["name"], _SMALL), _paragraph(file["sha256"], _CODE)] for file in document["files"]]
    head = _paragraph("Files and their SHA-256", _HEAD)
    return (
        [CondPageBreak(40 * mm), head, Table(rows, colWidths=[48 * mm, _WIDTH - 48 * mm], style=_LINES, hAlign="LEFT")]
        if rows
        else []
    )


def _draw_signature(document: dict[str, Any], signature: dict[str, str]) -> list[Flowable]:
    how = (
        f"Signed {document['signed_at']} with Ed25519 key {signature['key_id']}. This page is a picture of "
        f"certificate.json, which carries the signature: check it at {document['verify_url'].split('?')[0]}, or on any "
        "machine with the script verify_offline.py and the public keys."
    )
    return [
        _paragraph("Signature", _HEAD),
        _paragraph(how, _SMALL),
        _paragraph(f"Register line digest {document['register']['digest']}", _CODE),
        _paragraph(signature["value"], _CODE),
    ]


def _paragraph(text: object, style: ParagraphStyle) -> Paragraph:
    if style.fontName == "Courier":
        return Paragraph(escape(str(text)), style)
    return Paragraph(mark_up(text, font=style.fontName), style)
