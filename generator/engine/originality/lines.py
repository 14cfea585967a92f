"""Melodies out of scores: what a listener would call the tune, as bare onsets and pitches."""

from collections.abc import Iterable, Sequence

from generator.engine.corpora.musicxml import XmlScore
from generator.engine.midi import MidiFile
from generator.engine.plan import Piece, Role
from generator.engine.score import TICKS_PER_QUARTER, Note

Line = tuple[tuple[int, int], ...]
"""(onset in ticks, MIDI pitch) of one note at a time, in order."""

MOST_NOTES = 4_000
"""Of one line that are looked at: more than any track of this house has, and a bound for what strangers send."""


def take_line(notes: Iterable[tuple[int, int]]) -> Line:
    """The highest note of each onset."""
    highest: dict[int, int] = {}
    for onset, pitch in notes:
        highest[onset] = max(pitch, highest.get(onset, 0))
    return tuple(sorted(highest.items()))[:MOST_NOTES]


def list_piece_lines(piece: Piece) -> tuple[Line, ...]:
    """The lead's melody; where nobody leads, the upper line of every pitched part. Drums have no melody."""
    pitched = [part for part in piece.parts if part.role != Role.RHYTHM and part.notes]
    leads = [part for part in pitched if part.role == Role.LEAD]
    return tuple(take_line((note.onset, note.pitch) for note in part.notes) for part in leads or pitched)


def list_pitched_notes(piece: Piece) -> list[tuple[int, int]]:
    return [
        (note.onset, note.pitch) for part in piece.sounding_parts() if part.role != Role.RHYTHM for note in part.notes
    ]


def list_midi_notes(file: MidiFile) -> list[list[tuple[int, int]]]:
    """The pitched tracks of a MIDI file, on our grid."""
    return [
        [(round(note.start * TICKS_PER_QUARTER), note.pitch) for note in track.notes]
        for track in file.tracks
        if track.notes and not track.is_drums
    ]


def list_midi_strokes(file: MidiFile) -> list[tuple[int, int]]:
    """Onset and key of every drum in a MIDI file, on our grid."""
    drums = [track for track in file.tracks if track.is_drums]
    return [(round(note.start * TICKS_PER_QUARTER), note.pitch) for track in drums for note in track.notes]


def list_musicxml_notes(score: XmlScore) -> list[list[tuple[int, int]]]:
    return [_list_notes(part.notes) for part in score.parts if part.notes]


def _list_notes(notes: Sequence[Note]) -> list[tuple[int, int]]:
    return [(note.onset, note.pitch) for note in notes]
