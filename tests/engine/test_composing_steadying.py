"""Fast drumming stays on sixteenths and triplets, near enough to be heard there."""

from dataclasses import replace

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.parts import compose_part
from generator.engine.composing.steadying import is_fast, steady_strokes
from generator.engine.conductor import write_plan
from generator.engine.plan import Plan, Role
from generator.engine.score import MICRO_PER_TICK, TICKS_PER_QUARTER, Note
from tests.engine.networks import make_plan

FAST, SLOW = (replace(make_plan(bars=2), tempo=tempo) for tempo in (170.0, 96.0))
HAT, SNARE = 42, 38


def steady(*strokes: Note, plan: Plan = FAST) -> list[tuple[int, int]]:
    return [(note.onset, note.micro) for note in steady_strokes(strokes, plan=plan, stop=plan.length)]


def test_a_stroke_a_thirty_second_early_or_late_comes_to_the_place_it_was_played_nearest_to() -> None:
    most = int(0.02 * 170 * TICKS_PER_QUARTER / 60 * MICRO_PER_TICK)
    assert steady(Note(21, HAT, 6, 80, 10)) == [(24, -most)]
    assert steady(Note(9, HAT, 6, 80, -10)) == [(6, most)]


def test_one_just_between_comes_to_the_heavier_place() -> None:
    assert [onset for onset, _ in steady(Note(3, HAT, 6), Note(15, HAT, 6), Note(33, HAT, 6))] == [0, 12, 36]


def test_triplets_stay_and_draw_what_lies_beside_them() -> None:
    assert [onset for onset, _ in steady(Note(0, HAT, 6), Note(9, HAT, 6), Note(16, HAT, 6))] == [0, 8, 16]


def test_of_two_strokes_of_a_drum_that_meet_the_louder_one_stays() -> None:
    strokes = (Note(0, HAT, 6, 90), Note(0, SNARE, 6, 50), Note(3, HAT, 6, 40), Note(3, SNARE, 6, 70))
    assert [(note.pitch, note.velocity) for note in steady_strokes(strokes, plan=FAST, stop=FAST.length)] == [
        (SNARE, 70), (HAT, 90),
    ]  # fmt: skip


def test_no_stroke_leaves_the_bars_that_are_written() -> None:
    assert steady_strokes((Note(93, HAT, 6, 80, 20),), plan=FAST, stop=96)[0].onset == 90


def test_what_is_on_its_place_and_slower_drumming_are_left_alone() -> None:
    groove = (Note(0, HAT, 6, 80, 35), Note(6, HAT, 6, 80, -20), Note(18, HAT, 6, 80, 40))
    roll = tuple(Note(3 * place, SNARE, 6) for place in range(8))
    assert steady_strokes(groove, plan=FAST, stop=FAST.length) == groove
    assert steady_strokes(roll, plan=SLOW, stop=SLOW.length) == roll


@pytest.mark.parametrize("seed", [121, 8])
def test_composed_drums_at_a_fast_tempo_have_no_stroke_beside_the_sixteenths(seed: int) -> None:
    asked = {"instruments": "drums", "style": "rock", "mood": "heroic", "metre": "4/4", "tempo": 170}
    brief = parse_brief({**asked, "seconds": 30, "seed": seed})
    plan = write_plan(brief)
    assert is_fast(plan)
    part = compose_part(brief, plan, instrument="drums", role=Role.RHYTHM, lead=None).part
    assert all(note.onset % 6 == 0 or note.onset % 8 == 0 for note in part.notes)
    assert len(part.notes) > 200
