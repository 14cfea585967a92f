"""A fingerprint hears the music, and neither its key, tempo, octave, sound nor file format."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.engine.errors import EngineError
from generator.engine.midi import write_midi
from generator.engine.originality.fingerprint import (
    Fingerprint,
    make_fingerprint,
    pack_lines,
    read_fingerprint,
    unpack_lines,
)
from generator.engine.originality.grams import list_grams
from generator.engine.originality.labelled import VARIATIONS, draw_melody, make_pairs
from generator.engine.originality.likeness import TOO_CLOSE, compare
from generator.engine.originality.strokes import DRUMS
from generator.engine.plan import Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part
from tests.engine.sheet import attributes, note


def make_piece(line, *, instrument: str = "violin", role: str = "lead", tonic: int = 0, tempo: float = 96.0) -> Piece:
    plan = Plan(
        style="pop",
        mood="calm",
        key=Key(tonic=tonic, mode=Mode.MAJOR),
        metre=Metre(4, 4),
        tempo=tempo,
        length=line[-1][0] + 96,
        sections=(Section("A", 0, 1, 0.5),),
        chords=(),
        energies=(),
    )
    melody = Part(instrument, role, tuple(Note(onset, pitch, 12) for onset, pitch in line))
    return Piece(plan=plan, parts=(melody,), title="Try")


def shape(line, *, shift: int = 0, factor: int = 1):
    return tuple((onset * factor, pitch + shift) for onset, pitch in line)


MELODY = draw_melody(1)
STROKES = Part("drums", "rhythm", (Note(0, 36, 6), Note(24, 38, 6)))


@pytest.mark.parametrize(
    "other",
    [
        make_piece(MELODY, tonic=3),
        make_piece(MELODY, tempo=140.0),
        make_piece(shape(MELODY, shift=-12)),
        make_piece(shape(MELODY, factor=2)),
        make_piece(MELODY, instrument="flute"),
        make_piece(MELODY, instrument="piano", role="harmony"),
        replace(make_piece(MELODY), title="Another"),
        replace(make_piece(MELODY), parts=(*make_piece(MELODY).parts, STROKES)),
    ],
    ids=["key", "tempo", "octave", "stretched", "instrument", "role", "title", "drums beside"],
)
def test_same_music_in_another_dress_has_the_same_digest(other: Piece) -> None:
    assert make_fingerprint(other).digest == make_fingerprint(make_piece(MELODY)).digest


def test_one_note_more_or_moved_or_another_interval_is_other_music() -> None:
    moved = (*MELODY[:-1], (MELODY[-1][0] + 1, MELODY[-1][1]))
    higher = (*MELODY[:-1], (MELODY[-1][0], MELODY[-1][1] + 1))
    digests = {make_fingerprint(make_piece(line)).digest for line in (MELODY, MELODY[:-1], moved, higher)}
    assert len(digests) == 4


def test_midi_of_a_piece_has_its_fingerprint_in_whatever_key_it_sounds() -> None:
    piece = make_piece(MELODY, tonic=5)
    assert read_fingerprint(write_midi(piece)).digest == make_fingerprint(make_piece(MELODY)).digest
    assert compare(read_fingerprint(write_midi(piece)), make_fingerprint(piece)).share == 1.0


def test_musicxml_and_midi_of_the_same_notes_are_the_same_music() -> None:
    sheet = attributes() + "".join(note(name, 1) for name in ("C4", "E4", "G4", "A4"))
    xml = (
        '<score-partwise><part-list><score-part id="P1"><part-name>Voice</part-name></score-part></part-list>'
        f'<part id="P1"><measure number="1">{sheet}</measure></part></score-partwise>'
    )
    line = tuple((24 * index, pitch) for index, pitch in enumerate((60, 64, 67, 69)))
    assert read_fingerprint(xml.encode()).digest == make_fingerprint(make_piece(line)).digest


def test_drums_alone_are_compared_by_their_own_strokes() -> None:
    alone = replace(make_piece(MELODY), parts=(STROKES,))
    other = replace(alone, parts=(Part("drums", "rhythm", (Note(0, 35, 6), Note(24, 38, 6))),))
    assert make_fingerprint(alone).lines == (((0, DRUMS | 1), (24, DRUMS | 2)),)
    assert make_fingerprint(alone).digest != make_fingerprint(other).digest


@pytest.mark.parametrize(
    "data", [b"", b"RIFF" + bytes(100), b"MThd", b"MThd\0\0\0\x06" + b"\xff" * 6, b"PK\x03\x04", b"<a/>",
             b"%PDF-1.7", b'<!DOCTYPE a [<!ENTITY b "c">]><score-partwise/>', bytes(range(256)) * 40],
)  # fmt: skip
def test_file_that_holds_no_score_is_refused(data: bytes) -> None:
    with pytest.raises(EngineError):
        read_fingerprint(data)


@pytest.mark.parametrize("kind", VARIATIONS)
def test_variant_is_too_close(kind: str) -> None:
    for seed in range(20):
        line = draw_melody(seed)
        pair = [Fingerprint(digest=name, lines=(each,)) for name, each in
                (("a", line), ("b", VARIATIONS[kind](line, Random(seed))))]  # fmt: skip
        assert compare(*pair).is_too_close, (kind, seed)


def test_strangers_are_not_close_even_in_the_same_rhythm() -> None:
    shares = []
    for pair in make_pairs([draw_melody(seed) for seed in range(100)], seed=1):
        if not pair.is_same:
            pieces = [Fingerprint(digest=name, lines=(line,)) for name, line in (("a", pair.first), ("b", pair.second))]
            shares.append(compare(*pieces).share)
    assert len(shares) == 200
    assert max(shares) < TOO_CLOSE / 2


def test_what_belongs_to_everybody_makes_no_gram() -> None:
    repeated = tuple((12 * i * i, 60) for i in range(20))
    scale = tuple((12 * i, pitch) for i, pitch in enumerate((60, 62, 64, 65, 67, 69, 71, 72, 74, 76)))
    assert list_grams(repeated) == frozenset()
    assert list_grams(scale) == frozenset()
    assert list_grams(()) == frozenset()


def test_few_notes_in_common_say_nothing() -> None:
    short = Fingerprint(digest="a", lines=(MELODY[:7],))
    assert compare(short, Fingerprint(digest="b", lines=(MELODY[:7],))).share == 0.0


LINES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 127)), max_size=50).map(
    lambda notes: tuple(sorted(dict(notes).items()))
)


@given(st.lists(LINES, max_size=4).map(tuple))
def test_stored_lines_come_back_as_they_were(lines) -> None:
    assert unpack_lines(pack_lines(lines)) == lines
