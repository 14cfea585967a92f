"""Parts that listen to a lead while it is still being written."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from generator.engine import compose
from generator.engine.brief import parse_brief
from generator.engine.composing.hearing import FAR, Heard, LeadChangedError, UnfinishedLead, attend, find_horizon
from generator.engine.composing.parts import PartResult, compose_part
from generator.engine.composing.roles import assign_roles
from generator.engine.conductor import write_plan
from generator.engine.errors import ModelError
from generator.engine.plan import Role
from generator.engine.score import Note, Part

WAITING = 30.0
"""Seconds after which a test that hangs fails."""


def play(*pitches: int, velocity: int = 80) -> Part:
    """A lead in quarter notes."""
    notes = tuple(Note(24 * place, pitch, 24, velocity) for place, pitch in enumerate(pitches))
    return Part(instrument="violin", role=Role.LEAD, notes=notes)


@pytest.mark.parametrize(
    "asked",
    [
        {"instruments": "piano,violin,bass,drums", "style": "pop", "seconds": 40, "seed": 3},
        {"instruments": "flute,viola,cello,guitar", "style": "cinematic", "seconds": 30, "seed": 4},
        {"instruments": "piano,bass", "style": "hymn", "seconds": 24, "seed": 5},
        {"instruments": "piano,cello,bass", "style": "jazz", "seconds": 24, "seed": 6, "motif": "C5 E5:0.5 G5:1.5 R:1"},
    ],
)
def test_parts_written_beside_the_lead_are_those_written_after_it(asked: dict[str, object]) -> None:
    brief = parse_brief(asked)
    composition, plan, roles = compose(brief), write_plan(brief), assign_roles(brief)
    lead = next(result.part for slug, result in composition.results.items() if roles[slug] is Role.LEAD)
    for slug, result in composition.results.items():
        assert compose_part(brief, plan, instrument=slug, role=roles[slug], lead=lead) == result


def test_a_lead_that_goes_another_way_is_listened_to_anew() -> None:
    brief = parse_brief({"instruments": "violin,bass", "style": "folk", "seconds": 20, "seed": 7})
    plan = write_plan(brief)
    lead = compose(brief).results["violin"].part
    unfinished, told = UnfinishedLead(), [0.0]
    unfinished.settle(lead.transposed(4), until=plan.length // 2)

    def change_the_lead(share: float) -> None:
        told.append(share)
        if share > 0:
            unfinished.settle(lead, until=FAR)

    def write(heard: Part | UnfinishedLead) -> PartResult:
        return compose_part(
            brief, plan, instrument="bass", role=Role.BASS, lead=heard, candidates=2, on_progress=change_the_lead
        )

    assert write(unfinished) == write(lead)
    assert told.count(0.0) == 4, "the first part began twice"


def test_what_was_heard_stays_while_the_lead_only_goes_on() -> None:
    lead = UnfinishedLead()
    lead.settle(play(60, 62), until=24)
    hear = lead.attend()
    assert hear(24) == Heard(play(60, 62), 24)
    lead.settle(play(60, 62, 64, velocity=90), until=48)
    assert hear(48).until == 48


def test_whoever_heard_a_note_that_does_not_stand_is_told() -> None:
    lead = UnfinishedLead()
    lead.settle(play(60, 62), until=24)
    hear = lead.attend()
    lead.settle(play(60, 63), until=24)
    with pytest.raises(LeadChangedError):
        hear(0)
    assert lead.attend()(24).lead == play(60, 63)


def test_a_listener_waits_until_the_lead_is_so_far() -> None:
    lead = UnfinishedLead()
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(lead.attend(), 48)
        lead.settle(play(60, 62), until=24)
        assert not waiting.done()
        lead.settle(play(60, 62, 64), until=48)
        assert waiting.result(timeout=WAITING).until == 48


def test_a_lead_that_fails_fails_who_waits_for_it() -> None:
    lead = UnfinishedLead()
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(lead.attend(), 48)
        with pytest.raises(ModelError), lead.promise():
            raise ModelError("The network is gone.")
        with pytest.raises(ModelError, match="gone"):
            waiting.result(timeout=WAITING)


def test_ticks_count_from_where_the_listener_enters() -> None:
    heard = attend(play(60, 62, 64), entry=24)(0)
    assert [(note.onset, note.pitch) for note in heard.lead.notes] == [(0, 62), (24, 64)] if heard.lead else False
    assert attend(None, entry=24)(0).lead is None


def test_the_last_note_known_hides_what_comes_after_it() -> None:
    assert find_horizon(play(60, 62, 64)) == 48
    assert find_horizon(play()) == 0
