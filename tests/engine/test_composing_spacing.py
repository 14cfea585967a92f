"""Chords deep down are wide: the bass, and at most one note well above it."""

from generator.engine.composing.spacing import space_chords
from generator.engine.score import Note
from tests.engine.networks import make_plan

PLAN = make_plan(bars=2)


def strike(*pitches: int) -> tuple[Note, ...]:
    return tuple(Note(0, pitch, 24) for pitch in pitches)


def test_of_three_notes_deep_down_the_outer_ones_stay_and_whatever_lies_above() -> None:
    assert space_chords(strike(36, 40, 43, 60, 64), plan=PLAN) == strike(36, 43, 60, 64)


def test_a_note_close_above_the_bass_goes_too() -> None:
    assert space_chords(strike(40, 43, 45, 64), plan=PLAN) == strike(40, 64)


def test_two_notes_and_notes_one_after_the_other_stay() -> None:
    broken = tuple(Note(12 * place, pitch, 48) for place, pitch in enumerate((36, 40, 43, 48)))
    assert space_chords(strike(40, 45, 60), plan=PLAN) == strike(40, 45, 60)
    assert space_chords(broken, plan=PLAN) == broken
