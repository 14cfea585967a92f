"""Plans: exact lengths, regular forms, shared chords, cadences, all from the seed."""

from itertools import pairwise

import pytest

from generator.engine.brief import Brief, parse_brief
from generator.engine.composing.codec import encode_plan
from generator.engine.conductor import write_plan
from generator.engine.conductor.cadences import find_tonic
from generator.engine.conductor.forms import choose_sections, find_layouts, rate_bars
from generator.engine.conductor.lengths import fit_frame
from generator.engine.metrics import SCALES
from generator.engine.moods import MOODS
from generator.engine.plan import Metre, Mode, Plan
from generator.engine.styles import STYLES

LENGTHS = (5, 6, 14.5, 15, 29.5, 30, 59.5, 60, 97.3, 180)
METRES = (Metre(4, 4), Metre(3, 4), Metre(6, 8))


def brief(**values: object) -> Brief:
    return parse_brief({"instruments": "piano", "seconds": 30, "style": "pop", "mood": "bright", "seed": 1} | values)


def chords_of(plan: Plan, *, bar: int) -> tuple[object, ...]:
    per_bar = plan.metre.bar_ticks // plan.metre.chord_ticks
    return plan.chords[bar * per_bar : (bar + 1) * per_bar]


@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("tempo", [40, 77, 96.5, 120, 220])
def test_asked_tempo_moves_by_3_percent_at_most_and_the_length_is_exact(seconds: float, tempo: float) -> None:
    for metre in METRES:
        frame = fit_frame(seconds=seconds, metre=metre, tempo=tempo, is_asked=True)
        assert abs(frame.length / 24 * 60 / frame.tempo - seconds) < 1e-9
        assert abs(frame.tempo / tempo - 1) <= 0.03 + 1e-9


@pytest.mark.parametrize("seconds", LENGTHS)
def test_whole_microseconds_per_quarter_keep_the_length_within_a_millisecond(seconds: float) -> None:
    for metre in METRES:
        for tempo in (40, 113, 220):
            frame = fit_frame(seconds=seconds, metre=metre, tempo=tempo, is_asked=True)
            midi_seconds = frame.length / 24 * round(60e6 / frame.tempo) / 1e6
            assert abs(midi_seconds - seconds) < 0.001


@pytest.mark.parametrize("seconds", LENGTHS)
def test_free_tempo_gives_whole_bars(seconds: float) -> None:
    for style in STYLES:
        plan = write_plan(brief(style=style, seconds=seconds))
        assert plan.length % plan.metre.bar_ticks == 0
        assert plan.bars >= 2
        assert plan.seconds == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize("bars", range(1, 170))
def test_sections_cover_the_form_without_gaps(bars: int) -> None:
    for family in ("song", "chorus", "binary", "growth"):
        sizes = choose_sections(bars=bars, family=family, draw=brief(seed=bars).draw("form"))
        assert sum(size for _, size in sizes) == bars
        assert all(size > 0 for _, size in sizes)
        body = [size for name, size in sizes if name in {"A", "B", "bridge"}]
        assert bars <= 4 or all(size in {4, 8} for size in body)


