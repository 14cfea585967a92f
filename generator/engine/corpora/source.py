"""What every reader makes of a file, before excerpts are cut: voices and bars on one time line of ticks."""

from dataclasses import dataclass, field

from generator.engine.score import Note


@dataclass(frozen=True, slots=True)
class SourceBar:
    start: int
    """Ticks from the start of the file."""
    length: int
    """Ticks it really holds: a pickup is shorter than its metre."""
    metre: tuple[int, int]
    """As written: numerator, denominator."""
    fifths: int | None
    """Sharps of the key signature (negative: flats); None where the file has none."""
    closes: bool = False
    """Ends with a final bar line: what follows is another movement or piece."""


@dataclass(frozen=True, slots=True)
class SourceVoice:
    instrument: str
    role: str
    notes: tuple[Note, ...]
    """Sounding pitches, onsets in ticks from the start of the file."""


@dataclass(frozen=True, slots=True)
class SourceScore:
    title: str
    style: str
    voices: tuple[SourceVoice, ...]
    bars: tuple[SourceBar, ...]
    tempos: tuple[tuple[int, float], ...] = field(default=())
    """Tick and quarter notes per minute from there on; empty where the file is silent about it."""
