"""Idioms: swing, comping and walking bass, written over what the networks play."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from generator.engine.composing.comping import comp_chords, is_comped
from generator.engine.composing.extending import extend_chords, is_extended
from generator.engine.composing.finishing import find_closing
from generator.engine.composing.swinging import swing_notes, swing_part
from generator.engine.composing.walking import is_walking, walk_line
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import find_longest_run
from generator.engine.plan import Chord, Metre, Plan, Role
from generator.engine.score import Note, Part
from tests.engine.networks import make_plan


def jazz_plan(*, bars: int = 8) -> Plan:
    return replace(make_plan(bars=bars), style="jazz")


HELD = tuple(Note(48 * slot, 36 + 5 * (slot % 3), 48, 70) for slot in range(16))
CHORDS = tuple(Note(48 * slot, pitch, 48, 70) for slot in range(16) for pitch in (48, 60, 64, 67))


def test_swung_eighths_fall_on_the_last_third_of_the_beat_and_swing_but_once() -> None:
    straight = (Note(0, 60, 12), Note(12, 62, 12), Note(30, 64, 6), Note(40, 65, 8))
    swung = swing_notes(straight)
    assert swung == (Note(0, 60, 16), Note(16, 62, 8), Note(32, 64, 8), Note(40, 65, 8))
    assert swing_notes(swung) == swung


@pytest.mark.parametrize("onsets", [(0, 12, 16, 20), (0, 12, 15, 18), (0, 6, 8, 12, 18, 20)])
def test_a_line_that_is_busier_than_eighths_keeps_its_order_and_no_note_meets_the_next(onsets: tuple[int, ...]) -> None:
    ends = (*onsets[1:], 24)
    line = tuple(Note(onset, 60, end - onset) for onset, end in zip(onsets, ends, strict=True))
    swung = swing_notes(line)
    assert len({note.onset for note in swung}) == len(line)
    assert all(before.end <= after.onset for before, after in pairwise(swung))


def test_other_styles_and_compound_metres_stay_straight() -> None:
    part = Part("flute", "lead", (Note(12, 62, 12),))
    assert swing_part(part, plan=make_plan()) == part
    assert swing_part(part, plan=replace(jazz_plan(), metre=Metre(6, 8))) == part
    assert swing_part(part, plan=jazz_plan()) != part


def test_a_walking_bass_has_a_note_on_every_beat_and_never_the_same_twice() -> None:
    plan = jazz_plan()
    line = walk_line(HELD, plan=plan, instrument="bass", start=0, stop=plan.length)
    beats = [note for note in line if note.onset % 24 == 0 and note.onset < find_closing(plan)]
    assert [note.onset for note in beats] == list(range(0, find_closing(plan), 24))
    assert all(one.pitch != other.pitch for one, other in pairwise(beats))
    assert all(one.end <= other.onset for one, other in pairwise(line))
    player = INSTRUMENTS["bass"]
    assert all(player.lowest <= note.pitch + plan.key.shift <= player.highest for note in line)


def test_a_walking_bass_carries_each_chord_where_it_begins() -> None:
    plan = jazz_plan()
    line = walk_line(HELD, plan=plan, instrument="bass", start=0, stop=plan.length)
    for note in line:
        chord = plan.chord_at(note.onset)
        if note.onset % 48 == 0 and note.onset < find_closing(plan) and chord is not None:
            assert note.pitch % 12 in chord.pitch_classes


def test_only_a_bass_in_jazz_walks_and_rests_where_there_is_little_energy() -> None:
    assert is_walking(jazz_plan(), role=Role.BASS)
    assert not is_walking(jazz_plan(), role=Role.COUNTER)
    assert not is_walking(make_plan(), role=Role.BASS)
    quiet = replace(jazz_plan(), energies=(0.1,) * 8)
    assert walk_line(HELD, plan=quiet, instrument="bass", start=0, stop=quiet.length) == HELD


def test_comping_strikes_sevenths_off_the_beat_without_the_root() -> None:
    plan = jazz_plan()
    closing = find_closing(plan)
    struck = comp_chords(CHORDS, plan=plan, instrument="piano", start=0, stop=plan.length, draw=Random(3))
    played = [note for note in struck if note.onset < closing]
    assert {note.onset % 24 for note in played} == {0, 12}
    on_beats = [note for note in played if note.onset % 24 == 0]
    for note in on_beats:
        chord = plan.chord_at(note.onset)
        assert chord is not None
        assert note.pitch % 12 != chord.root
    roots = {(note.pitch - plan.chord_at(note.onset).root) % 12 for note in on_beats}  # type: ignore[union-attr]
    assert {10, 11} & roots, "sevenths"
    assert [note for note in struck if note.onset >= closing] == [note for note in CHORDS if note.onset >= closing]


def test_one_chord_is_turned_over_before_its_top_note_is_heard_again_and_again() -> None:
    plan = replace(jazz_plan(bars=12), chords=(Chord(0, "maj"),) * 24)
    struck = comp_chords(CHORDS, plan=plan, instrument="piano", start=0, stop=plan.length, draw=Random(3))
    assert find_longest_run(tuple(note for note in struck if note.onset < find_closing(plan))) == 3


def test_only_chords_in_jazz_are_comped() -> None:
    assert is_comped(jazz_plan(), role=Role.HARMONY, instrument="piano")
    assert is_comped(jazz_plan(), role=Role.HARMONY, instrument="guitar")
    assert not is_comped(jazz_plan(), role=Role.LEAD, instrument="piano")
    assert not is_comped(make_plan(), role=Role.HARMONY, instrument="piano")


DOUBLED = tuple(Note(48 * slot, pitch, 48, 70) for slot in range(16) for pitch in (48, 64, 67, 72))
AMBIENT = replace(make_plan(), style="ambient", chords=(Chord(0, "maj"),) * 16)


def extend(*, lead: tuple[Note, ...] = (), plan: Plan = AMBIENT, seed: int = 0) -> tuple[Note, ...]:
    return extend_chords(DOUBLED, plan=plan, lead=lead, start=0, stop=plan.length, draw=Random(seed))


def test_a_doubled_root_gives_way_to_a_seventh_or_ninth_of_the_key_alike_throughout() -> None:
    closing = find_closing(AMBIENT)
    found = {frozenset(n.pitch for n in extend(seed=seed) if n.onset < closing) for seed in range(30)}
    assert found == {frozenset({48, 64, 67, tone}) for tone in (71, 72, 74)}
    for seed in range(30):
        assert [n for n in extend(seed=seed) if n.onset >= closing] == [n for n in DOUBLED if n.onset >= closing]


def test_no_tone_from_outside_the_key_is_added_and_none_that_rubs_against_the_tune() -> None:
    on_mediant = replace(AMBIENT, chords=(Chord(4, "maj"),) * 16)
    assert all(extend(plan=on_mediant, seed=seed) == DOUBLED for seed in range(30))
    for pitch, rubbing in ((84, 71), (85, 74)):
        tune = (Note(0, pitch, AMBIENT.length, 80),)
        assert all(rubbing not in {n.pitch for n in extend(lead=tune, seed=seed)} for seed in range(30))


def test_only_chords_of_styles_that_like_it_are_extended() -> None:
    assert is_extended(AMBIENT, role=Role.HARMONY, instrument="guitar")
    assert not is_extended(AMBIENT, role=Role.LEAD, instrument="piano")
    assert not is_extended(replace(AMBIENT, style="folk"), role=Role.HARMONY, instrument="piano")


def test_more_strokes_are_comped_where_more_notes_are_asked_for() -> None:
    counts = []
    for density in (0.5, 1.0, 2.0):
        plan = replace(jazz_plan(bars=32), density=density)
        notes = comp_chords(CHORDS * 1, plan=plan, instrument="piano", start=0, stop=plan.length, draw=Random(3))
        counts.append(len({note.onset for note in notes}))
    assert counts[0] < counts[1] < counts[2]