@pytest.mark.parametrize(
    ("family", "units"),
    [("song", 4), ("binary", 4), ("growth", 4), ("song", 6), ("chorus", 6), ("binary", 6), ("growth", 6)],
)
def test_half_of_the_form_comes_back_at_once_in_some_pieces_and_less_in_others(family: str, units: int) -> None:
    forms = [
        choose_sections(bars=4 * units + 2, family=family, draw=brief(seed=seed).draw("form")) for seed in range(24)
    ]
    bodies = [[name for name, _ in sizes if name not in {"intro", "outro"}] for sizes in forms]
    whole = [names for names in bodies if len(names) == units]
    halves = sum(names[: units // 2] == names[units // 2 :] for names in whole)
    assert 0.2 * len(whole) <= halves <= 0.8 * len(whole)
    assert len(whole) >= 10


def test_regular_forms_cost_less_than_odd_ones() -> None:
    assert rate_bars(40) < rate_bars(39)
    assert find_layouts(40)[0].cost <= 0.1


@pytest.mark.parametrize("style", list(STYLES))
def test_plans_are_complete_and_end_on_a_tonic_reached_by_a_cadence_of_the_style(style: str) -> None:
    for seed in range(6):
        plan = write_plan(brief(style=style, seed=seed, mood=None))
        assert len(plan.chords) == -(-plan.length // plan.metre.chord_ticks)
        assert len(plan.energies) == plan.bars
        assert all(0 <= energy <= 1 for energy in plan.energies)
        assert None not in plan.chords
        assert set(chords_of(plan, bar=plan.bars - 1)) == {find_tonic(plan.key.mode)}
        approach = chords_of(plan, bar=plan.bars - 2)[-1]
        tonic = find_tonic(plan.key.mode).root
        assert (approach.root - tonic) % 12 in {7, 5, 10}  # type: ignore[attr-defined]


@pytest.mark.parametrize("tempo", [40, 61, 120, 220])
@pytest.mark.parametrize("metre", ["4/4", "3/4", "6/8"])
def test_five_seconds_still_end_on_a_cadence(tempo: float, metre: str) -> None:
    plan = write_plan(brief(seconds=5, tempo=tempo, metre=metre))
    tonic = find_tonic(plan.key.mode)
    changes = [after for before, after in pairwise(plan.chords) if before != after]
    assert changes[-1] == tonic
    assert plan.seconds == pytest.approx(5, abs=1e-9)


def test_sections_of_one_name_open_with_the_same_chords() -> None:
    shared = 0
    for style in STYLES:
        plan = write_plan(brief(style=style, seconds=60))
        first: dict[str, int] = {}
        for section in plan.sections:
            start = first.setdefault(section.name, section.start_bar)
            for bar in range(section.bars // 2):
                assert chords_of(plan, bar=section.start_bar + bar) == chords_of(plan, bar=start + bar)
                shared += section.start_bar != start
    assert shared > 50


def test_a_second_section_is_not_the_first_again() -> None:
    alike = 0
    for seed in range(20):
        plan = write_plan(brief(seconds=60, seed=seed))
        starts = {section.name: section for section in reversed(plan.sections)}
        if {"A", "B"} <= set(starts):
            bars = range(starts["A"].bars)
            alike += all(
                chords_of(plan, bar=starts["A"].start_bar + bar) == chords_of(plan, bar=starts["B"].start_bar + bar)
                for bar in bars
            )
    assert alike <= 2


def test_chords_move_and_stay_mostly_in_the_key() -> None:
    for style in STYLES:
        inside = total = 0
        for seed in range(8):
            plan = write_plan(brief(style=style, seed=seed, seconds=60))
            assert len(set(plan.chords)) >= 3
            scale = SCALES[plan.key.mode]
            inside += sum(set(chord.pitch_classes[:3]) <= scale for chord in plan.chords if chord)
            total += len(plan.chords)
        assert inside / total > 0.7, style


def test_same_brief_gives_the_same_plan_and_another_seed_another() -> None:
    assert write_plan(brief()) == write_plan(brief())
    plans = [str(encode_plan(write_plan(brief(seed=seed)))) for seed in range(40)]
    assert len(set(plans)) == 40


def test_asked_key_and_metre_are_kept_and_free_ones_follow_mood_and_style() -> None:
    plan = write_plan(brief(key="Eb minor", metre="6/8"))
    assert (str(plan.key), str(plan.metre)) == ("Eb minor", "6/8")
    for mood, mode in (("sad", Mode.MINOR), ("bright", Mode.MAJOR)):
        assert {write_plan(brief(mood=mood, seed=seed)).key.mode for seed in range(10)} == {mode}
    assert {str(write_plan(brief(style="rock", seed=seed)).metre) for seed in range(10)} == {"4/4"}


def test_moods_move_tempo_and_energy_the_way_they_say() -> None:
    for name in ("bright", "tense", "heroic"):
        for seed in range(5):
            mood, calm = (write_plan(brief(mood=found, seed=seed)) for found in (name, "calm"))
            assert mood.tempo > calm.tempo
            assert sum(mood.energies) / mood.bars > sum(calm.energies) / calm.bars
    assert MOODS["calm"].energy < 0 < MOODS["heroic"].energy


def test_cinematic_pieces_rise_and_do_not_fall_back_before_the_end() -> None:
    plan = write_plan(brief(style="cinematic", seconds=60))
    body = [section.energy for section in plan.sections if section.name in {"A", "B"}]
    assert body[-1] - body[0] > 0.2
