"""Melodic and rhythmic n-grams: what stays when a melody is transposed, stretched or played by something else.

A gram is five notes in a row as four intervals in semitones and three ratios of successive inter-onset times, rounded
to half octaves of time. Scales and repeated notes in even time belong to everybody and make no gram.
"""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise
from math import log2

from generator.engine.originality.lines import Line
from generator.engine.originality.strokes import is_drum_line

NOTES = 5
SKETCH = 24
"""Grams by which a line is looked up: the smallest hashes, so that like melodies keep like sketches (bottom-k)."""

Gram = int


def list_grams(line: Line) -> frozenset[Gram]:
    """The distinct grams of a line, as 63-bit hashes."""
    return frozenset(gram for _, gram in place_grams(line))


def place_grams(line: Line) -> Iterator[tuple[int, Gram]]:
    """Every gram with the index of its first note. Drums have no intervals: what is struck stands for them."""
    is_drums = is_drum_line(line)
    intervals = [later[1] - earlier[1] for earlier, later in pairwise(line)]
    times = [later[0] - earlier[0] for earlier, later in pairwise(line)]
    ratios = [round(2 * log2(later / earlier)) for earlier, later in pairwise(times)]
    for start in range(len(line) - NOTES + 1):
        steps = intervals[start : start + NOTES - 1]
        rhythm = ratios[start : start + NOTES - 2]
        if is_drums and any(steps):
            yield start, _hash_bytes(bytes(kinds for _, kinds in line[start : start + NOTES]) + _pack(rhythm))
        elif not is_drums and not _is_common(steps, rhythm):
            yield start, _hash_bytes(_pack([*steps, *rhythm]))


def make_sketch(grams: frozenset[Gram]) -> tuple[Gram, ...]:
    return tuple(sorted(grams)[:SKETCH])


def _is_common(steps: list[int], rhythm: list[int]) -> bool:
    """A repeated note in any rhythm, or a run up or down a scale in even time."""
    if not any(steps):
        return True
    is_run = all(0 <= step <= 2 for step in steps) or all(-2 <= step <= 0 for step in steps)
    return is_run and not any(rhythm)


def _pack(values: list[int]) -> bytes:
    return bytes(min(max(value, -64), 63) + 64 for value in values)


def _hash_bytes(data: bytes) -> Gram:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") >> 1
