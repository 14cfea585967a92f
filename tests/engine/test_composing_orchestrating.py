"""Of many who play chords, who plays in which section."""

from dataclasses import replace

from generator.engine.composing.finishing import find_closing
from generator.engine.composing.orchestrating import orchestrate, share_sections
from generator.engine.plan import Plan, Role, Section
from generator.engine.score import Note, Part
from tests.engine.networks import make_plan

MANY = ("piano", "epiano", "organ", "guitar", "harp", "strings")


def plan() -> Plan:
    energies = (0.3, 0.6, 0.9, 0.4)
    sections = tuple(
        Section(name=name, start_bar=2 * place, bars=2, energy=energy)
        for place, (name, energy) in enumerate(zip("ABBA", energies, strict=True))
    )
    return replace(make_plan(bars=8), style="pop", sections=sections)


def play(slug: str) -> Part:
    return Part(slug, Role.HARMONY, tuple(Note(tick, 60, 60) for tick in range(0, 768, 48)))


def test_two_play_throughout_and_are_left_alone() -> None:
    parts = (play("piano"), play("guitar"))
    assert orchestrate(parts, plan=plan()) == parts


def test_the_styles_favourite_carries_the_chords_and_few_play_beside_it() -> None:
    turns = share_sections(MANY, plan=plan())
    assert turns["piano"] == {0, 1, 2, 3}
    beside = [sum(place in taken for slug, taken in turns.items() if slug != "piano") for place in range(4)]
    assert beside == [1, 2, 5, 1]
    assert all(turns.values())


def test_nobody_sounds_in_a_section_that_is_not_its_turn_and_everybody_in_the_last_chord() -> None:
    turns = share_sections(MANY, plan=plan())
    for part in orchestrate(map(play, MANY), plan=plan()):
        for place, section in enumerate(plan().sections):
            start, stop = section.start_bar * 96, min((section.start_bar + 2) * 96, find_closing(plan()))
            sounding = [note for note in part.notes if note.onset < stop and note.end > start]
            assert bool(sounding) == (place in turns[part.instrument])
        assert part.notes[-1].onset >= find_closing(plan())


def test_a_piece_of_one_section_has_everybody() -> None:
    parts = tuple(map(play, MANY))
    assert orchestrate(parts, plan=replace(plan(), sections=plan().sections[:1])) == parts


def test_leads_basses_and_drums_do_not_take_turns() -> None:
    others = tuple(replace(play("violin"), role=role) for role in (Role.LEAD, Role.COUNTER, Role.BASS))
    assert orchestrate((*map(play, MANY), *others), plan=plan())[-3:] == others
