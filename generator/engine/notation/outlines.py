"""SVG path data as absolute moves, lines and curves."""

import re
from collections.abc import Callable, Iterator

from generator.engine.errors import NotationError

_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}

Point = tuple[float, float]
Stroke = tuple[str, tuple[float, ...]]
"""'M' or 'L' with a point, 'C' with three, 'Z' with none."""


def read_outline(data: str) -> Iterator[Stroke]:
    """Raises NotationError for a command that engravers do not write (arcs)."""
    at: Point = (0.0, 0.0)
    first, control, previous = at, at, ""
    for command, numbers in _read_commands(data):
        kind = command.upper()
        points = _make_absolute(kind, numbers, at=at if command.islower() else None, here=at)
        if kind == "Z":
            yield "Z", ()
            at = first
        elif kind in "MLHV":
            at = points[0]
            first = at if kind == "M" else first
            yield ("M" if kind == "M" else "L"), at
        else:
            smooth = previous in ("CS" if kind in "CS" else "QT")
            mirrored = (2 * at[0] - control[0], 2 * at[1] - control[1]) if smooth else at
            start, end, target, control = _CURVES[kind](at, mirrored, points)
            yield "C", (*start, *end, *target)
            at = target
        previous = kind


def _read_commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with one set of numbers; a set without a command repeats the last, a move as lines."""
    tokens = _TOKEN.findall(data)
    position, command = 0, ""
    while position < len(tokens):
        if tokens[position].isalpha():
            command = tokens[position]
            position += 1
        if command.upper() not in _COUNTS:
            raise NotationError(f"path: command {command!r} is not known.")
        count = _COUNTS[command.upper()]
        yield command, [float(token) for token in tokens[position : position + count]]
        position += count
        command = {"M": "L", "m": "l"}.get(command, command)
        if not count and position < len(tokens) and not tokens[position].isalpha():
            raise NotationError("path: numbers follow a closed outline.")


def _make_absolute(kind: str, numbers: list[float], *, at: Point | None, here: Point) -> list[Point]:
    x, y = at or (0.0, 0.0)
    if kind == "H":
        return [(numbers[0] + x, here[1])]
    if kind == "V":
        return [(here[0], numbers[0] + y)]
    return [(numbers[index] + x, numbers[index + 1] + y) for index in range(0, len(numbers), 2)]


_Curve = tuple[Point, Point, Point, Point]
"""Two control points, the end, and the control point that a smooth successor mirrors."""


def _raise_degree(at: Point, control: Point, end: Point) -> _Curve:
    def between(point: Point) -> Point:
        return point[0] + 2 / 3 * (control[0] - point[0]), point[1] + 2 / 3 * (control[1] - point[1])

    return between(at), between(end), end, control


_CURVES: dict[str, Callable[[Point, Point, list[Point]], _Curve]] = {
    "C": lambda at, mirrored, points: (points[0], points[1], points[2], points[1]),
    "S": lambda at, mirrored, points: (mirrored, points[0], points[1], points[0]),
    "Q": lambda at, mirrored, points: _raise_degree(at, points[0], points[1]),
    "T": lambda at, mirrored, points: _raise_degree(at, mirrored, points[0]),
}
