"""Basses leap by an octave and more as seldom as people do."""

from itertools import pairwise

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.parts import compose_part
from generator.engine.composing.smoothing import smooth_line
from generator.engine.conductor import write_plan
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Key, Mode, Role
from generator.engine.score import Note
from tests.engine.networks import make_plan

PLAN = make_plan(bars=4)
MOST = 1 / 14 + 1 / 50
"""People's share of leaps, and one in a line of fifty: the last that no move by an octave saves."""


def play(*pitches: int, ticks: int = 12) -> tuple[Note, ...]:
    return tuple(Note(ticks * place, pitch, ticks) for place, pitch in enumerate(pitches))


def list_pitches(*pitches: int, ticks: int = 12) -> list[int]:
    return [note.pitch for note in smooth_line(play(*pitches, ticks=ticks), plan=PLAN, instrument="bass")]


def measure_leaps(notes: tuple[Note, ...]) -> float:
    moves = [abs(other.pitch - one.pitch) for one, other in pairwise(notes)]
    return sum(move >= 12 for move in moves) / len(moves)


def test_a_note_and_a_figure_an_octave_away_join_the_line_around_them() -> None:
    assert list_pitches(36, 36, 55, 36, 36, 41) == [36, 36, 43, 36, 36, 41]
    assert list_pitches(36, 38, 52, 50, 36, 36) == [36, 38, 40, 38, 36, 36]


def test_a_line_that_leaps_no_more_than_people_stays_as_it_is() -> None:
    line = (36, 38, 40, 41, 43, 45, 47, 48, 36, 38, 40, 41, 43, 41, 40, 38)
    assert list_pitches(*line) == list(line)


def test_a_register_that_lasts_longer_than_a_bar_stays() -> None:
    line = (36, 36, 36, 55, 55, 55, 36, 36, 36)
    assert list_pitches(*line, ticks=48) == list(line)


@pytest.mark.parametrize("tonic", range(12))
def test_every_note_stays_within_the_range_of_the_instrument_in_the_sounding_key(tonic: int) -> None:
    plan, player = make_plan(bars=4, key=Key(tonic, Mode.MAJOR)), INSTRUMENTS["bass"]
    low, high = player.lowest - plan.key.shift, player.highest - plan.key.shift
    line = play(low, low + 14, low, high, high - 15, high, low, high - 1)
    smooth = smooth_line(line, plan=plan, instrument="bass")
    assert all(low <= note.pitch <= high for note in smooth)
    assert [note.pitch % 12 for note in smooth] == [note.pitch % 12 for note in line]


@pytest.mark.parametrize(("style", "seed"), [("pop", 101), ("rock", 1), ("rock", 5)])
def test_a_composed_bass_leaps_no_more_often_than_people(style: str, seed: int) -> None:
    brief = parse_brief({"instruments": "bass,drums", "style": style, "seconds": 45, "seed": seed})
    part = compose_part(brief, write_plan(brief), instrument="bass", role=Role.BASS, lead=None).part
    assert measure_leaps(part.notes) <= MOST
