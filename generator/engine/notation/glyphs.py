"""The engraver's music font, glyph by glyph: signs within text are drawn, since no PDF font has them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

_FONT = "Leipzig"
UNITS_PER_EM = 1000


@dataclass(frozen=True, slots=True)
class Glyph:
    path: str
    """SVG path data, y upwards."""
    advance: float


@cache
def find_glyph(character: str) -> Glyph | None:
    """The glyph of a SMuFL character, or None where the font has none."""
    if character.isascii():
        return None
    code = f"{ord(character):04X}"
    source = files("verovio").joinpath("data", _FONT, f"{code}.xml")
    if not source.is_file():
        return None
    path = ET.fromstring(source.read_text()).find(".//{*}path")  # noqa: S314 - the engraver's own file
    return Glyph(path="" if path is None else path.get("d", ""), advance=_read_advances().get(code, 0.0))


@cache
def _read_advances() -> dict[str, float]:
    text = files("verovio").joinpath("data", f"{_FONT}.xml").read_text()
    root = ET.fromstring(text)  # noqa: S314 - the engraver's own file
    return {glyph.get("c", ""): float(glyph.get("h-a-x", 0.0)) for glyph in root.iter("g")}
