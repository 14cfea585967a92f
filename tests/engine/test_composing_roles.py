"""Who plays what, for every ensemble of up to four and for all together."""

from itertools import combinations

import pytest

from generator.engine.brief import Brief, parse_brief
from generator.engine.composing.roles import assign_roles, composing_order
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Role
from generator.engine.styles import STYLES

ENSEMBLES = [names for size in (1, 2, 3, 4, len(INSTRUMENTS)) for names in combinations(INSTRUMENTS, size)]


def brief(*instruments: str, style: str = "pop") -> Brief:
    return parse_brief({"instruments": list(instruments), "seconds": 30, "style": style, "seed": 1})


@pytest.mark.parametrize("style", list(STYLES))
def test_every_ensemble_has_exactly_one_lead_unless_nobody_can_sing(style: str) -> None:
    for names in ENSEMBLES:
        roles = assign_roles(brief(*names, style=style))
        leads = [slug for slug, role in roles.items() if role is Role.LEAD]
        assert tuple(roles) == names
        assert len(leads) == (0 if set(names) <= {"bass", "drums"} else 1), names


@pytest.mark.parametrize("style", list(STYLES))
def test_everyone_plays_a_role_of_theirs(style: str) -> None:
    for names in ENSEMBLES:
        for slug, role in assign_roles(brief(*names, style=style)).items():
            assert role in INSTRUMENTS[slug].roles


def test_the_lead_sings_while_piano_and_guitar_play_chords() -> None:
    roles = assign_roles(brief("piano", "guitar", "violin", "bass", "drums"))
    assert roles == {
        "piano": Role.HARMONY,
        "guitar": Role.HARMONY,
        "violin": Role.LEAD,
        "bass": Role.BASS,
        "drums": Role.RHYTHM,
    }


def test_whoever_plays_chords_accompanies_whoever_can_sing_and_leads_where_nobody_can() -> None:
    roles = assign_roles(brief("strings", "harp", "clarinet", style="cinematic"))
    assert roles == {"harp": Role.HARMONY, "strings": Role.HARMONY, "clarinet": Role.LEAD}
    assert assign_roles(brief("organ", "harp", style="hymn")) == {"organ": Role.LEAD, "harp": Role.HARMONY}
    assert assign_roles(brief("epiano", "cello", "drums"))["cello"] is Role.BASS


def test_a_piano_alone_leads_and_beside_a_guitar_the_style_decides() -> None:
    assert assign_roles(brief("piano")) == {"piano": Role.LEAD}
    assert assign_roles(brief("piano", "guitar", style="rock"))["guitar"] is Role.LEAD
    assert assign_roles(brief("piano", "guitar", style="jazz"))["piano"] is Role.LEAD


def test_a_string_quartet_without_second_violin_has_lead_counter_and_bass() -> None:
    roles = assign_roles(brief("violin", "viola", "cello", style="classical"))
    assert roles == {"violin": Role.LEAD, "viola": Role.COUNTER, "cello": Role.BASS}


def test_a_cello_sings_over_chords_but_keeps_the_bass_under_drums() -> None:
    assert assign_roles(brief("piano", "cello"))["cello"] is Role.LEAD
    assert assign_roles(brief("piano", "cello", "drums"))["cello"] is Role.BASS


def test_the_lead_is_composed_first_and_drums_last() -> None:
    order = composing_order(assign_roles(brief(*INSTRUMENTS, style="folk")))
    assert order[0] == "violin"
    assert order[-1] == "drums"
    assert set(order) == set(INSTRUMENTS)
