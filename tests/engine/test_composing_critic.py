"""The critic prefers what people do to what is tamer, and what a listener needs to what is not."""

from dataclasses import replace
from random import Random

import pytest

from generator.engine.composing.critic import Listening, choose_model, measure_owed, rate_notes
from generator.engine.composing.explaining import explain_scores
from generator.engine.composing.habits import find_manner
from generator.engine.composing.people import find_people
from generator.engine.composing.traits import TRAITS, measure_traits
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import measure_foreign
from generator.engine.plan import Role
from generator.engine.score import Note, Part
from tests.engine.networks import make_plan

PLAN = make_plan(bars=4)
LEAD = Part("violin", "lead", tuple(Note(48 * slot, 72 + slot % 4, 48, 80) for slot in range(8)))


def listen(*, role: Role = Role.LEAD, instrument: str = "violin") -> Listening:
    lead = None if role is Role.LEAD else LEAD
    return Listening(plan=PLAN, instrument=instrument, role=role, lead=lead, start=0, stop=PLAN.length)


def line(*pitches: int, each: int = 24) -> tuple[Note, ...]:
    return tuple(Note(each * place, pitch, each, 80) for place, pitch in enumerate(pitches))


SONG = line(72, 74, 76, 72, 77, 76, 74, 79, 76, 74, 72, 71, 72, 76, 74, 72)


def rate(notes: tuple[Note, ...], **asked: object) -> dict[str, float]:
    return rate_notes(notes, listening=replace(listen(), **asked), likelihood=-2.0)  # type: ignore[arg-type]


def test_a_line_that_moves_as_people_do_beats_one_note_and_a_hole() -> None:
    total = rate(SONG)["total"]
    assert total > rate(line(*[72] * 16))["total"] + 0.1
    assert total > rate(SONG[:4])["total"] + 0.1
    assert rate(())["total"] < 0.2


def test_the_nearer_a_candidate_comes_to_its_model_the_better() -> None:
    found = measure_traits(SONG, plan=PLAN, lead=None, start=0, stop=PLAN.length, usual=4.0)
    near = rate(SONG, model=found)["total"]
    smoother = found | {"chord_tones": 1.0, "steps": 1.0, "range": 0.5}
    assert near > rate(SONG, model=smoother)["total"]


def test_of_two_candidates_far_from_their_model_the_nearer_one_is_preferred() -> None:
    notes = tuple(replace(note, pitch=note.pitch - 12) for note in LEAD.notes)
    rubbed = replace(LEAD, notes=tuple(replace(note, pitch=note.pitch + 2 * (note.onset < 96)) for note in LEAD.notes))
    follower = listen(role=Role.COUNTER, instrument="viola")
    asked = replace(follower, model=follower.people.usual | {"consonance": 0.35})
    farther, nearer = (
        rate_notes(notes, listening=replace(asked, lead=lead), likelihood=-2.0) for lead in (LEAD, rubbed)
    )
    assert (farther["consonance"], nearer["consonance"]) == (1.0, 0.75)
    assert nearer["total"] > farther["total"]


def test_models_lean_to_the_side_of_people_that_a_network_leaves_out() -> None:
    def ask(instrument: str, role: Role) -> tuple[dict[str, float], dict[str, float]]:
        listening = listen(role=role, instrument=instrument)
        model = choose_model(listening, draw=Random(3)).model
        assert model is not None
        energy = sum(PLAN.energies) / len(PLAN.energies)
        return model, listening.people.draw_model(energy=energy, draw=Random(3))

    cello, its_phrase = ask("cello", Role.BASS)
    assert cello["consonance"] == pytest.approx(its_phrase["consonance"] - 0.14)
    clarinet, its_tune = ask("clarinet", Role.LEAD)
    assert clarinet["chord_tones"] == pytest.approx(its_tune["chord_tones"] + 0.06)
    assert {name for name in TRAITS if clarinet[name] != its_tune[name]} == {"chord_tones", "rhythm", "chromatic"}


BROKEN = tuple(Note(12 * place, (48, 55, 64, 72)[place % 4], 12, 80) for place in range(32))
STRUCK = tuple(Note(24 * place, pitch, 24, 80) for place in range(16) for pitch in (48, 64, 67, 72))


