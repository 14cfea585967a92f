"""Note values, ties, tuplets and beams of one voice."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from generator.engine.notation.bars import Symbol, write_bars
from generator.engine.notation.staves import Event
from generator.engine.plan import Metre

COMMON, WALTZ, JIG = Metre(4, 4), Metre(3, 4), Metre(6, 8)


def write(*spans: tuple[int, int], metre: Metre = COMMON, bars: int = 1) -> list[list[Symbol]]:
    return write_bars([Event(start, stop, (60,)) for start, stop in spans], metre=metre, bars=bars)


def read(symbols: list[Symbol]) -> str:
    """'quarter. ~eighth r:half': value with dots, tied on from before, rests marked."""
    return " ".join(
        ("~" if symbol.is_tied_back else "") + ("" if symbol.pitches else "r:") + symbol.value + "." * symbol.dots
        for symbol in symbols
    )


def test_an_empty_bar_is_one_whole_bar_rest() -> None:
    assert write()[0] == [Symbol(0, 96, (), "whole", is_whole_bar=True)]


def test_a_note_over_the_middle_of_the_bar_is_tied_there() -> None:
    assert read(write((36, 72))[0]) == "r:quarter r:eighth eighth ~quarter r:quarter"


def test_plain_syncopation_is_written_plainly() -> None:
    assert read(write((0, 12), (12, 36), (36, 48), (48, 96))[0]) == "eighth quarter eighth half"
    assert read(write((0, 24), (24, 72), (72, 96))[0]) == "quarter half quarter"


def test_a_note_over_the_bar_line_is_tied() -> None:
    bars = write((72, 120), bars=2)
    assert [read(bar) for bar in bars] == ["r:half r:quarter quarter", "~quarter r:quarter r:half"]
    assert bars[0][-1].is_tied_on
    assert not bars[1][0].is_tied_on


def test_a_note_too_short_for_its_triplet_takes_one_third_not_the_rest_of_the_bar() -> None:
    assert read(write((0, 8), (8, 16), (16, 17))[0]) == "eighth eighth eighth r:quarter r:half"


def test_a_triplet_under_a_beam_of_its_own_needs_no_bracket() -> None:
    beamed, broken = write((0, 8), (8, 16), (16, 24), (24, 32), (40, 48))[0][:3], write((24, 32), (40, 48))[0][1:4]
    assert [symbol.is_bracketed for symbol in beamed] == [False] * 3
    assert [symbol.is_bracketed for symbol in broken] == [True] * 3


def test_six_eight_shows_its_two_beats() -> None:
    assert read(write((0, 24), (24, 36), (36, 72), metre=JIG)[0]) == "quarter eighth quarter."
    assert read(write((12, 48), (48, 72), metre=JIG)[0]) == "r:eighth quarter ~eighth quarter"
    assert read(write((0, 72), metre=JIG)[0]) == "half."


def test_three_four_holds_a_dotted_half() -> None:
    assert read(write((0, 72), metre=WALTZ)[0]) == "half."
    assert read(write((0, 24), metre=WALTZ)[0]) == "quarter r:quarter r:quarter"


def test_thirds_of_a_beat_become_one_triplet() -> None:
    (bar,) = write((0, 8), (8, 16), (16, 24))
    triplet = bar[:3]
    assert [symbol.value for symbol in triplet] == ["eighth"] * 3
    assert [symbol.opens_tuplet for symbol in triplet] == [True, False, False]
    assert [symbol.closes_tuplet for symbol in triplet] == [False, False, True]
    assert [symbol.beams for symbol in triplet] == [("begin",), ("continue",), ("end",)]
    assert all(symbol.tuplet is None for symbol in bar[3:])


def test_swing_is_a_triplet_of_quarter_and_eighth() -> None:
    (bar,) = write((0, 16), (16, 24))
    assert [(symbol.value, symbol.tuplet is not None) for symbol in bar[:2]] == [("quarter", True), ("eighth", True)]


def test_beams_follow_the_beats_and_join_eighths_by_half_bars() -> None:
    (bar,) = write(*((start, start + 12) for start in range(0, 96, 12)))
    assert [symbol.beams for symbol in bar[:4]] == [("begin",), ("continue",), ("continue",), ("end",)]
    (mixed,) = write((0, 18), (18, 24), (24, 48), (48, 96))
    assert [symbol.beams for symbol in mixed[:2]] == [("begin",), ("end", "backward hook")]


GRID_TICKS = [tick for tick in range(24 * 12) if tick % 3 == 0 or tick % 4 == 0]


@given(
    points=st.sets(st.sampled_from(GRID_TICKS), min_size=2, max_size=24),
    metre=st.sampled_from([COMMON, WALTZ, JIG]),
)
def test_every_bar_is_filled_once_and_no_onset_is_lost(points: set[int], metre: Metre) -> None:
    """Any onsets on the grid of 32nds and triplets, even mixed within a beat: bars add up, ties lead somewhere."""
    onsets = sorted(points)
    end = 24 * 12
    bars = write(*pairwise([*onsets, end]), metre=metre, bars=-(-end // metre.bar_ticks))
    for bar in bars:
        assert bar[0].start == 0
        assert bar[-1].stop == metre.bar_ticks
        assert all(left.stop == right.start for left, right in pairwise(bar))
    symbols = [symbol for bar in bars for symbol in bar]
    assert all(left.is_tied_on == right.is_tied_back for left, right in pairwise(symbols))


@given(points=st.sets(st.sampled_from([tick for tick in range(288) if tick % 8 == 0 or tick % 12 == 0]), min_size=2))
def test_onsets_keep_their_place_where_a_beat_has_one_grid(points: set[int]) -> None:
    """Eighths in some beats, triplets in others, as people write them: every onset stands exactly where it was."""
    onsets = sorted(tick for tick in points if tick % 24 % 12 == 0 or all(tick // 24 * 24 + 12 != p for p in points))
    bars = write(*pairwise([*onsets, 288]), bars=3)
    heads = [
        96 * number + symbol.start
        for number, bar in enumerate(bars)
        for symbol in bar
        if symbol.pitches and not symbol.is_tied_back
    ]
    assert heads == onsets
