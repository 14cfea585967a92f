"""Guitar pieces: MIDI files that LilyPond wrote, one voice or staff a track."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from generator.engine.corpora.phase import find_pickup
from generator.engine.corpora.source import SourceBar, SourceScore, SourceVoice
from generator.engine.errors import CorpusError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.midi import MidiFile, MidiTrack, read_midi
from generator.engine.plan import Metre, Role
from generator.engine.score import TICKS_PER_QUARTER, Note

_PROGRAMS = {0, *range(24, 32)}
"""Guitars, and piano for files that name no instrument; singers, flutes and violins beside them are left out."""
_LOWER_PLAYER = re.compile(r"^(dn|down|lower)", re.IGNORECASE)


def read_guitar(data: bytes, *, path: str) -> SourceScore:
    """A guitar piece: the whole texture is the lead; of a duo, the second player is the harmony."""
    file = read_midi(data)
    tracks = [track for track in file.tracks if track.notes and track.program in _PROGRAMS and not track.is_drums]
    if not tracks:
        raise CorpusError("No guitar among the tracks.")
    second = [track for track in tracks if "duo" in path and _LOWER_PLAYER.match(track.name.split(":")[0])]
    first = [track for track in tracks if track not in second]
    players = [(Role.LEAD, first), (Role.HARMONY, second)] if first and second else [(Role.LEAD, tracks)]
    voices = [
        SourceVoice(instrument="guitar", role=role, notes=_fit_range(_to_notes(chosen))) for role, chosen in players
    ]
    return SourceScore(
        title=PurePosixPath(path).stem,
        style="guitar",
        voices=tuple(voices),
        bars=lay_bars(file, notes=[note for voice in voices for note in voice.notes]),
        tempos=tuple((round(start * TICKS_PER_QUARTER), tempo) for start, tempo in file.tempos),
    )


def _to_notes(tracks: Sequence[MidiTrack]) -> list[Note]:
    """Notes on the grid; those shorter than half a tick were grace notes and are dropped."""
    return [
        Note(
            onset=round(note.start * TICKS_PER_QUARTER),
            pitch=note.pitch,
            duration=max(round(note.duration * TICKS_PER_QUARTER), 1),
            velocity=min(max(note.velocity, 1), 127),
        )
        for track in tracks
        for note in track.notes
        if note.duration * TICKS_PER_QUARTER >= 0.5
    ]


def _fit_range(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Guitar music is written an octave above its sound: where the file kept the written pitch, put it down."""
    guitar = INSTRUMENTS["guitar"]
    pitches = [note.pitch for note in notes]
    written = min(pitches) >= guitar.lowest + 12 and max(pitches) > guitar.highest - 4
    return tuple(replace(note, pitch=note.pitch - 12 * written) for note in sorted(notes))


def lay_bars(file: MidiFile, *, notes: Sequence[Note]) -> tuple[SourceBar, ...]:
    """Bars from the file's metres and key signatures; the pickup, which the file does not tell, from the notes."""
    end = max(note.onset + note.duration for note in notes)
    metres = [(round(start * TICKS_PER_QUARTER), (top, bottom)) for start, top, bottom in file.metres]
    metres = metres or [(0, (4, 4))]
    bars: list[SourceBar] = []
    for index, (start, metre) in enumerate(metres):
        stop = metres[index + 1][0] if index + 1 < len(metres) else end
        inside = [replace(note, onset=note.onset - start) for note in notes if start <= note.onset < stop]
        full = TICKS_PER_QUARTER * 4 * metre[0] // metre[1]
        pickup = find_pickup(inside, metre=Metre(*metre)) if inside else 0
        at = start
        while at < stop:
            length = min(pickup if at == start and pickup else full, stop - at)
            fifths = _find_fifths(file, tick=at)
            bars.append(SourceBar(start=at, length=length, metre=metre, fifths=fifths))
            at += length
    return tuple(bars)


def _find_fifths(file: MidiFile, *, tick: int) -> int | None:
    found = [fifths for start, fifths in file.fifths if round(start * TICKS_PER_QUARTER) <= tick]
    return found[-1] if found else None
