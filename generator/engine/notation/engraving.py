"""Pages of music: MusicXML through Verovio to SVG. The same score gives the same pages."""

from generator.engine.errors import NotationError

_SCALE = 40
"""Percent: 7 mm staves."""
_OPTIONS: dict[str, object] = {
    "pageWidth": 2100,
    "pageHeight": 2970,
    "pageMarginTop": 120,
    "pageMarginBottom": 140,
    "pageMarginLeft": 140,
    "pageMarginRight": 120,
    "scale": _SCALE,
    "svgViewBox": True,
    "header": "auto",
    "footer": "none",
    "breaks": "auto",
    "justifyVertically": False,
    "xmlIdSeed": 1,
}
"""A4 in tenths of a millimetre."""


def engrave(musicxml: bytes) -> tuple[str, ...]:
    """One SVG per page. Raises NotationError for a score that the engraver cannot read."""
    import verovio  # a native library that only renderers need

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(_OPTIONS)
    if not toolkit.loadData(musicxml.decode()) or not toolkit.getPageCount():
        raise NotationError("score: it cannot be engraved. Check that it is MusicXML with at least one part.")
    return tuple(str(toolkit.renderToSVG(page)) for page in range(1, toolkit.getPageCount() + 1))
