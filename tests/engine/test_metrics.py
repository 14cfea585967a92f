"""Measures of music: literal expectations on bars that can be judged by eye."""

from dataclasses import replace

import pytest

from generator.engine.metrics import (
    count_notes_per_bar,
    find_longest_run,
    find_longest_silence,
    find_sounding,
    list_silent_bars,
    measure_chord_tones,
    measure_consonance,
    measure_downbeats,
    measure_echo,
    measure_fill,
    measure_foundation,
    measure_in_scale,
    measure_likeness_of_rhythm,
    measure_phrasing,
    measure_pulse,
    measure_room,
    measure_sounding,
    sweep_sounding,
)
from generator.engine.plan import Chord, Key, Metre, Mode, Plan, Section
from generator.engine.score import Note

PLAN = Plan(
    style="pop",
    mood="bright",
    key=Key(0, Mode.MAJOR),
    metre=Metre(4, 4),
    tempo=100.0,
    length=384,
    sections=(Section("A", 0, 4, 0.5),),
    chords=(Chord(0, "maj"), Chord(0, "maj"), Chord(7, "dom7"), Chord(7, "dom7")) * 2,
    energies=(0.5,) * 4,
)


def quarters(*pitches: int, start: int = 0) -> tuple[Note, ...]:
    return tuple(Note(start + 24 * place, pitch, 24) for place, pitch in enumerate(pitches))


def test_chord_tones_count_notes_struck_on_beats_only() -> None:
    assert measure_chord_tones(quarters(60, 62, 64, 67), plan=PLAN) == 0.75
    assert measure_chord_tones([Note(12, 61, 6), Note(0, 60, 12)], plan=PLAN) == 1.0
    assert measure_chord_tones(quarters(65, 65, start=96), plan=PLAN) == 1.0


def test_scale_of_minor_takes_both_sixths_and_sevenths() -> None:
    assert measure_in_scale(quarters(60, 61, 62, 64), mode=Mode.MAJOR) == 0.75
    assert measure_in_scale(quarters(66, 68, 65, 67), mode=Mode.MINOR) == 1.0


def test_consonance_looks_at_what_sounds_together() -> None:
    lead = [Note(0, 72, 96)]
    assert measure_consonance(quarters(64, 65, 66, 71), lead, ticks=range(0, 96, 24)) == 0.5
    assert measure_consonance(quarters(61, start=96), lead, ticks=range(0, 192, 24)) == 1.0


def test_sounding_notes_are_those_begun_and_not_ended() -> None:
    notes = quarters(60, 62)
    assert find_sounding(notes, tick=23) == [notes[0]]
    assert find_sounding(notes, tick=24) == [notes[1]]
    assert find_sounding(notes, tick=48) == []


def test_a_sweep_finds_what_single_looks_find() -> None:
    notes = [Note(0, 48, 100), Note(0, 60, 24), Note(24, 62, 12), Note(60, 64, 24)]
    ticks = range(0, 120, 12)
    assert list(sweep_sounding(notes, ticks=ticks)) == [find_sounding(notes, tick=tick) for tick in ticks]


@pytest.mark.parametrize(("pitches", "run"), [((), 0), ((60,), 1), ((60, 60, 60, 62, 62), 3), ((60, 62, 60), 1)])
def test_longest_run_counts_the_same_pitch_in_a_row(pitches: tuple[int, ...], run: int) -> None:
    assert find_longest_run(quarters(*pitches)) == run


