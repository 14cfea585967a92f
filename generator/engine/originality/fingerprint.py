"""The fingerprint of a piece: an exact digest of its canonical form, and the melodies by which likenesses are found."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import gcd

from generator.engine.corpora.musicxml import read_musicxml
from generator.engine.errors import EngineError
from generator.engine.midi import read_midi
from generator.engine.originality.grams import Gram, list_grams, make_sketch
from generator.engine.originality.lines import (
    Line,
    list_midi_notes,
    list_midi_strokes,
    list_musicxml_notes,
    list_piece_lines,
    list_pitched_notes,
    take_line,
)
from generator.engine.originality.strokes import take_drum_line
from generator.engine.plan import Piece

MOST_LINES = 12


class FingerprintError(EngineError):
    """A stored fingerprint, or a file, that holds no music that could be compared."""

    code = "no_fingerprint"


@dataclass(frozen=True)
class Fingerprint:
    digest: str
    """SHA-256 of the canonical form. Equal: the same music, whatever key, tempo, octave, sound or file format."""
    lines: tuple[Line, ...]

    @cached_property
    def grams(self) -> tuple[frozenset[Gram], ...]:
        """Of each line."""
        return tuple(list_grams(line) for line in self.lines)

    @property
    def sketch(self) -> tuple[Gram, ...]:
        """What the index holds of it, and what it is looked up by."""
        return tuple(sorted({gram for grams in self.grams for gram in make_sketch(grams)}))


def make_fingerprint(piece: Piece) -> Fingerprint:
    """Drums count for a piece that is nothing else; beside pitched parts they are sound."""
    notes = list_pitched_notes(piece)
    if notes:
        return Fingerprint(digest=_digest_notes(notes), lines=list_piece_lines(piece))
    return _make_of_strokes((note.onset, note.pitch) for part in piece.parts for note in part.notes)


def _make_of_strokes(strokes: Iterable[tuple[int, int]]) -> Fingerprint:
    distinct = set(strokes)
    return Fingerprint(digest=_digest_strokes(distinct), lines=(take_drum_line(distinct),) if distinct else ())


def read_fingerprint(data: bytes) -> Fingerprint:
    """Of a MIDI or MusicXML file, each part a line of its own. Anything else, damaged or empty: EngineError."""
    midi = read_midi(data) if data[:4] == b"MThd" else None
    parts = list_midi_notes(midi) if midi else list_musicxml_notes(read_musicxml(data))
    notes = [note for part in parts for note in part]
    if not notes and midi:
        return _make_of_strokes(list_midi_strokes(midi))
    if not notes:
        raise FingerprintError("The file has no pitched notes that could be compared.")
    longest = sorted((take_line(part) for part in parts), key=len, reverse=True)
    return Fingerprint(digest=_digest_notes(notes), lines=tuple(longest[:MOST_LINES]))


def pack_lines(lines: Iterable[Line]) -> bytes:
    """Lines for the database: per line the count, then onset steps and pitches, all compressed."""
    out = bytearray()
    for line in lines:
        out += struct.pack(">H", len(line))
        before = 0
        for onset, pitch in line:
            out += struct.pack(">IB", onset - before, pitch)
            before = onset
    return zlib.compress(bytes(out), 6)


def unpack_lines(packed: bytes) -> tuple[Line, ...]:
    data, place, lines = zlib.decompress(packed), 0, []
    while place < len(data):
        (count,) = struct.unpack_from(">H", data, place)
        place += 2
        onset, line = 0, []
        for step, pitch in struct.iter_unpack(">IB", data[place : place + 5 * count]):
            onset += step
            line.append((onset, pitch))
        lines.append(tuple(line))
        place += 5 * count
    return tuple(lines)


def _digest_notes(notes: Iterable[tuple[int, int]]) -> str:
    """Onsets from the first note on, divided by what divides all of them; pitches from the lowest one on."""
    distinct = sorted(set(notes))
    first, lowest = distinct[0][0], min(pitch for _, pitch in distinct)
    unit = gcd(*(onset - first for onset, _ in distinct)) or 1
    canonical = ";".join(f"{(onset - first) // unit},{pitch - lowest}" for onset, pitch in distinct)
    return sha256(b"notes:" + canonical.encode()).hexdigest()


def _digest_strokes(strokes: Iterable[tuple[int, int]]) -> str:
    """A drum's key is its sound, and stays."""
    distinct = sorted(set(strokes))
    first = distinct[0][0] if distinct else 0
    unit = gcd(*(onset - first for onset, _ in distinct)) or 1
    canonical = ";".join(f"{(onset - first) // unit},{key}" for onset, key in distinct)
    return sha256(b"strokes:" + canonical.encode()).hexdigest()
