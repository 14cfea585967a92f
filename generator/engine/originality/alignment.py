"""Short melodies and drums, note by note: a share of grams says little about them."""

from collections.abc import Iterator
from itertools import islice

from generator.engine.originality.grams import NOTES, place_grams
from generator.engine.originality.lines import Line

MOST_STEPS = 20_000
"""Notes that are looked at in all: a bound for what strangers send, and far more than short lines need."""


def count_aligned(short: Line, other: Line) -> int:
    """How many notes of `short` the other line has as well, moved and stretched in time and shifted in pitch.

    Every gram that the two have in common suggests one way to lay them over each other. The one that covers most notes
    counts, then what others add by stretches of `NOTES`, since sections may have been exchanged.
    """
    layings = _list_layings(short, other)
    covered: set[int] = set()
    while layings:
        best = max(layings, key=lambda laid: len(laid - covered))
        if len(best - covered) < NOTES:
            break
        covered |= best
    return len(covered)


def _list_layings(short: Line, other: Line) -> list[set[int]]:
    """Per common gram the indices of the notes that coincide; from the beginning on, as many as the bound allows."""
    notes = set(other)
    anchors = islice(_find_anchors(short, other), max(MOST_STEPS // len(short), 1))
    return [_lay_over(short, other, notes, *anchor) for anchor in anchors]


def _find_anchors(short: Line, other: Line) -> Iterator[tuple[int, int]]:
    places: dict[int, list[int]] = {}
    for place, gram in place_grams(other):
        places.setdefault(gram, []).append(place)
    for mine, gram in place_grams(short):
        for theirs in places.get(gram, ()):
            yield mine, theirs


def _lay_over(short: Line, other: Line, notes: set[tuple[int, int]], mine: int, theirs: int) -> set[int]:
    (start, pitch), (other_start, other_pitch) = short[mine], other[theirs]
    stretch = (other[theirs + NOTES - 1][0] - other_start) / (short[mine + NOTES - 1][0] - start)
    shift = other_pitch - pitch
    return {
        index
        for index, (onset, each) in enumerate(short)
        if (round(other_start + (onset - start) * stretch), each + shift) in notes
    }
