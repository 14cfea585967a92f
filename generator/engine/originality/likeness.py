"""How alike two fingerprints are, and where."""

from dataclasses import dataclass

from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.grams import NOTES, place_grams
from generator.engine.originality.lines import Line

FEWEST_GRAMS = 10
FEWEST_COMMON = 6
"""Lines with fewer grams, or fewer in common, say too little to be called alike."""

TOO_CLOSE = 0.35
"""Lines with this share of common grams are the same melody in another dress: `manage.py measure_originality`."""


@dataclass(frozen=True, slots=True)
class Likeness:
    share: float
    """Of the shorter line's grams that the other has too, 0 to 1."""
    first: int
    """Index of the line of the first fingerprint that is most alike, and of the second's."""
    second: int

    @property
    def is_too_close(self) -> bool:
        return self.share >= TOO_CLOSE


def compare(first: Fingerprint, second: Fingerprint) -> Likeness:
    """The likeness of their two most alike lines."""
    best = Likeness(share=1.0 if first.digest == second.digest else 0.0, first=0, second=0)
    for i, mine in enumerate(first.grams):
        for j, other in enumerate(second.grams):
            fewest = min(len(mine), len(other))
            common = len(mine & other)
            if fewest >= FEWEST_GRAMS and common >= FEWEST_COMMON and common / fewest > best.share:
                best = Likeness(share=common / fewest, first=i, second=j)
    return best


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch that two lines have in common, note by note: intervals and rhythm."""

    first: int
    """Index of its first note in the first line, and in the second."""
    second: int
    notes: int


def find_longest_match(first: Line, second: Line) -> Match | None:
    """The longest run of grams that follow one another in both lines."""
    places: dict[int, list[int]] = {}
    for place, gram in place_grams(second):
        places.setdefault(gram, []).append(place)
    best: Match | None = None
    runs: dict[tuple[int, int], int] = {}
    for mine, gram in place_grams(first):
        for other in places.get(gram, ()):
            length = runs.get((mine - 1, other - 1), NOTES - 1) + 1
            runs[mine, other] = length
            if best is None or length > best.notes:
                best = Match(first=mine + NOTES - length, second=other + NOTES - length, notes=length)
    return best
