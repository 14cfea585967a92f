"""Groove's drum performances: played by people to a metronome, so every stroke has a place on the grid and a distance
from it. The file's name tells style, tempo and metre: '1_funk-groove1_138_beat_4-4.mid'."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from generator.engine.corpora.source import SourceBar, SourceScore, SourceVoice
from generator.engine.errors import CorpusError
from generator.engine.midi import MidiNote, read_midi
from generator.engine.plan import Role
from generator.engine.score import MICRO_PER_TICK, TICKS_PER_QUARTER, Note

DRUM_CLASSES = {
    **dict.fromkeys((35, 36), 36),  # bass drum
    **dict.fromkeys((37, 38, 39, 40), 38),  # snare, rim and side stick
    **dict.fromkeys((41, 43, 58), 43),  # floor tom
    **dict.fromkeys((45, 47), 45),  # low tom
    **dict.fromkeys((48, 50), 48),  # high tom
    **dict.fromkeys((22, 42, 44), 42),  # closed hi-hat, pedal
    **dict.fromkeys((26, 46), 46),  # open hi-hat
    **dict.fromkeys((49, 52, 55, 57), 49),  # crash
    **dict.fromkeys((51, 53, 59), 51),  # ride
}
"""The electronic kit's keys folded into nine General MIDI drums."""

STROKE_TICKS = 6
"""Every stroke is written as a sixteenth: drums have no length of their own."""

_GRIDS = ((6, 0.0), (8, 0.8), (3, 2.0), (4, 2.6))
"""Grid step in ticks and its price in squared ticks: sixteenths before triplets before anything finer. Drummers stray
by a tick (standard deviation), and true thirty-seconds are rare: their places in the beat are the emptiest."""


def read_groove(data: bytes, *, path: str) -> SourceScore:
    try:
        _, style, tempo, _, metre = PurePosixPath(path).stem.split("_")
        numerator, denominator = (int(each) for each in metre.split("-"))
        qpm = float(tempo)
    except ValueError as error:
        raise CorpusError("The file name does not tell style, tempo and metre.") from error
    played = [note for track in read_midi(data).tracks for note in track.notes if note.pitch in DRUM_CLASSES]
    notes = quantise_strokes(played)
    if not notes:
        raise CorpusError("No strokes on a drum that is known.")
    full = TICKS_PER_QUARTER * 4 * numerator // denominator
    bars = tuple(
        SourceBar(start=start, length=full, metre=(numerator, denominator), fifths=None)
        for start in range(0, max(note.onset for note in notes) + 1, full)
    )
    voice = SourceVoice(instrument="drums", role=Role.RHYTHM, notes=notes)
    return SourceScore(
        title=PurePosixPath(path).stem, style=style.split("-")[0], voices=(voice,), bars=bars, tempos=((0, qpm),)
    )


def quantise_strokes(played: Iterable[MidiNote]) -> tuple[Note, ...]:
    """Put every beat on the grid that fits it best; `micro` keeps how far from it each stroke was."""
    beats: dict[int, list[MidiNote]] = {}
    for note in played:
        beats.setdefault(int(note.start + 1 / 8), []).append(note)
    strokes: dict[tuple[int, int], Note] = {}
    for strokes_of_beat in beats.values():
        step = _choose_grid(strokes_of_beat)
        for note in strokes_of_beat:
            stroke = _place_stroke(note, step=step)
            place = (stroke.onset, stroke.pitch)
            if place not in strokes or strokes[place].velocity < stroke.velocity:
                strokes[place] = stroke
    return tuple(sorted(strokes.values()))


def _choose_grid(notes: Sequence[MidiNote]) -> int:
    """The step with the least mean squared error in ticks plus its price."""

    def cost(grid: tuple[int, float]) -> float:
        step, price = grid
        errors = [_distance(note.start * TICKS_PER_QUARTER, step=step) for note in notes]
        return sum(error * error for error in errors) / len(errors) + price

    return min(_GRIDS, key=cost)[0]


def _distance(tick: float, *, step: int) -> float:
    return tick - round(tick / step) * step


def _place_stroke(note: MidiNote, *, step: int) -> Note:
    tick = note.start * TICKS_PER_QUARTER
    onset = max(round(tick / step) * step, 0)
    return Note(
        onset=onset,
        pitch=DRUM_CLASSES[note.pitch],
        duration=STROKE_TICKS,
        velocity=min(max(note.velocity, 1), 127),
        micro=round((tick - onset) * MICRO_PER_TICK),
    )
