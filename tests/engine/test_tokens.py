import pytest

from generator.engine.score import Note
from generator.engine.tokens.events import decode_rows, encode_notes, single_line, snap_notes
from generator.engine.tokens.vocabulary import DURATIONS, END, SHIFT, SIZES, START, START_ROW, snap_onset

NONE = (88, 76, 16, 17)


def test_a_chord_and_a_note_are_written_as_stated() -> None:
    rows, ticks = encode_notes([Note(0, 60, 24, 80), Note(0, 64, 24, 80), Note(36, 67, 12, 100)])
    assert rows.tolist() == [
        list(START_ROW),
        [0, 39, 23, 10, 8],
        [0, 43, 23, 10, 8],
        [36, 46, 11, 12, 8],
        [END, *NONE],
    ]
    assert ticks.tolist() == [0, 0, 0, 36, 36]


def test_a_long_rest_is_a_chain_of_shifts() -> None:
    rows, ticks = encode_notes([Note(480, 60, 12)])
    assert rows[:, 0].tolist() == [START, SHIFT, SHIFT, 96, END]
    assert ticks.tolist() == [0, 192, 384, 480, 480]


def test_a_rest_of_exactly_two_bars_needs_no_shift() -> None:
    rows, _ = encode_notes([Note(192, 60, 12)])
    assert rows[:, 0].tolist() == [START, 192, END]


def test_an_empty_part_is_start_and_end() -> None:
    rows, ticks = encode_notes([])
    assert rows[:, 0].tolist() == [START, END]
    assert decode_rows(rows) == []
    assert ticks.tolist() == [0, 0]


@pytest.mark.parametrize(
    "notes",
    [
        [Note(0, 60, 24, 84), Note(24, 60, 24, 84), Note(48, 60, 24, 84)],
        [Note(96, 21, 1, 4), Note(96, 108, 384, 124), Note(1000 - 1000 % 24, 60, 96, 44)],
        [Note(0, 60, 8, 84), Note(8, 62, 8, 84), Note(16, 64, 8, 84), Note(24, 65, 3, 84), Note(27, 67, 21, 84)],
    ],
    ids=["repeated pitch", "extremes after rests", "triplets and 32nds"],
)
def test_what_the_vocabulary_holds_comes_back_exactly(notes: list[Note]) -> None:
    rows, _ = encode_notes(notes)
    assert decode_rows(rows) == notes


def test_a_drum_keeps_its_timing_beside_the_grid() -> None:
    rows, _ = encode_notes([Note(0, 36, 6, 100, -20), Note(13, 38, 2, 60, 0)], drums=True)
    assert decode_rows(rows) == [Note(0, 36, 6, 100, -20), Note(12, 38, 6, 60, 20)]


def test_onsets_snap_to_the_nearest_place_of_the_grid() -> None:
    assert [snap_onset(tick) for tick in (0, 1, 2, 5, 7, 11, 14, 23, 47)] == [0, 0, 3, 4, 6, 12, 15, 24, 48]


def test_every_length_of_the_vocabulary_is_written_once() -> None:
    assert len(set(DURATIONS)) == len(DURATIONS) == SIZES["duration"]
    assert list(DURATIONS) == sorted(DURATIONS)


def test_a_pitch_outside_the_vocabulary_is_left_out() -> None:
    assert snap_notes([Note(0, 20, 12), Note(0, 109, 12), Note(0, 60, 12)]) == [Note(0, 60, 12)]


def test_one_voice_plays_the_top_line_and_never_overlaps_itself() -> None:
    notes = [Note(0, 60, 48), Note(0, 67, 48), Note(24, 65, 24), Note(48, 64, 24)]
    assert single_line(notes) == [Note(0, 67, 24), Note(24, 65, 24), Note(48, 64, 24)]
