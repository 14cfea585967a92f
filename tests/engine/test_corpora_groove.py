"""Drum performances: a place on the grid for every stroke, and how far from it the drummer was."""

import pytest

from generator.engine.corpora.groove import quantise_strokes, read_groove
from generator.engine.errors import CorpusError
from generator.engine.midi import MidiNote, write_midi
from generator.engine.plan import Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part

NAME = "groove/drummer1/session1/1_funk-groove1_138_beat_4-4.mid"


def stroke(ticks: float, *, key: int = 42, velocity: int = 80) -> MidiNote:
    return MidiNote(start=ticks / 24, duration=0.1, pitch=key, velocity=velocity)


def grid(*ticks: float) -> list[tuple[int, int]]:
    return [(note.onset, note.micro) for note in quantise_strokes([stroke(tick) for tick in ticks])]


def test_straight_strokes_fall_on_sixteenths_and_keep_their_drift():
    assert grid(0, 6.5, 11.75, 18.25) == [(0, 0), (6, 10), (12, -5), (18, 5)]


def test_swung_strokes_fall_on_triplets():
    assert grid(0.0, 16.2, 24.0, 40.1) == [(0, 0), (16, 4), (24, 0), (40, 2)]


def test_true_thirty_seconds_are_kept_apart():
    assert grid(0, 3, 6, 9, 12, 15, 18, 21) == [(tick, 0) for tick in (0, 3, 6, 9, 12, 15, 18, 21)]


def test_a_stroke_just_before_the_beat_belongs_to_it():
    assert grid(22.5, 48.0) == [(24, -30), (48, 0)]


def test_a_stroke_before_the_piece_starts_it():
    assert grid(-0.5, 24) == [(0, -10), (24, 0)]


def test_of_two_strokes_on_one_place_the_louder_stays():
    struck = quantise_strokes([stroke(0.0, velocity=30), stroke(0.5, velocity=90)])
    assert struck == (Note(0, 42, 6, 90, 10),)


def test_the_kit_is_folded_into_nine_drums():
    keys = [22, 26, 36, 37, 38, 40, 43, 45, 47, 48, 50, 51, 53, 55, 57, 58, 59]
    strokes = quantise_strokes([stroke(24 * index, key=key) for index, key in enumerate(keys)])
    assert {note.pitch for note in strokes} == {36, 38, 42, 43, 45, 46, 48, 49, 51}


def write_drums(*notes: Note) -> bytes:
    plan = Plan(
        style="funk",
        mood="",
        key=Key(tonic=0, mode=Mode.MAJOR),
        metre=Metre(4, 4),
        tempo=120.0,
        length=96,
        sections=(Section(name="A", start_bar=0, bars=1, energy=0.5),),
        chords=(None, None),
        energies=(0.5,),
    )
    return write_midi(Piece(plan=plan, parts=(Part("drums", "rhythm", notes),)))


def test_the_file_name_tells_style_tempo_and_metre():
    score = read_groove(write_drums(Note(0, 36, 6, 100), Note(132, 38, 6, 90, micro=-7)), path=NAME)
    assert (score.style, score.tempos, len(score.bars), score.bars[0].metre) == ("funk", ((0, 138.0),), 2, (4, 4))
    assert score.voices[0].notes == (Note(0, 36, 6, 100), Note(132, 38, 6, 90, -7))


def test_an_unnamed_or_drumless_file_is_refused():
    with pytest.raises(CorpusError, match="does not tell style, tempo and metre"):
        read_groove(write_drums(Note(0, 36, 6)), path="groove/beat.mid")
    with pytest.raises(CorpusError, match="No strokes"):
        read_groove(write_drums(Note(0, 80, 6)), path=NAME)
