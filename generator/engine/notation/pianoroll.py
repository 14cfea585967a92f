"""The piece at a glance: every note a bar, its pitch up, its time across, as SVG and as PNG."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from generator.engine.errors import NotationError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Piece
from generator.engine.score import Part

WIDTH = 1600
_LANE = 240
"""Pixels that a part's lane is high."""
_MARGIN = 24
_NAME = 18
_BACKGROUND, _LANE_COLOUR, _LINE, _TEXT = "#ffffff", "#f4f3f0", "#d8d6d0", "#333333"
_COLOURS = (
    "#b3261e",
    "#1f5fa8",
    "#2c7a4b",
    "#8a5a00",
    "#6b3fa0",
    "#00707a",
    "#a03f6b",
    "#4a4a4a",
    "#4c6a1f",
    "#2f4a8a",
    "#7a3b1f",
    "#1f6a8a",
    "#5a2f6b",
)


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Label:
    left: float
    top: float
    text: str


@dataclass(frozen=True, slots=True)
class PianoRoll:
    width: int
    height: int
    boxes: tuple[Box, ...]
    """In the order in which they are painted: lanes, bar lines, notes."""
    labels: tuple[Label, ...]


def draw_piano_roll(piece: Piece) -> PianoRoll:
    """A lane per part, as high as its range; louder notes are taller. Raises NotationError without notes."""
    parts = [part for part in piece.sounding_parts() if part.notes]
    if not parts:
        raise NotationError("piece: it has no notes to draw. Compose at least one part first.")
    height = _MARGIN + len(parts) * (_LANE + _MARGIN)
    boxes = [Box(0, 0, WIDTH, height, _BACKGROUND)]
    labels = []
    for index, part in enumerate(parts):
        top = _MARGIN + index * (_LANE + _MARGIN)
        boxes.append(Box(_MARGIN, top, WIDTH - 2 * _MARGIN, _LANE, _LANE_COLOUR))
        boxes += [Box(_across(tick, piece), top, 1, _LANE, _LINE) for tick in _list_bar_lines(piece)]
        boxes += _draw_notes(part, piece=piece, top=top, colour=_COLOURS[index % len(_COLOURS)])
        labels.append(Label(_MARGIN + 6, top + _NAME, INSTRUMENTS[part.instrument].name))
    return PianoRoll(width=WIDTH, height=height, boxes=tuple(boxes), labels=tuple(labels))


def _across(tick: int, piece: Piece) -> float:
    return round(_MARGIN + (WIDTH - 2 * _MARGIN) * min(tick / piece.plan.length, 1.0), 2)


def _list_bar_lines(piece: Piece) -> range:
    return range(0, piece.plan.length, piece.plan.metre.bar_ticks)


def _draw_notes(part: Part, *, piece: Piece, top: float, colour: str) -> Iterator[Box]:
    pitches = [note.pitch for note in part.notes]
    lowest, rows = min(pitches), max(max(pitches) - min(pitches) + 1, 12)
    usable = _LANE - _NAME - 14
    row = usable / rows
    for note in part.notes:
        height = max(2.0, row * (0.45 + 0.55 * note.velocity / 127))
        middle = top + _LANE - 7 - (note.pitch - lowest + 0.5) * row
        left, right = _across(note.onset, piece), _across(note.end, piece)
        width = max(round(right - left - 1, 2), 1.5)
        yield Box(left, round(middle - height / 2, 2), width, round(height, 2), colour)


def write_roll_svg(roll: PianoRoll, *, title: str) -> bytes:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {roll.width} {roll.height}" role="img">',
        f"<title>{_escape(title)}</title>",
        *(
            f'<rect x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}"'
            f' fill="{box.colour}"/>'
            for box in roll.boxes
        ),
        *(
            f'<text x="{label.left:g}" y="{label.top:g}" font-family="sans-serif" font-size="14" fill="{_TEXT}">'
            f"{_escape(label.text)}</text>"
            for label in roll.labels
        ),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def write_roll_png(roll: PianoRoll) -> bytes:
    from PIL import Image, ImageDraw, ImageFont  # only who writes pictures pays for loading it

    image = Image.new("RGB", (roll.width, roll.height), _BACKGROUND)
    draw = ImageDraw.Draw(image)
    for box in roll.boxes:
        right, bottom = box.left + max(box.width, 1) - 1, box.top + max(box.height, 1) - 1
        draw.rectangle((round(box.left), round(box.top), round(right), round(bottom)), fill=box.colour)
    font = ImageFont.load_default(14)
    for label in roll.labels:
        draw.text((label.left, label.top - 14), label.text, fill=_TEXT, font=font)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
