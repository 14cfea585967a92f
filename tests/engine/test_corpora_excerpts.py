"""Cutting and aligning: bars fall on a regular grid, keys are normalised, nothing irregular slips in."""

import pytest

from generator.engine.corpora.excerpts import (
    DEFAULT_TEMPO,
    cut_excerpts,
    cut_pieces,
    drop_doubles,
    find_tempo,
    join_split_bars,
)
from generator.engine.corpora.source import SourceBar, SourceScore, SourceVoice
from generator.engine.plan import Key, Metre, Mode
from generator.engine.score import Note


def lay_bars(*lengths: int, metre: tuple[int, int] = (4, 4), fifths: int = 0, start: int = 0) -> list[SourceBar]:
    bars = []
    for length in lengths:
        bars.append(SourceBar(start=start, length=length, metre=metre, fifths=fifths))
        start += length
    return bars


def make_score(bars: list[SourceBar], *notes: Note) -> SourceScore:
    voice = SourceVoice(instrument="violin", role="lead", notes=notes)
    return SourceScore(title="Try", style="classical", voices=(voice,), bars=tuple(bars), tempos=((0, 90.0),))


def whole_notes(*pitches: int, start: int = 0) -> list[Note]:
    return [Note(onset=start + 96 * index, pitch=pitch, duration=96) for index, pitch in enumerate(pitches)]


def test_an_excerpt_ends_where_metre_or_signature_change():
    waltz = lay_bars(*[72] * 5, metre=(3, 4), start=384)
    flats = lay_bars(*[96] * 4, fifths=-3, start=744)
    cut = cut_excerpts(lay_bars(*[96] * 4) + waltz + flats)
    assert [(str(each.metre), each.fifths, len(each.bars)) for each in cut] == [
        ("4/4", 0, 4),
        ("3/4", 0, 5),
        ("4/4", -3, 4),
    ]


def test_fewer_than_four_bars_are_dropped():
    assert cut_excerpts(lay_bars(96, 96, 96)) == []


def test_a_bar_that_overflows_its_metre_or_an_odd_metre_ends_the_excerpt():
    assert [len(each.bars) for each in cut_excerpts(lay_bars(96, 96, 96, 96, 120, 96, 96, 96, 96, 96))] == [4, 5]
    assert cut_excerpts(lay_bars(*[168] * 8, metre=(7, 4))) == []


def test_a_final_bar_line_separates_movements():
    first, second = lay_bars(*[96] * 4), lay_bars(*[96] * 4, start=384)
    closing = SourceBar(start=288, length=96, metre=(4, 4), fifths=0, closes=True)
    assert [len(each.bars) for each in cut_excerpts([*first[:3], closing, *second])] == [4, 4]


def test_halves_of_a_bar_around_a_repeat_sign_are_joined():
    assert [bar.length for bar in join_split_bars(lay_bars(96, 72, 24, 96))] == [96, 96, 96]


def test_a_pickup_is_set_against_its_bar_line():
    bars = lay_bars(24, 96, 96, 96, 96)
    piece = next(cut_pieces(make_score(bars, Note(0, 67, 24), *whole_notes(60, 64, 67, 60, start=24)), source="x"))
    assert [note.onset for note in piece.parts[0].notes] == [72, 96, 192, 288, 384]
    assert (piece.plan.bars, piece.plan.length) == (5, 480)


def test_a_short_bar_in_the_middle_is_filled_up_with_silence():
    piece = next(cut_pieces(make_score(lay_bars(96, 48, 96, 96, 96), *whole_notes(60), Note(144, 67, 96)), source="x"))
    assert [note.onset for note in piece.parts[0].notes] == [0, 192]


@pytest.mark.parametrize(
    ("written", "length", "read", "bars"),
    [
        ((2, 2), 96, "4/4", 4),
        ((6, 4), 144, "3/4", 8),
        ((4, 2), 192, "4/4", 8),
        ((4, 8), 48, "2/4", 4),
        ((6, 8), 72, "6/8", 4),
    ],
)
def test_written_metres_are_read_as_plain_ones(written: tuple[int, int], length: int, read: str, bars: int):
    piece = next(cut_pieces(make_score(lay_bars(*[length] * 4, metre=written), *whole_notes(60, 64)), source="x"))
    assert (piece.plan.metre, piece.plan.bars) == (Metre(*map(int, read.split("/"))), bars)


def test_notes_are_key_normalised_and_sound_again_as_written():
    written = whole_notes(62, 66, 69, 74, 73, 69, 66, 62)
    piece = next(cut_pieces(make_score(lay_bars(*[96] * 8, fifths=2), *written), source="groove/x"))
    assert piece.plan.key == Key(tonic=2, mode=Mode.MAJOR)
    assert [note.pitch for note in piece.parts[0].notes] == [60, 64, 67, 72, 71, 67, 64, 60]
    assert piece.sounding_parts()[0].notes == tuple(written)
    assert (piece.title, piece.source, piece.plan.tempo) == ("Try", "groove/x", 90.0)
    assert len(piece.plan.chords) == 16


def test_drums_are_not_transposed_and_keep_their_lengths():
    strokes = tuple(Note(onset=3 * index, pitch=38, duration=6) for index in range(16))
    voice = SourceVoice(instrument="drums", role="rhythm", notes=strokes)
    source = SourceScore(title="", style="rock", voices=(voice,), bars=tuple(lay_bars(*[96] * 4, fifths=2)))
    piece = next(cut_pieces(source, source="x"))
    assert piece.parts[0].notes == strokes
    assert set(piece.plan.chords) == {None}


def test_a_note_is_cut_where_its_excerpt_ends():
    piece = next(cut_pieces(make_score(lay_bars(*[96] * 4), Note(288, 60, 400)), source="x"))
    assert piece.parts[0].notes[0].end == 384


def test_bars_of_rests_alone_make_no_piece():
    assert list(cut_pieces(make_score(lay_bars(*[96] * 4)), source="x")) == []


def test_two_voices_on_one_pitch_are_one_note_and_repetitions_do_not_overlap():
    notes = [Note(0, 60, 24), Note(0, 60, 48), Note(24, 60, 24), Note(24, 64, 24)]
    assert sorted(drop_doubles(notes)) == [Note(0, 60, 24), Note(24, 60, 24), Note(24, 64, 24)]


def test_the_tempo_that_holds_longest_counts():
    marks = [(0, 60.0), (96, 120.0), (480, 40.0)]
    assert find_tempo(marks, start=0, stop=576) == 120.0
    assert find_tempo(marks, start=0, stop=100) == 60.0
    assert find_tempo(marks, start=500, stop=700) == 40.0
    assert find_tempo([], start=0, stop=96) == DEFAULT_TEMPO
    assert find_tempo([(0, 900.0)], start=0, stop=96) == 260.0
