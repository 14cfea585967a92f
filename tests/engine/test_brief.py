"""The brief: everything a customer may write is read the same way at every door, everything else is refused."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.engine.brief import MAX_SEED, InvalidBriefs, parse_brief
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.plan import Key, Metre, Mode, Role
from generator.engine.styles import STYLES

COMPLETE = {
    "instruments": ["violin", "piano"],
    "style": "classical",
    "mood": "calm",
    "key": "D minor",
    "tempo": 96,
    "metre": "3/4",
    "seconds": 29.5,
    "seed": 7,
}


def refuse(values: object) -> InvalidBriefs:
    with pytest.raises(InvalidBriefs) as caught:
        parse_brief(values)  # type: ignore[arg-type]
    return caught.value


def test_complete_brief_is_read() -> None:
    brief = parse_brief(COMPLETE)
    assert brief.instruments == ("piano", "violin")
    assert (brief.style, brief.mood, brief.seconds, brief.seed) == ("classical", "calm", 29.5, 7)
    assert (brief.key, brief.tempo, brief.metre) == (Key(2, Mode.MINOR), 96.0, Metre(3, 4))


def test_json_of_a_brief_is_read_back_as_the_same_brief() -> None:
    for values in (COMPLETE, {"instruments": "random", "seconds": 6, "seed": 1}):
        brief = parse_brief(values)
        assert parse_brief(brief.to_json()) == brief


def test_form_fields_and_json_mean_the_same() -> None:
    form = {name: str(value) for name, value in COMPLETE.items()} | {"instruments": " Violin, piano "}
    assert parse_brief(form) == parse_brief(COMPLETE)


def test_empty_fields_count_as_absent() -> None:
    bare = {"instruments": "piano", "seconds": 30, "seed": 3}
    assert parse_brief(bare | {"style": "", "key": None, "tempo": ""}) == parse_brief(bare)


def test_absent_style_and_mood_follow_from_the_seed_and_fit_each_other() -> None:
    briefs = [parse_brief({"instruments": "piano", "seconds": 30, "seed": seed}) for seed in range(60)]
    assert {brief.style for brief in briefs} == set(STYLES)
    assert all(brief.mood in STYLES[brief.style].moods for brief in briefs)


def test_two_briefs_without_a_seed_get_different_seeds() -> None:
    one, other = (parse_brief({"instruments": "piano", "seconds": 30}) for _ in range(2))
    assert one.seed != other.seed


def test_random_draws_a_trio_with_somebody_who_can_lead_and_somebody_who_plays_chords() -> None:
    trios = [parse_brief({"instruments": "random", "seconds": 9, "seed": seed}).instruments for seed in range(80)]
    for trio in trios:
        assert len(trio) == 3
        assert any(Role.HARMONY in INSTRUMENTS[slug].roles for slug in trio)
        assert any(Role.LEAD in INSTRUMENTS[slug].roles[:2] and INSTRUMENTS[slug].voices == 1 for slug in trio)
    assert len(set(trios)) > 10


def test_all_means_every_instrument() -> None:
    assert parse_brief({"instruments": "all", "seconds": 9, "seed": 1}).instruments == tuple(INSTRUMENTS)


def test_every_fault_is_reported_at_once_with_what_is_allowed() -> None:
    error = refuse({"instruments": "kazoo", "style": "polka", "key": "H", "seconds": 400, "tempo": "fast"})
    assert set(error.fields) == {"instruments", "style", "key", "seconds", "tempo"}
    assert "kazoo" in error.fields["instruments"]
    assert "violin" in error.fields["instruments"]
    assert all(style in error.fields["style"] for style in STYLES)
    assert "F# minor" in error.fields["key"]
    assert "5 to 180" in error.fields["seconds"]
    assert str(error).count("\n") == 4


def test_unknown_fields_are_refused_and_the_known_ones_listed() -> None:
    error = refuse(COMPLETE | {"tempi": 96})
    assert list(error.fields) == ["tempi"]
    assert error.errors[0].allowed[0] == "instruments"


def test_missing_fields_are_called_missing() -> None:
    assert set(refuse({}).fields) == {"instruments", "seconds"}
    assert refuse({}).fields["seconds"].startswith("seconds is missing.")


@pytest.mark.parametrize("seconds", [5, 180, 14.5, "29.5", 59.5])
def test_lengths_within_the_limits_are_kept(seconds: object) -> None:
    assert parse_brief(COMPLETE | {"seconds": seconds}).seconds == float(seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [4.999, 180.001, -1, 0, True, "nan", math.inf, math.nan, "1e999", [30], {}, "30 s"])
def test_lengths_outside_the_limits_are_refused(seconds: object) -> None:
    assert set(refuse(COMPLETE | {"seconds": seconds}).fields) == {"seconds"}


@pytest.mark.parametrize("tempo", [39.9, 220.1, False, "nan", "presto", pytest.param(10**5000, id="huge")])
def test_impossible_tempi_are_refused(tempo: object) -> None:
    assert set(refuse(COMPLETE | {"tempo": tempo}).fields) == {"tempo"}


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 1.5, True, "seven", "9" * 5000, "٣", [1]])
def test_impossible_seeds_are_refused(seed: object) -> None:
    assert set(refuse(COMPLETE | {"seed": seed}).fields) == {"seed"}


@pytest.mark.parametrize("seed", [0, MAX_SEED, "7", 7.0])
def test_whole_seeds_are_kept(seed: object) -> None:
    assert parse_brief(COMPLETE | {"seed": seed}).seed == int(seed)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "instruments", ["", [], None, "piano,piano", ["piano", 3], 5, "piano;violin", ["all", "piano"], {"piano": 1}]
)
def test_impossible_ensembles_are_refused(instruments: object) -> None:
    assert set(refuse(COMPLETE | {"instruments": instruments}).fields) == {"instruments"}


def test_hostile_values_are_quoted_back_briefly() -> None:
    error = refuse(COMPLETE | {"key": "A" * 10**6, "style": "x" * 10**6, "y" * 10**6: 1})
    assert len(error.fields) == 3
    assert len(str(error)) < 2500


@pytest.mark.parametrize("values", [None, [], "piano", 3])
def test_what_is_no_mapping_is_refused(values: object) -> None:
    assert set(refuse(values).fields) == {"brief"}


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*COMPLETE, "other"]), _ANYTHING))
def test_nothing_but_a_brief_or_a_refusal_comes_of_any_input(values: dict[str, object]) -> None:
    with contextlib.suppress(InvalidBriefs):
        brief = parse_brief(values)
        assert brief.mood in MOODS
        assert parse_brief(brief.to_json()) == brief
