"""Drumming in three and six made from drumming in four."""

from dataclasses import replace

from generator.engine.corpora.metres import is_shuffle, shorten_bars, unfold_beats
from generator.engine.plan import Metre
from generator.engine.score import Note
from tests.engine.networks import make_plan

KICK, SNARE, HAT = 36, 38, 42


def strokes(*places: tuple[int, int]) -> tuple[Note, ...]:
    return tuple(Note(onset, pitch, 6) for onset, pitch in places)


def list_places(notes: tuple[Note, ...]) -> list[tuple[int, int]]:
    return [(note.onset, note.pitch) for note in notes]


def test_three_beats_of_every_bar_of_four_are_kept() -> None:
    played = strokes((0, KICK), (24, SNARE), (48, KICK), (72, SNARE), (96, KICK), (168, SNARE))
    notes, plan = shorten_bars(played, plan=make_plan(bars=2))
    assert list_places(notes) == [(0, KICK), (24, SNARE), (48, KICK), (72, KICK)]
    assert (str(plan.metre), plan.length, plan.bars, len(plan.chords)) == ("3/4", 144, 2, 6)


def test_the_first_three_sixteenths_of_a_beat_become_eighths() -> None:
    played = strokes((0, KICK), (6, HAT), (12, HAT), (18, HAT), (24, SNARE), (96, KICK))
    notes, plan = unfold_beats(played, plan=make_plan(bars=2))
    assert list_places(notes) == [(0, KICK), (12, HAT), (24, HAT), (36, SNARE), (144, KICK)]
    assert (str(plan.metre), plan.bars, plan.length) == ("6/8", 4, 288)


def test_a_shuffle_keeps_all_its_strokes() -> None:
    played = strokes((0, HAT), (16, HAT), (24, HAT), (40, HAT), (48, HAT), (64, HAT))
    assert is_shuffle(played)
    notes, _ = unfold_beats(played, plan=make_plan(bars=1))
    assert [onset for onset, _ in list_places(notes)] == [0, 24, 36, 60, 72, 96]


def test_other_metres_are_left_alone() -> None:
    plan = replace(make_plan(), metre=Metre(3, 4))
    assert shorten_bars(strokes((0, KICK)), plan=plan) is None
    assert unfold_beats(strokes((0, KICK)), plan=plan) is None
