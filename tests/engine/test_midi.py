"""MIDI files: written reproducibly, read within bounds."""

import struct
from dataclasses import replace

import pytest

from generator.engine.errors import CorpusError
from generator.engine.midi import read_midi, write_midi
from generator.engine.plan import Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part


def make_piece(*parts: Part, key: Key | None = None, metre: Metre | None = None) -> Piece:
    metre = metre or Metre(4, 4)
    plan = Plan(
        style="classical",
        mood="",
        key=key or Key(tonic=0, mode=Mode.MAJOR),
        metre=metre,
        tempo=120.0,
        length=metre.bar_ticks,
        sections=(Section(name="A", start_bar=0, bars=1, energy=0.5),),
        chords=(None, None),
        energies=(0.5,),
    )
    return Piece(plan=plan, parts=parts, title="Try")


PIANO = Part("piano", "harmony", (Note(0, 60, 24, 80), Note(24, 64, 24, 90)))
DRUMS = Part("drums", "rhythm", (Note(0, 36, 6, 100), Note(24, 38, 6, 110, micro=7)))


def test_one_note_is_written_as_the_standard_says():
    data = write_midi(make_piece(Part("violin", "lead", (Note(0, 69, 24, 80),))))
    header = b"MThd" + struct.pack(">IHHH", 6, 1, 2, 480)
    conductor = bytes.fromhex(
        "00ff0303547279" + "00ff510307a120" + "00ff580404021808" + "00ff59020000" + "00ff060141" + "8f00ff2f00"
    )
    part = bytes.fromhex("00ff030656696f6c696e" + "00c028" + "00904550" + "8360804500" + "00ff2f00")
    chunks = [b"MTrk" + struct.pack(">I", len(body)) + body for body in (conductor, part)]
    assert data == header + b"".join(chunks)


def test_sections_are_markers_where_they_begin():
    piece = make_piece(PIANO)
    sections = (Section("intro", 0, 1, 0.5), Section("A", 1, 2, 0.5))
    data = write_midi(replace(piece, plan=replace(piece.plan, length=3 * 96, sections=sections)))
    assert bytes.fromhex("00ff0605") + b"intro" + bytes.fromhex("8f00ff060141") in data


def test_copyright_notice_is_written_as_the_standard_says():
    assert bytes.fromhex("00ff0205") + b"OT26-" in write_midi(make_piece(PIANO), notice="OT26-")


@pytest.mark.parametrize(
    ("tonic", "mode", "sign"), [(3, Mode.MINOR, "fa"), (6, Mode.MAJOR, "06"), (8, Mode.MINOR, "05")]
)
def test_key_signature_is_that_of_the_score(tonic: int, mode: Mode, sign: str):
    """E flat minor has six flats, as its name and its score say, not the six sharps of D sharp."""
    key = Key(tonic=tonic, mode=mode)
    assert bytes.fromhex("00ff5902" + sign + ("01" if mode is Mode.MINOR else "00")) in write_midi(make_piece(key=key))


def test_the_same_piece_gives_the_same_bytes():
    assert write_midi(make_piece(PIANO, DRUMS)) == write_midi(make_piece(PIANO, DRUMS))


def test_what_is_written_reads_back_in_the_sounding_key():
    written = write_midi(make_piece(PIANO, DRUMS, key=Key(tonic=2, mode=Mode.MAJOR), metre=Metre(3, 4)))
    file = read_midi(written)
    piano, drums = [track for track in file.tracks if track.notes]
    assert [(note.start, note.duration, note.pitch, note.velocity) for note in piano.notes] == [
        (0.0, 1.0, 62, 80),
        (1.0, 1.0, 66, 90),
    ]
    assert (piano.name, piano.program, piano.is_drums) == ("Piano", 0, False)
    assert file.tempos == ((0.0, 120.0),)
    assert file.metres == ((0.0, 3, 4),)
    assert file.fifths == ((0.0, 2),)
    assert drums.is_drums
    assert [(note.start, note.pitch) for note in drums.notes] == [(0.0, 36), (1.0 + 7 / 480, 38)]


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (Key(tonic=9, mode=Mode.MINOR), (0, 1)),
        (Key(tonic=10, mode=Mode.MAJOR), (-2, 0)),
        (Key(tonic=6, mode=Mode.MAJOR), (6, 0)),
        (Key(tonic=1, mode=Mode.MAJOR), (-5, 0)),
        (Key(tonic=6, mode=Mode.MINOR), (3, 1)),
    ],
)
def test_key_signature_counts_sharps_and_flats(key: Key, signature: tuple[int, int]):
    assert b"\xff\x59\x02" + struct.pack(">bB", *signature) in write_midi(make_piece(PIANO, key=key))


def test_parts_can_be_written_alone():
    file = read_midi(write_midi(make_piece(PIANO, DRUMS), parts=[PIANO]))
    assert [track.name for track in file.tracks if track.notes] == ["Piano"]


def test_an_early_stroke_never_starts_before_the_piece():
    early = Part("drums", "rhythm", (Note(0, 36, 6, 100, micro=-9),))
    assert read_midi(write_midi(make_piece(early))).tracks[-1].notes[0].start == 0.0


def test_repeated_notes_end_before_they_start_again():
    repeated = Part("violin", "lead", (Note(0, 69, 24, 80), Note(24, 69, 24, 80)))
    notes = read_midi(write_midi(make_piece(repeated))).tracks[-1].notes
    assert [(note.start, note.duration) for note in notes] == [(0.0, 1.0), (1.0, 1.0)]


def track_bytes(body: bytes) -> bytes:
    chunk = b"MTrk" + struct.pack(">I", len(body)) + body
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + chunk


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF....", "MThd"),
        (b"", "MThd"),
        (b"MThd" + bytes(9_000_000), "at most"),
        (track_bytes(bytes.fromhex("00ff2f00")), "no notes"),
        (track_bytes(bytes.fromhex("00904550" + "ffffff7f804500" + "00ff2f00")), "above"),
    ],
    ids=["another format", "empty file", "too large", "no notes", "a note of a week"],
)
def test_hostile_files_are_refused_with_the_reason(data: bytes, reason: str):
    with pytest.raises(CorpusError, match=reason):
        read_midi(data)


def test_every_truncation_is_either_refused_or_read():
    data = write_midi(make_piece(PIANO, DRUMS))
    outcomes = set()
    for cut in range(len(data)):
        try:
            outcomes.add(len(read_midi(data[:cut]).tracks) > 0)
        except CorpusError:
            outcomes.add(False)
    assert outcomes == {True, False}
