"""How much of itself a part restates when a section comes back, and how busy style and mood may make it together."""

from dataclasses import replace
from typing import Any, cast

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.critic import find_density_lean
from generator.engine.composing.habits import find_density
from generator.engine.composing.hearing import attend
from generator.engine.composing.segments import Segment
from generator.engine.composing.writing import Writer
from generator.engine.plan import Role
from tests.engine.networks import make_plan

PLAN = make_plan(bars=16)
BAR = PLAN.metre.bar_ticks
RETURN = Segment(8 * BAR, 12 * BAR, source=0)


def write_as(instrument: str, role: Role, *, seed: int, **asked: Any) -> Writer:
    brief = parse_brief({"instruments": instrument, "style": "pop", "seconds": 40, "seed": seed} | asked)
    return Writer(brief=brief, plan=PLAN, instrument=instrument, role=role, hear=attend(None), model=cast(Any, None))


def count_departures(instrument: str, role: Role, **asked: Any) -> int:
    writers = [write_as(instrument, role, seed=seed, **asked) for seed in range(100)]
    stops = [writer._find_departure(RETURN) for writer in writers]
    assert set(stops) <= {RETURN.start + 2 * BAR, RETURN.stop}
    return sum(stop < RETURN.stop for stop in stops)


def test_a_lead_mostly_plays_the_opening_alone_of_what_comes_back() -> None:
    assert 65 <= count_departures("violin", Role.LEAD) <= 95
    short = Segment(8 * BAR, 10 * BAR, source=0)
    assert all(write_as("violin", Role.LEAD, seed=seed)._find_departure(short) == short.stop for seed in range(20))


def test_a_lead_with_a_motif_and_accompaniments_repeat_what_they_restate() -> None:
    assert count_departures("violin", Role.LEAD, motif="C5 E5 G5") == 0
    assert count_departures("piano", Role.HARMONY) == 0


@pytest.mark.parametrize(
    ("instrument", "role", "least", "most"),
    [
        ("bass", Role.BASS, 80, 98),
        ("viola", Role.COUNTER, 25, 55),
        ("violin", Role.LEAD, 100, 100),
        ("strings", Role.HARMONY, 5, 28),
    ],
)
def test_basses_and_pianos_come_back_more_readily_than_other_accompaniments(
    instrument: str, role: Role, least: int, most: int
) -> None:
    returns = sum(write_as(instrument, role, seed=seed)._comes_back(RETURN) for seed in range(100))
    assert least <= returns <= most


def test_what_style_and_mood_ask_for_together_is_limited_and_the_brief_comes_on_top() -> None:
    fierce = replace(PLAN, style="rock", mood="tense")
    assert find_density(fierce) == 1.45
    assert find_density(replace(fierce, density=2.0)) == 2.9
    assert 1.0 < find_density(fierce, instrument="strings") < find_density(fierce, instrument="organ") < 1.45
    assert find_density(replace(fierce, density=2.0), instrument="strings") > 2.0, "the brief's own factor is kept"
    listening = replace(write_as("violin", Role.LEAD, seed=1), plan=fierce).listen(0, BAR)
    assert find_density_lean(listening) == 0.78
    busier = replace(listening, plan=replace(fierce, density=1.2))
    assert find_density_lean(busier) > 0.78
