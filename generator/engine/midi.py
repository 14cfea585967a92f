"""Standard MIDI files: written by hand, so that one piece gives the same bytes; read through symusic, within bounds."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.engine.errors import CorpusError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Mode, Piece, Plan
from generator.engine.score import MICRO_PER_TICK, TICKS_PER_QUARTER, Part
from generator.engine.sounds import voice_instrument

MIDI_TICKS_PER_QUARTER = TICKS_PER_QUARTER * MICRO_PER_TICK
"""480: a tick is 20 MIDI ticks and a micro-offset one."""

MAXIMUM_BYTES = 8_000_000
MAXIMUM_NOTES = 100_000
MAXIMUM_QUARTERS = 20_000
"""Bounds on what is read: no piece of music in any corpus comes near them."""

_DRUM_CHANNEL = 9
_Event = tuple[int, int, bytes]
"""MIDI tick, rank among the events of one tick (offs before ons), message."""


@dataclass(frozen=True, slots=True)
class MidiNote:
    start: float
    """Quarters from the start of the file."""
    duration: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class MidiTrack:
    name: str
    program: int
    is_drums: bool
    notes: tuple[MidiNote, ...]


@dataclass(frozen=True, slots=True)
class MidiFile:
    """What a MIDI file says, in quarters; each signature and tempo with the quarter at which it begins."""

    tracks: tuple[MidiTrack, ...]
    tempos: tuple[tuple[float, float], ...]
    metres: tuple[tuple[float, int, int], ...]
    fifths: tuple[tuple[float, int], ...]


def read_midi(data: bytes) -> MidiFile:
    """Read a MIDI file. Too large, damaged, endless or empty: a CorpusError that says which."""
    import symusic  # a native library that only readers need

    if len(data) > MAXIMUM_BYTES:
        raise CorpusError(f"MIDI of {len(data)} bytes: at most {MAXIMUM_BYTES} are read.")
    if data[:4] != b"MThd":
        raise CorpusError("Not a MIDI file: it does not begin with MThd.")
    try:
        score: Any = symusic.Score.from_midi(data, ttype="tick")
    except Exception as error:  # the binding raises what its C++ side happens to throw
        raise CorpusError(f"Damaged MIDI file: {error}") from error
    unit = float(score.tpq)
    if unit < 1:
        raise CorpusError("Damaged MIDI file: no ticks per quarter.")
    if score.end() / unit > MAXIMUM_QUARTERS or score.note_num() > MAXIMUM_NOTES:
        limits = f"{MAXIMUM_QUARTERS} quarters and {MAXIMUM_NOTES} notes"
        raise CorpusError(f"MIDI of {score.end() / unit:.0f} quarters and {score.note_num()} notes: above {limits}.")
    tracks = tuple(
        MidiTrack(
            name=track.name,
            program=track.program,
            is_drums=track.is_drum,
            notes=tuple(
                MidiNote(
                    start=note.time / unit, duration=note.duration / unit, pitch=note.pitch, velocity=note.velocity
                )
                for note in track.notes
            ),
        )
        for track in score.tracks
    )
    if not any(track.notes for track in tracks):
        raise CorpusError("The MIDI file has no notes.")
    return MidiFile(
        tracks=tracks,
        tempos=tuple((tempo.time / unit, tempo.qpm) for tempo in score.tempos),
        metres=tuple((metre.time / unit, metre.numerator, metre.denominator) for metre in score.time_signatures),
        fifths=tuple((key.time / unit, key.key) for key in score.key_signatures),
    )


def write_midi(piece: Piece, *, parts: Sequence[Part] | None = None, notice: str = "") -> bytes:
    """A format 1 file at 480 ticks per quarter in the sounding key: a conductor track, then one track per part.

    `parts` (key-normalised, like the piece's own) writes these alone; `notice` is the copyright notice. Drums play the
    kit of their program on channel 10. The same piece gives the same bytes.
    """
    chosen = piece if parts is None else Piece(plan=piece.plan, parts=tuple(parts), title=piece.title)
    tracks = [_write_conductor(piece.plan, title=piece.title, notice=notice)]
    channels = iter(channel for channel in range(1024) if channel % 16 != _DRUM_CHANNEL)
    for part in chosen.sounding_parts():
        drums = INSTRUMENTS[part.instrument].is_drums
        tracks.append(_write_part(part, channel=_DRUM_CHANNEL if drums else next(channels) % 16))
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), MIDI_TICKS_PER_QUARTER)
    return header + b"".join(tracks)


def _write_conductor(plan: Plan, *, title: str, notice: str) -> bytes:
    tempo = round(60_000_000 / plan.tempo)
    denominator_power = plan.metre.denominator.bit_length() - 1
    minor = plan.key.mode is Mode.MINOR
    events: list[_Event] = [
        (0, 0, _write_meta(0x03, title.encode())),
        *([(0, 0, _write_meta(0x02, notice.encode()))] if notice else []),
        (0, 0, _write_meta(0x51, tempo.to_bytes(3, "big"))),
        (0, 0, _write_meta(0x58, bytes((plan.metre.numerator, denominator_power, 24, 8)))),
        (0, 0, _write_meta(0x59, struct.pack(">bB", plan.key.fifths, minor))),
        *_list_markers(plan),
    ]
    return _write_track(events, end=plan.length * MICRO_PER_TICK)


def _list_markers(plan: Plan) -> list[_Event]:
    """The name of each section where it begins: an edit suite shows them on its timeline."""
    bar = plan.metre.bar_ticks * MICRO_PER_TICK
    return [(section.start_bar * bar, 0, _write_meta(0x06, section.name.encode())) for section in plan.sections]


def _write_part(part: Part, *, channel: int) -> bytes:
    instrument = voice_instrument(part.instrument, part.sound)
    events: list[_Event] = [
        (0, 0, _write_meta(0x03, instrument.name.encode())),
        (0, 0, bytes((0xC0 | channel, instrument.program))),
    ]
    for note in part.notes:
        start = max(note.onset * MICRO_PER_TICK + note.micro, 0)
        stop = max(note.end * MICRO_PER_TICK, start + 1)
        events.append((start, 2, bytes((0x90 | channel, note.pitch, note.velocity))))
        events.append((stop, 1, bytes((0x80 | channel, note.pitch, 0))))
    return _write_track(events, end=max(event[0] for event in events))


def _write_track(events: Iterable[_Event], *, end: int) -> bytes:
    body = bytearray()
    last = 0
    for tick, _rank, message in sorted(events, key=lambda event: event[:2]):
        body += _write_length(tick - last) + message
        last = tick
    body += _write_length(max(end - last, 0)) + _write_meta(0x2F, b"")
    return struct.pack(">4sI", b"MTrk", len(body)) + bytes(body)


def _write_meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _write_length(len(data)) + data


def _write_length(value: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the last without its top bit."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
