"""The plan: what all parts of a piece agree on.

A corpus piece carries the plan that analysis found in it; a generated piece carries the plan that the conductor
invented. Networks see the same features of both, so they learn to follow what they are later given.

Everything in a plan and in the parts that go with it is *key-normalised*: major pieces stand in C, minor ones in A
minor. `Plan.key` is the key that is meant to sound; `Piece.sounding_parts()` transposes at the very end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from generator.engine.score import TICKS_PER_QUARTER, Part

PITCH_CLASS_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


class Role(StrEnum):
    LEAD = "lead"  # the melody, composed first
    COUNTER = "counter"  # a second voice that answers the lead
    HARMONY = "harmony"  # chords and figuration
    BASS = "bass"  # the lowest line
    RHYTHM = "rhythm"  # drums


class Mode(StrEnum):
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    """Pitch class, 0 is C."""
    mode: Mode

    @property
    def normal_tonic(self) -> int:
        """The tonic that key-normalised notes stand in: C for major, A for minor."""
        return 0 if self.mode is Mode.MAJOR else 9

    @property
    def shift(self) -> int:
        """Semitones from the normalised to the sounding key, -6 to 5."""
        return (self.tonic - self.normal_tonic + 6) % 12 - 6

    @property
    def fifths(self) -> int:
        """Sharps (or, negative, flats) of the signature: -5 to 6 in major (F sharp), -6 to 5 in minor (E flat)."""
        if self.mode is Mode.MINOR:
            return ((self.tonic + 3) * 7 + 6) % 12 - 6
        return (self.tonic * 7 + 5) % 12 - 5

    def __str__(self) -> str:
        return f"{PITCH_CLASS_NAMES[self.tonic]} {self.mode}"


@dataclass(frozen=True, slots=True)
class Metre:
    numerator: int
    denominator: int
    bar_ticks: int = field(init=False, repr=False, compare=False)
    beat_ticks: int = field(init=False, repr=False, compare=False)
    """Length of a felt beat: a dotted quarter in 6/8, else the denominator's note."""
    chord_ticks: int = field(init=False, repr=False, compare=False)
    """Length of a chord slot: half a bar where a bar halves into whole beats (4/4, 6/8), else one beat (3/4)."""

    def __post_init__(self) -> None:
        """The lengths are asked for once for every note and more."""
        bar = TICKS_PER_QUARTER * 4 * self.numerator // self.denominator
        beat = 36 if self.is_compound else TICKS_PER_QUARTER * 4 // self.denominator
        object.__setattr__(self, "bar_ticks", bar)
        object.__setattr__(self, "beat_ticks", beat)
        object.__setattr__(self, "chord_ticks", bar // 2 if bar // beat % 2 == 0 else beat)

    @property
    def is_compound(self) -> bool:
        return self.denominator == 8 and self.numerator % 3 == 0

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


QUALITIES = ("maj", "min", "dom7", "dim")
"""Chord qualities that plans distinguish; richer labels are folded into these (maj7 -> maj, min7 -> min, ...)."""

_INTERVALS = {"maj": (0, 4, 7), "min": (0, 3, 7), "dom7": (0, 4, 7, 10), "dim": (0, 3, 6)}
_PITCH_CLASSES = {
    quality: tuple(tuple((root + interval) % 12 for interval in intervals) for root in range(12))
    for quality, intervals in _INTERVALS.items()
}
"""Of each quality on each root."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord in normalised pitch classes."""

    root: int
    quality: str

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return _PITCH_CLASSES[self.quality][self.root % 12]

    @property
    def index(self) -> int:
        """0 to 47; 48 is kept for 'no chord'."""
        return self.root * len(QUALITIES) + QUALITIES.index(self.quality)

    @classmethod
    def from_index(cls, index: int) -> "Chord":
        return cls(root=index // len(QUALITIES), quality=QUALITIES[index % len(QUALITIES)])


NO_CHORD = 48
CHORD_COUNT = 49


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    """'intro', 'A', 'B', 'bridge', 'outro'; sections of one name share material."""
    start_bar: int
    bars: int
    energy: float
    """0 (barely there) to 1 (everything)."""


PHRASE_BARS = 4


def list_phrase_ends(sections: Sequence[Section]) -> frozenset[int]:
    """Bars in which a phrase ends: each fourth of a section that is long enough for one, and its last."""
    return frozenset(
        section.start_bar + bar
        for section in sections
        for bar in range(section.bars)
        if section.bars >= PHRASE_BARS and (bar % PHRASE_BARS == PHRASE_BARS - 1 or bar == section.bars - 1)
    )


@dataclass(frozen=True, slots=True)
class Plan:
    style: str
    mood: str
    key: Key
    metre: Metre
    tempo: float
    """Quarter notes per minute."""
    length: int
    """Ticks of the whole piece; the last bar may be cut short or held."""
    sections: tuple[Section, ...]
    chords: tuple[Chord | None, ...]
    """One per `metre.chord_ticks`, covering `length`, normalised."""
    energies: tuple[float, ...]
    """One per bar, 0 to 1."""
    hits: tuple[float, ...] = ()
    """Ticks at which everybody strikes, not always whole ones."""
    density: float = 1.0
    """Factor on how many notes a bar is expected to hold."""
    is_drawn: bool = False
    """Whether a person drew the energies: parts then follow them more closely."""

    @property
    def seconds(self) -> float:
        return self.length / TICKS_PER_QUARTER * 60.0 / self.tempo

    @property
    def bars(self) -> int:
        """Bars begun, the last possibly incomplete."""
        return -(-self.length // self.metre.bar_ticks)

    def chord_at(self, tick: int) -> Chord | None:
        slot = tick // self.metre.chord_ticks
        return self.chords[min(max(slot, 0), len(self.chords) - 1)] if self.chords else None

    def section_at(self, tick: int) -> Section:
        bar = tick // self.metre.bar_ticks
        found = self.sections[0]
        for section in self.sections:
            if section.start_bar <= bar:
                found = section
        return found


@dataclass(frozen=True, slots=True)
class Piece:
    """A plan and the parts that follow it, all key-normalised."""

    plan: Plan
    parts: tuple[Part, ...]
    title: str = ""
    source: str = ""
    """Corpus and path for a corpus piece, e.g. 'openscore-lieder/…/lc5079391.mxl'; empty for a generated one."""

    @property
    def lead(self) -> Part | None:
        return next((part for part in self.parts if part.role == Role.LEAD), None)

    def sounding_parts(self) -> tuple[Part, ...]:
        """The parts in the key that is meant to sound. Drums keep their keys."""
        shift = self.plan.key.shift
        return tuple(part if part.role == Role.RHYTHM else part.transposed(shift) for part in self.parts)
