"""Where the bar lines lie in a MIDI file that does not say: LilyPond writes no pickup, only a metre.

Every pickup of whole eighths is tried. Bar lines draw low notes, long notes, chords and the first note after a rest to
themselves, so the pickup that gathers most of this weight on the bars wins; none is preferred unless another is clearly
better.
"""

from collections.abc import Sequence

from generator.engine.plan import Metre
from generator.engine.score import Note

_STEP = 12
"""Pickups are tried in eighths."""
_NO_PICKUP_BONUS = 1.12
_LONG_PICKUP_MALUS = 0.93
"""For pickups of more than half a bar, which are rare."""


def find_pickup(notes: Sequence[Note], *, metre: Metre) -> int:
    """Ticks before the first bar line, 0 (none) up to a bar less an eighth; onsets count from the first note's bar."""
    accents = weigh_onsets(notes)
    scores = {
        pickup: _score_pickup(accents, metre=metre, pickup=pickup) * _weigh_pickup(pickup, metre=metre)
        for pickup in range(0, metre.bar_ticks, _STEP)
    }
    return max(scores, key=lambda pickup: scores[pickup])


def weigh_onsets(notes: Sequence[Note]) -> dict[int, float]:
    """How much each onset sounds like a downbeat."""
    struck: dict[int, list[Note]] = {}
    for note in notes:
        struck.setdefault(note.onset, []).append(note)
    if not struck:
        return {}
    middle = sorted(note.pitch for note in notes)[len(notes) // 2]
    return {
        onset: sum(min(note.duration, 48) / 24 for note in chord) / len(chord)
        + 0.5 * (len(chord) - 1)
        + max(middle - min(note.pitch for note in chord), 0) / 6
        for onset, chord in struck.items()
    }


def _weigh_pickup(pickup: int, *, metre: Metre) -> float:
    if pickup == 0:
        return _NO_PICKUP_BONUS
    return _LONG_PICKUP_MALUS if pickup * 2 > metre.bar_ticks else 1.0


def _score_pickup(accents: dict[int, float], *, metre: Metre, pickup: int) -> float:
    """All weight on bar lines, and a little of that on the other beats."""
    total = 0.0
    for onset, weight in accents.items():
        place = (onset - pickup) % metre.bar_ticks
        if place == 0:
            total += weight
        elif place % metre.beat_ticks == 0:
            total += 0.3 * weight
    return total
