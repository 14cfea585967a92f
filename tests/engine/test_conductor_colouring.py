"""Colours of harmony: applied dominants, borrowed and passing chords, other keys, by the palette of the style."""

from random import Random

import numpy as np
import pytest

from generator.engine.brief import parse_brief
from generator.engine.conductor import write_plan
from generator.engine.conductor.colouring import colour_section, draw_key_away, move_section
from generator.engine.conductor.palettes import PALETTES, PLAIN, Palette, find_palette
from generator.engine.metrics import SCALES
from generator.engine.plan import Chord, Mode, Plan
from generator.engine.styles import STYLES

C, DM, F, G, AM, E7, A7, G7 = (
    Chord(0, "maj"), Chord(2, "min"), Chord(5, "maj"), Chord(7, "maj"), Chord(9, "min"), Chord(4, "dom7"),
    Chord(9, "dom7"), Chord(7, "dom7"),
)  # fmt: skip


def colour(*chords: Chord, palette: Palette, fixed: tuple[int, ...] = (), mode: Mode = Mode.MAJOR) -> list[Chord]:
    indices = np.array([chord.index for chord in chords])
    is_free = np.array([slot not in fixed for slot in range(len(chords))])
    found = colour_section(indices, is_free=is_free, mode=mode, palette=palette, per_bar=2, draw=Random(0))
    return [Chord.from_index(int(index)) for index in found]


def test_the_end_of_a_chord_becomes_the_dominant_of_the_next() -> None:
    assert colour(C, C, AM, AM, palette=Palette(applied=1.0)) == [C, E7, AM, G7]


def test_an_applied_dominant_can_be_prepared_by_its_second_degree() -> None:
    found = colour(C, C, C, C, C, C, DM, DM, palette=Palette(applied=1.0, related=1.0))
    assert found[:6] == [C, C, Chord(4, "min"), Chord(4, "min"), A7, A7]


def test_the_subdominant_turns_minor_before_home() -> None:
    assert colour(F, F, C, C, palette=Palette(borrowed=1.0)) == [F, Chord(5, "min"), C, C]


def test_a_diminished_chord_leads_up_a_whole_tone() -> None:
    assert colour(C, C, DM, DM, palette=Palette(passing=1.0))[:2] == [C, Chord(1, "dim")]


def test_slots_that_were_settled_keep_their_chords() -> None:
    assert colour(C, C, AM, AM, palette=Palette(applied=1.0), fixed=(1, 3)) == [C, C, AM, AM]


def test_the_same_change_is_coloured_alike_throughout_a_section() -> None:
    for seed in range(20):
        loop = np.array([chord.index for chord in (C, C, AM, AM) * 4])
        found = colour_section(
            loop, is_free=loop >= 0, mode=Mode.MAJOR, palette=Palette(applied=0.5), per_bar=2, draw=Random(seed)
        )
        assert (found[:12] == np.resize(found[:4], 12)).all()


def test_a_section_in_another_key_leads_home_in_its_last_bar() -> None:
    indices = np.array([chord.index for chord in (C, C, F, F, G, G, C, C)])
    moved = move_section(indices, is_free=indices >= 0, mode=Mode.MAJOR, semitones=7, per_bar=2)
    assert [Chord.from_index(int(index)) for index in moved] == [G, G, C, C, Chord(2, "maj"), Chord(2, "maj"), G7, G7]


def test_only_contrasting_sections_of_four_bars_go_away() -> None:
    palette = Palette(away=1.0, keys=(5,))
    asked = {"slots": 8, "palette": palette, "per_bar": 2}
    assert draw_key_away(name="B", draw=Random(1), **asked) == 5
    assert draw_key_away(name="A", draw=Random(1), **asked) == 0
    assert draw_key_away(name="B", draw=Random(1), **asked | {"slots": 4}) == 0
    assert draw_key_away(name="B", draw=Random(1), **asked | {"palette": PLAIN}) == 0


def measure_strangeness(plan: Plan) -> float:
    chords = [chord for chord in plan.chords if chord]
    return sum(not set(chord.pitch_classes[:3]) <= SCALES[plan.key.mode] for chord in chords) / len(chords)


@pytest.mark.parametrize(("style", "low", "high"), [("folk", 0.0, 0.08), ("classical", 0.08, 0.3), ("jazz", 0.15, 0.3)])
def test_styles_leave_the_key_as_far_as_people_do(style: str, low: float, high: float) -> None:
    fields = {"instruments": "piano", "seconds": 60, "style": style}
    shares = [measure_strangeness(write_plan(parse_brief(fields | {"seed": seed}))) for seed in range(16)]
    assert low <= sum(shares) / len(shares) <= high


def test_guitars_stay_in_the_key_and_quartets_leave_it_more_readily() -> None:
    usual = PALETTES["pop"]
    assert find_palette("pop", instruments=("flute", "drums")) == usual
    assert find_palette("pop", instruments=("guitar",)).borrowed == usual.borrowed / 2
    quartet = find_palette("classical", instruments=("violin", "viola", "cello"))
    assert PALETTES["classical"].applied < quartet.applied <= 1.0
    assert find_palette("pop", instruments=("drums",)) == usual


def test_every_style_has_a_palette() -> None:
    assert set(PALETTES) == set(STYLES)


def find_away(plan: Plan, *, first: int, stop: int) -> tuple[Chord | None, ...]:
    per_bar = plan.metre.bar_ticks // plan.metre.chord_ticks
    return plan.chords[first * per_bar : stop * per_bar]


def test_a_section_that_stands_away_from_home_stays_there_whenever_it_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its own chords, moved back home, are the same in its first half, and the second half has not fallen home."""
    away = Palette(away=1.0, keys=(3,))
    seen = 0
    for seed in range(12):
        fields = {"instruments": "piano", "style": "pop", "seconds": 60, "seed": seed}
        monkeypatch.setitem(PALETTES, "pop", away)  # type: ignore[arg-type]
        moved = write_plan(parse_brief(fields))
        monkeypatch.setitem(PALETTES, "pop", Palette(away=1.0, keys=(0,)))  # type: ignore[arg-type]
        home = write_plan(parse_brief(fields))
        closing = moved.bars - 2
        for section in moved.sections:
            stop = min(section.start_bar + section.bars - 1, closing)
            if section.name not in ("B", "bridge") or section.bars < 4:
                continue
            asked = {"first": section.start_bar, "stop": stop}
            pairs = zip(find_away(moved, **asked), find_away(home, **asked), strict=True)
            assert all(one and other and one.root == (other.root + 3) % 12 for one, other in pairs)
            seen += 1
    assert seen > 12
