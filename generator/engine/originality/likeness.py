"""How alike two fingerprints are."""

from dataclasses import dataclass

from generator.engine.originality.alignment import count_aligned
from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.lines import Line
from generator.engine.originality.strokes import is_drum_line

FEWEST_GRAMS = 10
FEWEST_COMMON = 6
"""Of lines with fewer grams, or fewer in common, the share of grams says too little."""

SHORT_GRAMS = 20
FEWEST_NOTES = 8
TOO_CLOSE_SHORT = 0.8
"""A line with fewer grams than that is compared note by note, too; with this share of notes in common it is the same
melody. Figures of fewer notes belong to everybody, and are refused only as the same piece."""

TOO_CLOSE_DRUMS = 0.9
"""Of the longer one's strokes, for drums alone: a groove belongs to everybody, a whole piece of it does not."""

TOO_CLOSE = 0.35
"""Lines with this share of common grams are the same melody in another dress: `manage.py measure_originality`."""


@dataclass(frozen=True, slots=True)
class Likeness:
    share: float
    """Of the shorter line's grams that the other has too, 0 to 1; of notes for short lines, of strokes for drums."""
    first: int
    """Index of the line of the first fingerprint that is most alike, and of the second's."""
    second: int
    threshold: float = TOO_CLOSE
    """The share from which on it is the same music."""

    @property
    def is_too_close(self) -> bool:
        return self.share >= self.threshold

    @property
    def rank(self) -> tuple[bool, float]:
        """The greater, the more alike."""
        return self.is_too_close, self.share


def compare(first: Fingerprint, second: Fingerprint) -> Likeness:
    """The likeness of their two most alike lines."""
    best = Likeness(share=1.0 if first.digest == second.digest else 0.0, first=0, second=0)
    for i, mine in enumerate(first.grams):
        for j, other in enumerate(second.grams):
            fewest, common = min(len(mine), len(other)), len(mine & other)
            if fewest >= FEWEST_GRAMS and common >= FEWEST_COMMON and not is_drum_line(first.lines[i]):
                best = max(best, Likeness(share=common / fewest, first=i, second=j), key=lambda each: each.rank)
            if common and (measured := _compare_notes(first.lines[i], second.lines[j], fewest=fewest)):
                share, threshold = measured
                found = Likeness(share=share, first=i, second=j, threshold=threshold)
                best = max(best, found, key=lambda each: each.rank)
    return best


def _compare_notes(first: Line, second: Line, *, fewest: int) -> tuple[float, float] | None:
    """Share and threshold of drums, and of lines too short for grams; None for others."""
    short, other = sorted((first, second), key=len)
    if is_drum_line(short):
        return count_aligned(short, other) / len(other), TOO_CLOSE_DRUMS
    if fewest < SHORT_GRAMS and len(short) >= FEWEST_NOTES:
        return count_aligned(short, other) / len(short), TOO_CLOSE_SHORT
    return None