def test_traits_tell_broken_chords_from_struck_ones() -> None:
    def measure(notes: tuple[Note, ...]) -> dict[str, float]:
        return measure_traits(notes, plan=PLAN, lead=None, start=0, stop=PLAN.length, usual=8.0)

    broken, struck = measure(BROKEN), measure(STRUCK)
    assert (broken["fullness"], struck["fullness"]) == (0.0, 2.0)
    assert (broken["leaps"], struck["leaps"]) == (pytest.approx(23 / 31), 0.0)
    assert [each["contrast"] for each in (broken, struck)] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert measure((*BROKEN[:16], *STRUCK[32:]))["contrast"] > 0.3


def test_a_harp_is_asked_for_fewer_notes_at_once_and_wider_leaps_than_an_electric_piano() -> None:
    harp, keys = (find_people(slug, manner="harmony", label="art-song").usual for slug in ("harp", "epiano"))
    assert harp["fullness"] < keys["fullness"] - 0.3
    assert harp["leaps"] > keys["leaps"] + 0.1
    listening = listen(role=Role.HARMONY, instrument="harp")
    as_harp, as_keys = (replace(listening, model=measure_like(listening, notes)) for notes in (BROKEN, STRUCK))
    assert (
        rate_notes(BROKEN, listening=as_harp, likelihood=-2.0)["total"]
        > (rate_notes(BROKEN, listening=as_keys, likelihood=-2.0)["total"])
    )


def measure_like(listening: Listening, notes: tuple[Note, ...]) -> dict[str, float]:
    """The mean phrase, but for its texture."""
    found = measure_traits(notes, plan=PLAN, lead=None, start=0, stop=PLAN.length, usual=listening.usual)
    return listening.people.usual | {name: found[name] for name in ("fullness", "leaps")}


def test_models_spread_as_people_do_but_ask_for_no_wrong_notes() -> None:
    people = find_people("violin", manner="lead", label="classical")
    models = [people.draw_model(energy=0.5, draw=Random(seed)) for seed in range(60)]
    assert len({model["steps"] for model in models}) > 8
    assert all(0.75 <= model["chord_tones"] <= 1.0 and model["foreign"] <= 0.06 for model in models)
    mean = sum(model["steps"] for model in models) / 60
    assert mean == pytest.approx(people.usual["steps"], abs=0.12)


def test_the_same_seed_draws_the_same_model_and_drums_need_none() -> None:
    one, same, other = (choose_model(listen(), draw=Random(seed)).model for seed in (1, 1, 2))
    assert one == same != other
    assert choose_model(listen(role=Role.RHYTHM, instrument="drums"), draw=Random(1)).model is None


def test_every_role_of_every_pitched_instrument_has_people_to_follow() -> None:
    for slug, player in INSTRUMENTS.items():
        for role in player.roles if not player.is_drums else ():
            people = find_people(slug, manner=find_manner(slug, role=role), label="no such corpus")
            assert people.rows.shape == (len(people.energies), len(TRAITS))
            assert len(people.energies) >= 24


def test_notes_of_neighbouring_chords_are_not_foreign_others_outside_the_key_are() -> None:
    assert measure_foreign(line(72, 73, 74, 76), plan=PLAN) == 0.25
    assert measure_foreign(SONG, plan=PLAN) == 0.0


def test_words_name_what_was_heard_beside_what_people_do() -> None:
    follower = listen(role=Role.COUNTER, instrument="viola")
    notes = tuple(replace(note, pitch=note.pitch - 12) for note in SONG)
    scores = rate_notes(notes, listening=follower, likelihood=-2.0)
    words = explain_scores(scores, listening=follower, candidates=16)
    assert words.startswith("The best of 16 candidates per phrase, the nearest to how people play: ")
    assert f"{scores['consonance']:.0%} consonant with the lead (people: 79%)" in words
    assert words.endswith("than usual.")
    assert all(0.0 <= value <= 1.0 for value in scores.values())


def test_what_a_stretch_owes_to_its_model_is_asked_of_the_next_one() -> None:
    asked = choose_model(listen(), draw=Random(1))
    owed = measure_owed(SONG, listening=asked, owed={})
    found = measure_traits(SONG, plan=PLAN, lead=None, start=0, stop=PLAN.length, usual=asked.usual)
    spread = asked.people.judged_spreads["steps"]
    assert asked.model is not None
    assert owed["steps"] == pytest.approx(min(max(asked.model["steps"] - found["steps"], -spread), spread))
    again = choose_model(listen(), draw=Random(1), owed=owed).model
    assert again is not None
    assert again["steps"] == pytest.approx(asked.model["steps"] + owed["steps"])
    assert measure_owed((), listening=asked, owed=owed) == owed
    assert measure_owed(SONG, listening=listen(), owed=owed) == owed, "without a model nothing is owed"
