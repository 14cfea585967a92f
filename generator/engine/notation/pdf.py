"""Engraved pages as one vector PDF with its text as text. The same pages give the same bytes.

ReportLab draws what Verovio writes: a small part of SVG. (skia-python would do it too, but needs a system's OpenGL.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from generator.engine.notation.glyphs import UNITS_PER_EM, Glyph, find_glyph
from generator.engine.notation.outlines import read_outline
from generator.engine.pdf_text import BOLD, REGULAR, list_runs

_LINK = "{http://www.w3.org/1999/xlink}href"
_TRANSFORM = re.compile(r"(translate|scale)\(([^)]*)\)")
_BOLD, _ITALIC = {"ending", "fing", "reh", "tempo"}, {"dir", "dynam", "mNum"}
"""Classes that Verovio's stylesheet sets in bold and in italics."""
_FONTS = {(False, False): "Times-Roman", (True, False): "Times-Bold", (False, True): "Times-Italic"}
_FONTS |= {(True, True): "Times-BoldItalic"}


@dataclass(frozen=True, slots=True)
class _Style:
    size: float = 0.0
    is_bold: bool = False
    is_italic: bool = False


def write_pdf(pages: Sequence[str], *, title: str, footer: str) -> bytes:
    """`pages` are SVG as `engrave` makes them; `footer` stands below each with the page's number."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Onetake")
    canvas.setAuthor("Onetake")
    canvas.setSubject(footer)
    for number, page in enumerate(pages, start=1):
        _Page(canvas, ET.fromstring(page)).draw()  # noqa: S314 - our own engraver wrote it
        canvas.setFont("Times-Roman", 8)
        canvas.drawCentredString(A4[0] / 2, 22, f"{footer}  ·  {number}/{len(pages)}" if footer else f"{number}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Page:
    """Draws one page. SVG's y axis points down, PDF's up: everything but text is drawn in the flipped page."""

    def __init__(self, canvas: Canvas, root: Element) -> None:
        self.canvas, self.root = canvas, root
        self.symbols = {element.get("id", ""): element for element in root.iterfind(".//{*}defs/{*}g")}

    def draw(self) -> None:
        self.canvas.saveState()
        width, height = _read_size(self.root)
        self.canvas.translate(0, A4[1])
        self.canvas.scale(A4[0] / width, -A4[1] / height)
        self._draw_children(self.root, style=_Style(), size=(width, height))
        self.canvas.restoreState()

    def _draw_children(self, element: Element, *, style: _Style, size: tuple[float, float]) -> None:
        for child in element:
            self._draw(child, style=style, size=size)

    def _draw(self, element: Element, *, style: _Style, size: tuple[float, float]) -> None:
        kind, classes = element.tag.rpartition("}")[2], set(element.get("class", "").split())
        if kind in {"defs", "style", "desc", "title"} or "placeholder" in classes:
            return
        if classes & _BOLD or classes & _ITALIC:
            is_bold, is_italic = style.is_bold or bool(classes & _BOLD), style.is_italic or bool(classes & _ITALIC)
            style = replace(style, is_bold=is_bold, is_italic=is_italic)
        self.canvas.saveState()
        if kind == "svg":
            inner = _read_size(element)
            self.canvas.scale(size[0] / inner[0], size[1] / inner[1])
            size = inner
        self._apply_transform(element.get("transform", ""))
        if kind == "text":
            self._draw_text(element, style=style)
        elif kind == "use":
            self._draw_children(self.symbols[element.get(_LINK, "")[1:]], style=style, size=size)
        elif kind in {"path", "rect", "ellipse", "polygon", "polyline"}:
            self._draw_shape(element, kind=kind)
        else:
            self._draw_children(element, style=style, size=size)
        self.canvas.restoreState()

    def _apply_transform(self, text: str) -> None:
        for name, numbers in _TRANSFORM.findall(text):
            values = [float(number) for number in re.split(r"[\s,]+", numbers.strip())]
            x, y = values if len(values) == 2 else (values[0], values[0] if name == "scale" else 0.0)
            if name == "scale":
                self.canvas.scale(x, y)
            else:
                self.canvas.translate(x, y)

    def _draw_shape(self, element: Element, *, kind: str) -> None:
        """Every shape is stroked where it has a width, as the stylesheet says, and filled unless it says not to."""
        width = float(element.get("stroke-width", 0))
        fill = int(element.get("fill") != "none" and element.get("fill-opacity") != "0")
        self.canvas.setLineWidth(width)
        self.canvas.setLineCap(1 if element.get("stroke-linecap") == "round" else 0)
        self.canvas.setLineJoin(1 if element.get("stroke-linejoin") == "round" else 0)
        numbers = {name: float(element.get(name, 0)) for name in ("x", "y", "width", "height", "cx", "cy", "rx", "ry")}
        if kind == "rect":
            place = (numbers["x"], numbers["y"], numbers["width"], numbers["height"])
            self.canvas.rect(*place, stroke=int(width > 0), fill=fill)
        elif kind == "ellipse":
            left, top = numbers["cx"] - numbers["rx"], numbers["cy"] - numbers["ry"]
            right, bottom = numbers["cx"] + numbers["rx"], numbers["cy"] + numbers["ry"]
            self.canvas.ellipse(left, top, right, bottom, stroke=int(width > 0), fill=fill)
        else:
            closed = "Z" if kind == "polygon" else ""
            data = element.get("d") or f"M{element.get('points', '')}{closed}"
            self._draw_outline(data, stroke=int(width > 0), fill=fill)

    def _draw_outline(self, data: str, *, stroke: int, fill: int) -> None:
        self.canvas.drawPath(_trace(data), stroke=stroke, fill=fill, fillMode=1)

    def _draw_text(self, element: Element, *, style: _Style) -> None:
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        anchor, line = element.get("text-anchor", "start"), list[tuple[str, _Style]]()
        for part, text, own in _list_runs(element, style=style):
            if part.get("x") is not None or part.get("y") is not None:
                self._draw_line(line, x=x, y=y, anchor=anchor)
                x, y, line = float(part.get("x", x)), float(part.get("y", y)), []
                anchor = part.get("text-anchor", anchor)
            if text:
                line.append((text, own))
        self._draw_line(line, x=x, y=y, anchor=anchor)

    def _draw_line(self, line: Sequence[tuple[str, _Style]], *, x: float, y: float, anchor: str) -> None:
        signs = [sign for text, style in line for sign in _list_signs(text, style)]
        width = sum(sign.width for sign in signs)
        x -= {"middle": width / 2, "end": width}.get(anchor, 0.0)
        for sign in signs:
            self.canvas.saveState()
            self.canvas.translate(x, y)
            self.canvas.scale(1, -1)
            if sign.glyph:
                self.canvas.scale(sign.size / UNITS_PER_EM, sign.size / UNITS_PER_EM)
                self._draw_outline(sign.glyph.path, stroke=0, fill=1)
            else:
                self.canvas.setFont(sign.font, sign.size)
                self.canvas.drawString(0, 0, sign.character)
            self.canvas.restoreState()
            x += sign.width


@lru_cache(maxsize=1024)
def _trace(data: str) -> PDFPathObject:
    """Note heads and clefs come again and again."""
    path = PDFPathObject()
    for command, numbers in read_outline(data):
        if command == "M":
            path.moveTo(*numbers)
        elif command == "L":
            path.lineTo(*numbers)
        elif command == "C":
            path.curveTo(*numbers)
        else:
            path.close()
    return path


def _list_runs(element: Element, *, style: _Style) -> Iterator[tuple[Element, str, _Style]]:
    """Each element of a text with its own words. Blank text between elements is layout of the file."""
    size = float(element.get("font-size", f"{style.size}px").removesuffix("px"))
    own = replace(
        style,
        size=size,
        is_bold=element.get("font-weight", "bold" if style.is_bold else "") == "bold",
        is_italic=element.get("font-style", "italic" if style.is_italic else "") == "italic",
    )
    text = element.text or ""
    yield element, text if "\n" not in text else text.strip(), own
    for child in element:
        if not child.tag.endswith("title"):
            yield from _list_runs(child, style=own)


@dataclass(frozen=True, slots=True)
class _Sign:
    character: str
    size: float
    font: str
    glyph: Glyph | None

    @property
    def width(self) -> float:
        if self.glyph:
            return self.glyph.advance * self.size / UNITS_PER_EM
        return float(stringWidth(self.character, self.font, self.size))


def _list_signs(text: str, style: _Style) -> Iterator[_Sign]:
    """Music from the engraver's font, Western letters in Times, those of other scripts in a font that has them."""
    runs = list_runs(text, font=BOLD if style.is_bold else REGULAR)
    others = [name for name, run in runs for _ in run]
    own = _FONTS[style.is_bold, style.is_italic]
    for character, other in zip(text, others, strict=True):
        yield _Sign(character, style.size, own if _is_western(character) else other, find_glyph(character))


def _is_western(character: str) -> bool:
    """Whether the reader's own Times has it (WinAnsi, ISO 32000-1, annex D)."""
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def _read_size(element: Element) -> tuple[float, float]:
    _, _, width, height = (float(number) for number in element.get("viewBox", "0 0 1 1").split())
    return width, height
