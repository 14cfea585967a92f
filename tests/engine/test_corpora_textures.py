"""Which accompaniments teach the harp, the electric piano and the organ."""

import pytest

from generator.engine.corpora.textures import is_broken, is_comped, is_sustained, measure_texture, thin_hands
from generator.engine.plan import Plan
from generator.engine.score import Note
from tests.engine.networks import make_plan

CHORD = (48, 60, 64, 67)


def strike(*, length: int, every: int = 24) -> list[Note]:
    return [Note(tick, pitch, length) for tick in range(0, 768, every) for pitch in CHORD]


def break_chords() -> list[Note]:
    plan = make_plan()
    notes = []
    for place, tick in enumerate(range(0, 768, 12)):
        tones = plan.chord_at(tick).pitch_classes
        notes.append(Note(tick, 60 + tones[place % 3], 12))
    return notes


@pytest.mark.parametrize(
    ("notes", "suits"),
    [
        (break_chords(), is_broken),
        (strike(length=18), is_comped),
        (strike(length=48, every=48), is_sustained),
    ],
)
def test_each_texture_is_known_for_what_it_is_and_for_nothing_else(notes: list[Note], suits: object) -> None:
    plan: Plan = make_plan()
    assert [check(notes, plan) for check in (is_broken, is_comped, is_sustained)] == [
        check is suits for check in (is_broken, is_comped, is_sustained)
    ]


def test_a_scale_is_no_broken_chord() -> None:
    scale = [Note(place * 12, 60 + (0, 2, 4, 5, 7, 9, 11)[place % 7], 12) for place in range(64)]
    assert measure_texture(scale, make_plan()).broken < 0.2
    assert not is_broken(scale, make_plan())


def test_too_few_strokes_tell_nothing() -> None:
    few = strike(length=48, every=96)
    assert not is_sustained(few, make_plan())
    assert measure_texture([], make_plan()).strokes == 0


def test_a_hand_keeps_four_notes_its_outer_ones_among_them() -> None:
    stroke = [Note(0, pitch, 24) for pitch in (36, 40, 43, 48, 52, 60, 64)]
    assert [note.pitch for note in thin_hands(stroke)] == [36, 43, 48, 52, 60, 64]
