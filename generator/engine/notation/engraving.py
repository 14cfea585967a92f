"""Pages of music: MusicXML through Verovio to SVG. The same score gives the same pages."""

import re
from pathlib import Path

from generator.engine.errors import NotationError

_SCALES = ((4, 100), (7, 75), (12, 60))
"""Staves in a system up to which a scale (percent of 7 mm staves) holds: a page is to have two systems at least."""
_STAVES = re.compile(rb"<staves>(\d+)</staves>")
_OPTIONS: dict[str, object] = {
    "pageWidth": 2100,
    "pageHeight": 2970,
    "pageMarginTop": 120,
    "pageMarginBottom": 140,
    "pageMarginLeft": 140,
    "pageMarginRight": 120,
    "scaleToPageSize": True,
    "svgViewBox": True,
    "header": "auto",
    "footer": "none",
    "breaks": "auto",
    "justifyVertically": False,
    "spacingStaff": 9,
    "xmlIdSeed": 1,
}
"""A4 in tenths of a millimetre."""


def engrave(musicxml: bytes) -> tuple[str, ...]:
    """One SVG per page. Raises NotationError for a score that the engraver cannot read."""
    import verovio  # a native library that only renderers need

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit(False)
    toolkit.setResourcePath(str(Path(verovio.__file__).with_name("data")))  # its default holds for one thread alone
    toolkit.setOptions({**_OPTIONS, "scale": _choose_scale(musicxml)})
    if not toolkit.loadData(musicxml.decode()) or not toolkit.getPageCount():
        raise NotationError("score: it cannot be engraved. Check that it is MusicXML with at least one part.")
    return tuple(str(toolkit.renderToSVG(page)) for page in range(1, toolkit.getPageCount() + 1))


def _choose_scale(musicxml: bytes) -> int:
    """By the staves of a system: one a part, or as many as it says."""
    staves = musicxml.count(b"<score-part ") + sum(int(count) - 1 for count in _STAVES.findall(musicxml))
    return next((scale for most, scale in _SCALES if staves <= most), _SCALES[-1][1])
