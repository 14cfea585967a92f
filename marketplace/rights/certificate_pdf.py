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
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from marketplace.rights.signing import Envelope

_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12.5, spaceAfter=4)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7, leading=9.5)
_CODE = ParagraphStyle("code", parent=_SMALL, fontName="Courier", wordWrap="CJK")
_TITLE = ParagraphStyle("title", parent=_BODY, fontName="Helvetica-Bold", fontSize=22, leading=27)
_HEAD = ParagraphStyle("head", parent=_BODY, fontName="Helvetica-Bold", fontSize=11, spaceBefore=9)
_LINES = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
)


def draw_certificate(envelope: Envelope) -> bytes:
    """The same envelope gives the same bytes."""
    document, signature = envelope["document"], envelope["signature"]
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=f"Certificate {document['certificate']}",
        author="Onetake",
        subject=document["copyright_id"],
        invariant=1,
    )
    story = [*_draw_head(document), *_draw_terms(document), *_draw_contribution(document), *_draw_training(document)]
    story += [*_draw_files(document), *_draw_signature(document, signature)]

    def attach(canvas: Canvas, _: object) -> None:
        _attach_envelope(canvas, envelope)

    page.build(story, onFirstPage=attach)
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


def _draw_head(document: dict[str, Any]) -> list[Flowable]:
    music = document["music"]
    facts = [
        ("Work", document["title"]),
        ("Copyright ID", document["copyright_id"]),
        ("Owner", document["owner"]),
        ("Sold", document["sold_at"]),
        ("Cause", document["reference"]),
        ("Register", f"line {document['register']['position']}"),
        ("Music", f"{music['style']}, {music['key']}, {music['metre']}, {music['tempo']} bpm, {music['seconds']} s"),
        ("Instruments", ", ".join(music["instruments"])),
        ("Versions sold with it", ", ".join(document["versions"]) or "none"),
        ("Notice", document["ai_notice"]),
    ]
    rows = [[_paragraph(name, _SMALL), _paragraph(value, _BODY)] for name, value in facts]
    table = Table([[Table(rows, colWidths=[28 * mm, 98 * mm], style=_LINES), _draw_code(document["verify_url"])]])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return [_paragraph("Certificate of exclusive rights", _TITLE), Spacer(1, 4 * mm), table]


def _draw_code(address: str) -> Drawing:
    """A QR code of vector squares."""
    matrix = segno.make(address, micro=False, error="m").matrix
    unit = 36 * mm / len(matrix)
    drawing = Drawing(36 * mm, 36 * mm)
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
    return [_paragraph("What the networks learned from", _HEAD), *(_paragraph(line, _SMALL) for line in lines)]


def _describe_works(each: dict[str, Any]) -> str:
    licences: dict[str, int] = {}
    for bill in each.get("works", []):
        for name, count in bill.get("licences", {}).items():
            licences[name] = licences.get(name, 0) + count
    listed = ", ".join(f"{count} files, {name}" for name, count in licences.items())
    return f"{listed}." if listed else "see the list kept with this checkpoint."


def _draw_files(document: dict[str, Any]) -> list[Flowable]:
    rows = [[_paragraph(file["name"], _SMALL), _paragraph(file["sha256"], _CODE)] for file in document["files"]]
    head = _paragraph("Files and their SHA-256", _HEAD)
    return [head, Table(rows, colWidths=[50 * mm, 120 * mm], style=_LINES)] if rows else []


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
    return Paragraph(escape(str(text)), style)