def test_longest_run_of_chords_follows_the_top_line() -> None:
    chords = [Note(onset, pitch, 24) for onset in (0, 24, 48) for pitch in (48, 60 + onset // 24)]
    assert find_longest_run(chords) == 1


def test_silent_bars_are_those_without_sound_even_if_nothing_starts_in_others() -> None:
    assert list_silent_bars([Note(0, 60, 120)], plan=PLAN) == [2, 3]
    assert list_silent_bars([], plan=PLAN) == [0, 1, 2, 3]
    assert list_silent_bars([Note(0, 60, 384)], plan=PLAN) == []


def test_notes_per_bar_counts_onsets_within_the_span() -> None:
    assert count_notes_per_bar(quarters(*[60] * 8), metre=Metre(4, 4), start=0, stop=192) == 4.0
    assert count_notes_per_bar(quarters(*[60] * 3), metre=Metre(3, 4), start=0, stop=144) == 1.5


def test_rhythm_likeness_is_one_for_equal_bars_and_zero_for_disjoint_ones() -> None:
    metre = Metre(4, 4)
    assert measure_likeness_of_rhythm(quarters(*range(60, 68)), metre=metre, start=0, stop=192) == 1.0
    apart = [Note(0, 60, 12), Note(96 + 12, 60, 12)]
    assert measure_likeness_of_rhythm(apart, metre=metre, start=0, stop=192) == 0.0


def test_phrases_breathe_on_a_long_note_or_a_rest_and_not_in_running_notes() -> None:
    running = tuple(Note(12 * place, 60 + place % 2, 12) for place in range(32))
    metre = Metre(4, 4)
    assert measure_phrasing(running, metre=metre, start=0, stop=384) == 0.0
    assert measure_phrasing(running[:-2], metre=metre, start=0, stop=384) == 1.0
    assert measure_phrasing((*running[:-2], Note(360, 60, 24)), metre=metre, start=0, stop=384) == 1.0
    assert measure_phrasing(running, metre=metre, start=0, stop=96) == 1.0


def test_a_fill_is_a_last_bar_unlike_the_one_before() -> None:
    beat = [Note(onset, 42, 6) for onset in range(0, 192, 24)]
    metre = Metre(4, 4)
    assert measure_fill(beat, metre=metre, stop=192) == 0.0
    assert measure_fill([*beat[:-2], Note(144, 48, 6), Note(168, 45, 6)], metre=metre, stop=192) == pytest.approx(2 / 3)


def test_room_is_left_where_nothing_stands_above_the_lead() -> None:
    lead = [Note(0, 72, 96)]
    assert measure_room(quarters(60, 74, 75, 80), lead, ticks=range(0, 96, 24)) == 0.5
    assert measure_room(quarters(60, start=96), lead, ticks=range(0, 192, 24)) == 1.0


def test_sounding_time_counts_overlaps_once_and_only_the_span() -> None:
    notes = [Note(0, 48, 60), Note(12, 60, 24), Note(72, 64, 48)]
    assert measure_sounding(notes, start=0, stop=96) == 84 / 96
    assert measure_sounding(notes, start=48, stop=96) == 36 / 48
    assert measure_sounding([], start=0, stop=96) == 0.0


def test_foundation_counts_bars_that_stand_on_a_low_note() -> None:
    notes = [Note(0, 52, 120), Note(192, 53, 96), Note(288, 60, 96)]
    assert measure_foundation(notes, plan=PLAN, start=0, stop=384) == 0.5


def test_the_longest_silence_counts_the_edges_of_a_stretch_and_what_sounds_into_it() -> None:
    notes = (Note(0, 60, 30), Note(48, 62, 12), Note(50, 50, 4))
    assert find_longest_silence(notes, start=0, stop=96) == 36
    assert find_longest_silence(notes, start=24, stop=72) == 18
    assert find_longest_silence((), start=0, stop=96) == 96


def test_echo_is_what_bars_have_in_common_with_the_bar_before() -> None:
    bar = (Note(0, 60, 24), Note(24, 64, 24), Note(48, 67, 24))
    again = tuple(replace(note, onset=note.onset + 96) for note in bar)
    changed = (*again[:2], replace(again[2], pitch=69))
    metre = Metre(4, 4)
    assert measure_echo((*bar, *again), metre=metre, start=0, stop=192) == 1.0
    assert measure_echo((*bar, *changed), metre=metre, start=0, stop=192) == 0.5


def test_drums_that_keep_time_strike_on_every_beat_and_mark_each_bar() -> None:
    metre = Metre(4, 4)
    hats = tuple(Note(24 * beat, 42, 6) for beat in range(8))
    kick = (Note(0, 36, 6),)
    drums = tuple(sorted((*hats, *kick)))
    assert measure_pulse(drums, metre=metre, start=0, stop=192) == 1.0
    assert measure_pulse(drums[::3], metre=metre, start=0, stop=192) == 0.375
    assert measure_downbeats(drums, metre=metre, keys=frozenset({36}), start=0, stop=192) == 0.5
