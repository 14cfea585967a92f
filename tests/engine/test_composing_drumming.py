"""Drums keep time as people do: they mark the beat and the bar, and are not squared by whoever chooses among them."""

from dataclasses import replace

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.critic import Listening, rate_notes
from generator.engine.composing.habits import find_drive, find_target_density
from generator.engine.composing.parts import compose_part
from generator.engine.composing.ranking import level_ranks
from generator.engine.composing.swinging import swing_notes
from generator.engine.conductor import write_plan
from generator.engine.metrics import list_silent_bars, measure_downbeats, measure_pulse
from generator.engine.plan import Role
from generator.engine.score import Note
from tests.engine.networks import make_plan

PLAN = make_plan(bars=4)
KICK, HAT = 36, 42


def keep_time(*, kicks: int, beats: int) -> tuple[Note, ...]:
    """Hi-hat on the first of sixteen beats, bass drum on the downbeats of the first bars."""
    hats = [Note(24 * beat, HAT, 6) for beat in range(beats)]
    return tuple(sorted([*hats, *(Note(96 * bar, KICK, 6) for bar in range(kicks))]))


def rate(notes: tuple[Note, ...]) -> dict[str, float]:
    listening = Listening(plan=PLAN, instrument="drums", role=Role.RHYTHM, lead=None, start=0, stop=PLAN.length)
    return rate_notes(notes, listening=listening, likelihood=-2.0)


def test_marking_as_many_beats_and_bars_as_people_is_enough() -> None:
    enough, all_of_them, few = (keep_time(kicks=2, beats=13), keep_time(kicks=4, beats=16), keep_time(kicks=1, beats=6))
    assert rate(enough)["pulse"] == rate(enough)["downbeats"] == rate(all_of_them)["pulse"] == 1.0
    assert rate(few)["pulse"] < 0.6
    assert rate(few)["downbeats"] < 0.6


def test_of_the_best_few_drums_play_the_first_drawn_and_others_the_best() -> None:
    ranks = [0.2, 0.7, 0.1, 0.9, 0.8, 0.6, 0.75, 0.5, 0.85]
    levelled = level_ranks(ranks, role=Role.RHYTHM)
    assert levelled.index(max(levelled)) == 1
    assert sum(rank == max(levelled) for rank in levelled) == 6
    assert level_ranks(ranks, role=Role.LEAD) == ranks
    assert level_ranks([], role=Role.RHYTHM) == []


@pytest.mark.parametrize(("instrument", "role"), [("drums", Role.RHYTHM), ("strings", Role.HARMONY)])
def test_energy_becomes_fewer_notes_of_drums_and_strings_unless_a_person_drew_it(instrument: str, role: Role) -> None:
    loud = replace(PLAN, energies=(0.9,) * 4)
    drawn = replace(loud, is_drawn=True)
    assert find_drive(0.9, plan=loud, instrument=instrument) < 0.9 == find_drive(0.9, plan=drawn, instrument=instrument)
    assert find_drive(0.9, plan=loud, instrument="piano") == 0.9
    asked, full = (
        find_target_density(plan, instrument=instrument, role=role, start=0, stop=plan.length) for plan in (loud, drawn)
    )
    assert asked < full


def test_swung_strokes_keep_their_length() -> None:
    swung = swing_notes((Note(0, HAT, 6), Note(12, HAT, 6), Note(18, HAT, 6)), is_drums=True)
    assert {note.duration for note in swung} == {6}


@pytest.mark.parametrize(("style", "metre", "seed"), [("pop", "4/4", 3), ("folk", "3/4", 4)])
def test_composed_drums_mark_beat_and_bar(style: str, metre: str, seed: int) -> None:
    asked = {"instruments": "drums", "style": style, "metre": metre, "seconds": 30, "seed": seed}
    brief = parse_brief(asked)
    plan = write_plan(brief)
    notes = compose_part(brief, plan, instrument="drums", role=Role.RHYTHM, lead=None).part.notes
    assert measure_pulse(notes, metre=plan.metre, start=0, stop=plan.length) > 0.8
    assert measure_downbeats(notes, metre=plan.metre, keys=frozenset({35, KICK}), start=0, stop=plan.length) > 0.5
    assert list_silent_bars(notes, plan=plan) == []
