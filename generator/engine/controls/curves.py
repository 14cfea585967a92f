"""The energy curve of a brief: points at equal distances from the start to the end, 0 (barely there) to 1."""

from collections.abc import Sequence

from generator.engine.fields import list_words, read_number, refuse_value

MOST_POINTS = 64
_REMEDY = f"Give 2 to {MOST_POINTS} numbers from 0 to 100, evenly spread over the piece, for example 20 40 90 60."


def read_curve(value: object) -> tuple[float, ...]:
    """'20 40 90', [20, 40, 90]: percent. Nothing at all leaves the curve to the style."""
    if value is None:
        return ()
    words = list_words("energy", value, remedy=_REMEDY)
    if not words:
        return ()
    if not 2 <= len(words) <= MOST_POINTS:
        raise refuse_value("energy", value, _REMEDY)
    return tuple(round(read_number("energy", word, unit="percent", limits=(0, 100)) / 100, 4) for word in words)


def follow_points(points: Sequence[float], *, at: float) -> float:
    """The curve's height at a place from 0 (start) to 1 (end), straight between its points."""
    place = min(max(at, 0.0), 1.0) * (len(points) - 1)
    low = min(int(place), len(points) - 2)
    return points[low] + (points[low + 1] - points[low]) * (place - low)


def write_curve(points: Sequence[float]) -> list[float]:
    """Percent again, as `read_curve` takes them."""
    return [round(point * 100, 2) for point in points]
