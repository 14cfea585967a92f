"""Drum strokes in the score stand on a grid that can be read; what is played is not moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.engine.notation.bars import write_bars
from generator.engine.notation.quantising import quantise_strokes
from generator.engine.notation.staves import lay_out
from generator.engine.plan import Metre, Role
from generator.engine.score import Note, Part
from tests.engine.audio_pieces import make_plan

COMMON, JIG = Metre(4, 4), Metre(6, 8)
SNARE, KICK, HAT = 38, 36, 42


def places(*onsets: int, metre: Metre = COMMON, tempo: float = 96.0) -> list[int]:
    return [onset for onset, _ in quantise_strokes([(onset, SNARE) for onset in onsets], metre=metre, tempo=tempo)]


@pytest.mark.parametrize(
    ("played", "written"),
    [
        ((0, 12), (0, 12)),
        ((0, 6, 12, 18), (0, 6, 12, 18)),
        ((0, 8, 16), (0, 8, 16)),
        ((0, 16), (0, 16)),
        ((0, 8, 16, 20), (0, 8, 16, 20)),
        ((0, 3, 6, 9, 12, 15, 18, 21), (0, 3, 6, 9, 12, 15, 18, 21)),
        ((0, 13), (0, 12)),
        ((1, 7, 12, 17), (0, 6, 12, 18)),
        ((0, 12, 15, 20, 21), (0, 12, 16, 20)),
        ((0, 21), (0, 18)),
    ],
)
def test_a_beat_is_written_on_the_grid_that_is_easiest_to_read(played: tuple, written: tuple) -> None:
    assert places(*played) == list(written)


def test_hands_and_feet_of_a_beat_share_its_grid() -> None:
    strokes = [(0, HAT), (8, HAT), (16, HAT), (17, KICK)]
    assert quantise_strokes(strokes, metre=COMMON, tempo=96.0) == [(0, HAT), (8, HAT), (16, KICK), (16, HAT)]


def test_two_strokes_close_together_become_one_and_far_apart_stay_two() -> None:
    assert places(0, 1) == [0]
    assert len(places(0, 3, 6, 9)) == 4


@pytest.mark.parametrize("metre", [COMMON, JIG])
def test_a_roll_is_written_in_32nds_only_where_they_can_be_read(metre: Metre) -> None:
    """At 168 a 32nd lasts 45 ms, and a 16th of a triplet 60: drummers read 16ths there."""
    roll = tuple(range(0, metre.beat_ticks, 3))
    assert places(*roll, metre=metre) == list(roll)
    assert places(*roll, metre=metre, tempo=168.0) == list(range(0, metre.beat_ticks, 6))
    assert places(0, 8, 16, 20, tempo=168.0) == [0, 6, 18]


@given(
    onsets=st.sets(st.integers(0, 287), min_size=1, max_size=40),
    metre=st.sampled_from([COMMON, JIG]),
    tempo=st.sampled_from([60.0, 130.0, 200.0]),
)
def test_no_stroke_leaves_its_beat_and_no_drum_is_lost(onsets: set[int], metre: Metre, tempo: float) -> None:
    strokes = [(onset, (SNARE, KICK, HAT)[onset % 3]) for onset in onsets]
    written = quantise_strokes(strokes, metre=metre, tempo=tempo)
    beats = lambda some: {(onset // metre.beat_ticks, key) for onset, key in some}  # noqa: E731
    assert beats(written) == beats(strokes)


def write(*onsets: int) -> list:
    notes = tuple(Note(onset, SNARE, 3, velocity=80) for onset in onsets)
    (hands, *_) = lay_out(Part("drums", Role.RHYTHM, notes), make_plan(seconds=2.5))[0].voices
    return write_bars(hands, metre=COMMON, bars=1)[0]


def test_a_shuffled_beat_is_one_triplet_without_ties() -> None:
    beat = [symbol for symbol in write(0, 8, 16, 20, 24) if symbol.start < 24]
    assert [(symbol.value, symbol.dots) for symbol in beat] == [("eighth", 0), ("eighth", 0), ("16th", 0), ("16th", 0)]
    assert len({symbol.tuplet for symbol in beat}) == 1
    assert not any(symbol.is_tied_on for symbol in beat)


@given(onsets=st.sets(st.integers(0, 95), min_size=1, max_size=24))
def test_no_stroke_is_tied_and_every_bar_is_full(onsets: set[int]) -> None:
    symbols = write(*sorted(onsets))
    assert not any(symbol.is_tied_on or symbol.is_tied_back for symbol in symbols)
    assert sum(symbol.ticks for symbol in symbols) == COMMON.bar_ticks
