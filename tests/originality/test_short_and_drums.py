"""What is too short for a share of grams, and drums alone: compared note by note, and still told from strangers."""

import time
from itertools import combinations
from random import Random

import pytest

from generator.engine.midi import write_midi
from generator.engine.originality.fingerprint import (
    Fingerprint,
    make_fingerprint,
    pack_lines,
    read_fingerprint,
    unpack_lines,
)
from generator.engine.originality.labelled import VARIATIONS, draw_melody
from generator.engine.originality.likeness import TOO_CLOSE_DRUMS, TOO_CLOSE_SHORT, compare
from generator.engine.originality.lines import Line
from generator.engine.originality.strokes import DRUMS, take_drum_line
from generator.engine.plan import Piece, Role
from generator.engine.score import Note, Part
from tests.originality.test_fingerprint import make_piece


def print_of(line: Line, name: str = "a") -> Fingerprint:
    return Fingerprint(digest=name, lines=(line,))


@pytest.mark.parametrize("notes", [10, 12, 16])
@pytest.mark.parametrize(
    "vary", ["transposed", "stretched to twice the length", "re-orchestrated an octave lower", "1 note of 10 changed"]
)
def test_short_melody_is_known_in_another_dress(notes: int, vary: str) -> None:
    for seed in range(20, 30):
        line = draw_melody(seed)[:notes]
        found = compare(print_of(line), print_of(VARIATIONS[vary](line, Random(seed)), "b"))
        assert found.is_too_close, (seed, found)


def test_short_melody_is_known_inside_a_long_one() -> None:
    """A six-second version, cut from a track of another company."""
    long = draw_melody(3, bars=32)
    cut = tuple((onset - long[20][0], pitch + 3) for onset, pitch in long[20:32])
    found = compare(print_of(cut), print_of(long, "b"))
    assert (found.share, found.threshold, found.is_too_close) == (1.0, TOO_CLOSE_SHORT, True)


def test_halves_of_a_short_melody_may_change_places() -> None:
    line = draw_melody(5)[:16]
    assert compare(print_of(line), print_of(VARIATIONS["sections exchanged"](line, Random(5)), "b")).is_too_close


def test_figure_of_seven_notes_belongs_to_everybody() -> None:
    line = draw_melody(1)[:7]
    assert not compare(print_of(line), print_of(line, "b")).is_too_close


def test_short_strangers_are_told_apart() -> None:
    prints = [print_of(draw_melody(seed)[:12], str(seed)) for seed in range(150)]
    close = [pair for pair in combinations(prints, 2) if compare(*pair).is_too_close]
    assert close == []


def groove(*, bars: int, fills: int, seed: int = 0) -> list[tuple[int, int]]:
    """A rock beat, the same in every bar, with a fill of its own in some of them."""
    draw = Random(seed)
    strokes = []
    for bar in range(bars):
        start = bar * 96
        strokes += [(start + 12 * eighth, 42) for eighth in range(8)]
        strokes += [(start, 36), (start + 24, 38), (start + 48, 36), (start + 72, 38)]
        if bar % (bars // max(fills, 1)) == 0 and fills:
            strokes += [(start + 6 * draw.randrange(16), draw.choice((41, 45, 48, 49, 46))) for _ in range(10)]
    return strokes


def drums(strokes: list[tuple[int, int]], name: str = "a") -> Fingerprint:
    return print_of(take_drum_line(strokes), name)


def test_drum_piece_with_a_few_strokes_changed_is_the_same() -> None:
    strokes = groove(bars=16, fills=8, seed=1)
    changed = [(onset, 38 if index in (30, 90) else key) for index, (onset, key) in enumerate(strokes)]
    found = compare(drums(strokes), drums([(onset * 2, key) for onset, key in changed], "b"))
    assert found.threshold == TOO_CLOSE_DRUMS
    assert found.is_too_close


def test_another_kit_is_the_same_piece() -> None:
    strokes = groove(bars=16, fills=8, seed=1)
    other_kit = {36: 35, 38: 40, 48: 50, 49: 57}
    assert compare(drums(strokes), drums([(at, other_kit.get(key, key)) for at, key in strokes], "b")).share == 1.0


@pytest.mark.parametrize(("bars", "fills"), [(16, 8), (8, 8), (32, 8)])
def test_same_beat_with_other_fills_or_of_another_length_is_another_piece(bars: int, fills: int) -> None:
    first, second = drums(groove(bars=16, fills=8, seed=1)), drums(groove(bars=bars, fills=fills, seed=2), "b")
    assert not compare(first, second).is_too_close


def test_drums_are_never_like_a_melody() -> None:
    strokes = drums(groove(bars=8, fills=4))
    melody = print_of(tuple((onset, value - DRUMS) for onset, value in strokes.lines[0]), "b")
    assert compare(strokes, melody).share == 0.0
    assert not set(strokes.sketch) & set(melody.sketch)


def test_drums_survive_the_database_and_a_midi_file() -> None:
    plan = make_piece(draw_melody(1)).plan
    notes = tuple(Note(onset, key, 6, 90) for onset, key in sorted(set(groove(bars=4, fills=2))))
    piece = Piece(plan=plan, parts=(Part("drums", Role.RHYTHM, notes),), title="Drums")
    mine = make_fingerprint(piece)
    assert unpack_lines(pack_lines(mine.lines)) == mine.lines
    read = read_fingerprint(write_midi(piece))
    assert read.digest == mine.digest
    assert compare(read, mine).share == 1.0


def test_endless_ostinato_is_compared_in_bounded_time() -> None:
    ostinato = tuple((12 * index, 60 + (0, 4, 7, 11, 7, 5)[index % 6]) for index in range(4_000))
    beat = take_drum_line(groove(bars=500, fills=1))
    started = time.process_time()
    compare(print_of(ostinato), print_of(ostinato[3:], "b"))
    compare(print_of(beat), print_of(beat[4:], "b"))
    assert time.process_time() - started < 2
