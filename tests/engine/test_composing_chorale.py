"""Chorale: four voices on the beats, led as a choir sings them, and phrases that come to rest."""

from dataclasses import replace
from itertools import combinations, pairwise
from random import Random

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.chorale import choose_choir, is_chorale, set_chorale
from generator.engine.composing.finishing import find_closing
from generator.engine.composing.phrase_ends import hold_ends, is_sung
from generator.engine.composing.voices import Station, lead_voices
from generator.engine.conductor import write_plan
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Chord, Key, Mode, Plan, list_phrase_ends
from generator.engine.score import Note
from tests.engine.networks import make_plan

FIGURES = tuple(Note(12 * place, (48, 64, 67, 72)[place % 4], 12, 70) for place in range(64))
TUNE = tuple(Note(24 * place, 72 + (0, 2, 4, 5, 7, 5, 4, 2)[place % 8], 24, 70) for place in range(32))
CYCLE = (Chord(0, "maj"), Chord(9, "min"), Chord(5, "maj"), Chord(2, "min"), Chord(7, "dom7"), Chord(0, "maj"))


def hymn_plan(*, bars: int = 8, energy: float = 0.6) -> Plan:
    return replace(make_plan(bars=bars), style="hymn", energies=(energy,) * bars)


def set_voices(*chords: Chord, tune: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    tops = tune or (None,) * len(chords)
    stations = [
        Station(chord=chord, played=frozenset(), ceiling=76, tune=top) for chord, top in zip(chords, tops, strict=True)
    ]
    return lead_voices(stations, lowest=28, highest=100, shift=0)


def set_under(plan: Plan, notes: tuple[Note, ...], *, instrument: str = "piano", **asked: bool) -> tuple[Note, ...]:
    return set_chorale(
        notes, plan=plan, instrument=instrument, lead=None, start=0, stop=plan.length, draw=Random(1), **asked
    )


def test_every_setting_is_its_chord_in_four_voices_with_root_third_and_seventh() -> None:
    for setting, chord in zip(set_voices(*CYCLE), CYCLE, strict=True):
        tones = [pitch % 12 for pitch in setting]
        assert len(setting) == 4
        assert set(tones) <= set(chord.pitch_classes)
        assert {*chord.pitch_classes[:2], *chord.pitch_classes[3:]} <= set(tones)


@pytest.mark.parametrize("start", range(6))
def test_no_two_voices_move_in_parallel_fifths_or_octaves(start: int) -> None:
    chords = CYCLE[start:] + CYCLE[:start]
    for before, after in pairwise(set_voices(*chords, *chords)):
        for low, high in combinations(range(4), 2):
            interval = before[high] - before[low]
            moves = (after[low] - before[low]) * (after[high] - before[high]) > 0
            assert not (moves and interval % 12 in (0, 7) and (after[high] - after[low] - interval) % 12 == 0)


def test_the_leading_note_rises_and_the_seventh_falls() -> None:
    before, after = set_voices(Chord(7, "dom7"), Chord(0, "maj"))
    for old, new in zip(before, after, strict=True):
        if old % 12 == 11:
            assert new == old + 1
        if old % 12 == 5:
            assert new == old - 1


def test_a_tune_is_the_upper_voice() -> None:
    tune = (72, 72, 69, 74, 71, 72)
    assert [setting[-1] for setting in set_voices(*CYCLE, tune=tune)] == list(tune)
    assert set_voices(Chord(0, "maj"), tune=(50,)) == [(48, 50)], "too low for chords: the bass alone"


def test_figures_become_chords_on_the_beats_of_the_plan() -> None:
    plan = hymn_plan()
    notes = set_under(plan, FIGURES)
    on_beats = [note for note in notes if note.onset % 24 == 0]
    assert {note.onset for note in on_beats} >= set(range(0, 3 * 96, 24))
    for note in on_beats:
        chord = plan.chord_at(note.onset)
        assert chord is not None
        assert note.pitch % 12 in chord.pitch_classes
    between = [note for note in notes if note.onset % 24]
    assert 0 < len(between) < len(on_beats) / 4, "passing notes are few"
    assert all(note.onset % 12 == 0 for note in between)


def test_no_chord_is_struck_within_the_end_of_a_phrase_and_the_last_one_is_held() -> None:
    plan = replace(hymn_plan(), chords=(Chord(0, "maj"),) * 16)
    notes = set_under(plan, FIGURES)
    assert {note.onset for note in notes if 3 * 96 <= note.onset < 4 * 96} == {3 * 96}
    assert {note.end for note in notes if note.onset >= find_closing(plan)} == {plan.length}


def test_soft_hymns_strike_where_chords_begin_and_hold_what_stays() -> None:
    soft, firm = (set_under(hymn_plan(energy=energy), FIGURES) for energy in (0.2, 0.6))
    assert len({note.onset for note in soft}) < len({note.onset for note in firm})


def test_a_hymn_played_alone_keeps_its_tune_above_the_chords() -> None:
    plan = hymn_plan()
    notes = set_under(
        plan, tuple(sorted((*TUNE, *(Note(tick, 48, 96, 60) for tick in range(0, 768, 96))))), carries_tune=True
    )
    tops = {onset: max(note.pitch for note in notes if note.onset == onset) for onset in {n.onset for n in notes}}
    assert [tops[24 * place] for place in range(8)] == [note.pitch for note in TUNE[:8]]


@pytest.mark.parametrize("instrument", ["piano", "guitar"])
def test_hands_reach_what_is_set_in_any_key(instrument: str) -> None:
    player = INSTRUMENTS[instrument]
    for tonic in range(12):
        plan = replace(hymn_plan(), key=Key(tonic, Mode.MAJOR))
        for note in set_under(plan, FIGURES, instrument=instrument):
            assert player.lowest <= note.pitch + plan.key.shift <= player.highest


def test_only_what_can_play_four_voices_does_so_and_in_hymns_alone() -> None:
    assert is_chorale(hymn_plan(), instrument="guitar")
    assert not is_chorale(hymn_plan(), instrument="violin")
    assert not is_chorale(make_plan(), instrument="piano")
    assert is_sung(hymn_plan())
    assert not is_sung(make_plan())


@pytest.mark.parametrize(
    ("instruments", "choir"),
    [("organ,piano,violin", "organ"), ("harp,strings,flute", "strings"), ("violin,harp", None), ("violin,cello", None)],
)
def test_one_player_sings_the_chords_of_a_hymn_and_never_the_harp(instruments: str, choir: str | None) -> None:
    assert choose_choir(parse_brief({"instruments": instruments, "style": "hymn", "seconds": 30, "seed": 1})) == choir


def test_a_line_holds_a_note_of_the_chord_at_the_end_of_every_phrase() -> None:
    plan = hymn_plan()
    held = hold_ends(TUNE, plan=plan, start=0, stop=plan.length)
    last = [note for note in held if note.onset < 4 * 96][-1]
    assert (last.onset, last.end) == (3 * 96 + 48, 4 * 96 - 12)
    assert last.pitch % 12 in plan.chords[7].pitch_classes  # type: ignore[union-attr]
    assert [note for note in held if note.onset >= 4 * 96] == [note for note in TUNE if note.onset >= 4 * 96]
    assert hold_ends(TUNE, plan=plan, start=4 * 96, stop=plan.length)[:16] == TUNE[:16], "a span leaves the rest alone"


def test_phrases_of_a_planned_hymn_come_to_rest_on_one_chord() -> None:
    for seed in range(6):
        plan = write_plan(parse_brief({"instruments": "piano", "style": "hymn", "seconds": 40, "seed": seed}))
        per_bar = plan.metre.bar_ticks // plan.metre.chord_ticks
        ends = [bar for bar in list_phrase_ends(plan.sections) if bar < plan.bars - 2]
        moved = [bar for bar in ends if len(set(plan.chords[bar * per_bar : (bar + 1) * per_bar])) > 1]
        assert not moved
