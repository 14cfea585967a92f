"""A labelled set: melodies, variants of them that are the same music, and strangers that are not.

Melodies are drawn from a seed, or given: human ones measure better. Every pair is labelled by how it was made.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.engine.originality.lines import Line
from generator.engine.score import TICKS_PER_QUARTER

_BAR = 4 * TICKS_PER_QUARTER
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_CELLS = ((24, 24, 24, 24), (48, 24, 24), (36, 12, 24, 24), (12, 12, 24, 48), (24, 12, 12, 48), (12,) * 8, (72, 24))
"""Rhythms of a bar of 4/4; few, so that strangers have much rhythm in common, as pieces of one style do."""

_STEPS = (-2, -1, -1, 0, 1, 1, 2, 3, -3, 4)


@dataclass(frozen=True, slots=True)
class Pair:
    first: Line
    second: Line
    kind: str
    is_same: bool


def draw_melody(seed: int, *, bars: int = 16) -> Line:
    """A tonal melody in the form A A' B A' of one style: steps mostly, cadences, phrases that come back."""
    rng = random.Random(seed)
    degree = rng.choice((0, 2, 4))
    phrases: dict[str, list[tuple[int, int]]] = {}
    for name in "AB":
        notes, onset = [], 0
        for _ in range(bars // 4):
            for length in rng.choice(_CELLS):
                degree = min(max(degree + rng.choice(_STEPS), -4), 11)
                notes.append((onset, 67 + 12 * (degree // 7) + _SCALE[degree % 7]))
                onset += length
        phrases[name] = notes
    length = bars // 4 * _BAR
    return tuple((place * length + onset, pitch) for place, name in enumerate("AABA") for onset, pitch in phrases[name])


def make_pairs(melodies: Sequence[Line], *, seed: int) -> Iterator[Pair]:
    """Each melody beside one variant of every kind, and beside two strangers, one of them with its very rhythm."""
    rng = random.Random(seed)
    for index, melody in enumerate(melodies):
        for kind, vary in VARIATIONS.items():
            yield Pair(melody, vary(melody, rng), kind, is_same=True)
        stranger = melodies[(index + 1 + rng.randrange(len(melodies) - 1)) % len(melodies)]
        yield Pair(melody, stranger, "another melody", is_same=False)
        yield Pair(melody, _borrow_rhythm(melody, stranger), "another melody in the same rhythm", is_same=False)


def _transpose(line: Line, rng: random.Random) -> Line:
    shift = rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
    return tuple((onset, pitch + shift) for onset, pitch in line)


def _stretch(line: Line, rng: random.Random) -> Line:
    return tuple((onset * 2, pitch) for onset, pitch in line)


def _reorchestrate(line: Line, rng: random.Random) -> Line:
    """An octave lower, with chords struck under it: what is left on top is still the melody."""
    return tuple((onset, pitch - 12) for onset, pitch in line)


def _change_notes(share: float) -> Callable[[Line, random.Random], Line]:
    def change(line: Line, rng: random.Random) -> Line:
        chosen = set(rng.sample(range(len(line)), max(1, round(share * len(line)))))
        return tuple((on, pitch + rng.choice((-2, -1, 1, 2, 3)) * (i in chosen)) for i, (on, pitch) in enumerate(line))

    return change


def _ornament(line: Line, rng: random.Random) -> Line:
    """A neighbour note into one of twelve notes that are long enough."""
    notes: list[tuple[int, int]] = []
    for (onset, pitch), (following, _) in zip(line, [*line[1:], (line[-1][0] + _BAR, 0)], strict=True):
        notes.append((onset, pitch))
        if following - onset >= 12 and rng.random() < 1 / 12:
            notes.append((onset + (following - onset) // 2, pitch + rng.choice((-2, 2))))
    return tuple(notes)


def _move_section(line: Line, rng: random.Random) -> Line:
    """The second half comes first."""
    middle, end = len(line) // 2, line[-1][0] + TICKS_PER_QUARTER
    turn = line[middle][0]
    moved = [(onset - turn, pitch) for onset, pitch in line[middle:]]
    return tuple(moved + [(onset + end - turn, pitch) for onset, pitch in line[:middle]])


def _cut(line: Line, rng: random.Random) -> Line:
    return line[len(line) // 4 : 3 * len(line) // 4]


def _mix(line: Line, rng: random.Random) -> Line:
    """Transposed, stretched, a section moved, and one note of twenty changed."""
    return _change_notes(0.05)(_move_section(_stretch(_transpose(line, rng), rng), rng), rng)


def _borrow_rhythm(rhythm: Line, pitches: Line) -> Line:
    return tuple((onset, pitches[i % len(pitches)][1]) for i, (onset, _) in enumerate(rhythm))


VARIATIONS: dict[str, Callable[[Line, random.Random], Line]] = {
    "transposed": _transpose,
    "stretched to twice the length": _stretch,
    "re-orchestrated an octave lower": _reorchestrate,
    "1 note of 20 changed": _change_notes(0.05),
    "1 note of 10 changed": _change_notes(0.1),
    "ornamented": _ornament,
    "sections exchanged": _move_section,
    "the middle half alone": _cut,
    "transposed, stretched, exchanged, changed": _mix,
}
"""Every way in which a variant is made, by the name that reports use."""
