"""The one score model: what corpora are read into, what networks write, what is rendered, printed and sold."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

TICKS_PER_QUARTER = 24
"""32nd notes (3 ticks) and triplets of eighths (8 ticks) are exact."""

MICRO_PER_TICK = 20
"""`Note.micro` counts 1/20 of a tick, so MIDI at 480 ticks per quarter holds every onset exactly."""


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note. Ordered by onset, then pitch: the order in which networks write events."""

    onset: int
    """Ticks from the start of the piece, on the grid."""
    pitch: int
    """MIDI number, 60 is middle C; for drums the General MIDI drum key."""
    duration: int
    """Ticks, at least 1."""
    velocity: int = 80
    """MIDI velocity, 1 to 127."""
    micro: int = 0
    """Played this much after (before, if negative) the grid, in 1/20 tick: groove and expression."""

    @property
    def end(self) -> int:
        return self.onset + self.duration


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument plays: its slug (see `instruments`), its role in the ensemble, its notes in order."""

    instrument: str
    role: str
    """'lead', 'counter', 'harmony', 'bass' or 'rhythm' (see `plan.Role`)."""
    notes: tuple[Note, ...]
    sound: str = ""
    """Which of the instrument's sounds (see `sounds`); empty for its first."""

    def __post_init__(self) -> None:
        if list(self.notes) != sorted(self.notes):
            object.__setattr__(self, "notes", tuple(sorted(self.notes)))

    @property
    def end(self) -> int:
        """Tick at which the last note stops; 0 when the part is empty."""
        return max((note.end for note in self.notes), default=0)

    def between(self, start: int, stop: int) -> tuple[Note, ...]:
        """Notes whose onset lies in [start, stop) ticks."""
        return tuple(note for note in self.notes if start <= note.onset < stop)

    def transposed(self, semitones: int) -> "Part":
        """The part moved by so many semitones. Drums are not pitched: do not transpose them."""
        return replace(self, notes=tuple(replace(note, pitch=note.pitch + semitones) for note in self.notes))


def merge_parts(parts: Iterable[Part]) -> tuple[Note, ...]:
    """All notes of all parts in score order."""
    return tuple(sorted(note for part in parts for note in part.notes))
