"""How a written part is played."""

from itertools import pairwise

import numpy as np
import pytest

from generator.engine.audio.expression import swell_notes
from generator.engine.audio.performance import PlayedNote, perform_part
from generator.engine.plan import Plan, Role
from generator.engine.score import TICKS_PER_QUARTER, Note, Part
from tests.engine.audio_pieces import BAR, make_part, make_plan

Q = TICKS_PER_QUARTER


@pytest.fixture
def plan() -> Plan:
    return make_plan(seconds=10.0)


def _play(plan: Plan, slug: str, role: Role, *notes: Note) -> tuple[PlayedNote, ...]:
    return perform_part(Part(slug, role, notes), plan)


def _seconds(plan: Plan, ticks: float) -> float:
    return ticks / TICKS_PER_QUARTER * 60 / plan.tempo


@pytest.mark.parametrize("slug", ["violin", "viola", "cello", "flute", "bass", "drums"])
def test_no_note_strays_more_than_eight_milliseconds_from_its_place(plan: Plan, slug: str) -> None:
    part = make_part(slug, plan)
    strays = [
        played.start - _seconds(plan, note.onset)
        for note, played in zip(part.notes, perform_part(part, plan), strict=True)
    ]
    limit = 0.008 if slug != "drums" else 0.009
    assert max(map(abs, strays)) <= limit
    assert len(set(strays)) > len(strays) // 3, "the playing is mechanical"


def test_nothing_is_played_before_the_piece_begins(plan: Plan) -> None:
    played = _play(plan, "drums", Role.RHYTHM, *(Note(0, pitch, 6, micro=-15) for pitch in range(36, 48)))
    assert min(note.start for note in played) == 0.0


def test_a_recorded_groove_is_played_within_two_milliseconds(plan: Plan) -> None:
    notes = [Note(onset, 42, 6, micro=(onset // 12 * 7) % 19 - 9) for onset in range(Q, BAR, 12)]
    for note, played in zip(notes, _play(plan, "drums", Role.RHYTHM, *notes), strict=True):
        assert played.start == pytest.approx(_seconds(plan, note.onset + note.micro / 20), abs=0.002)


def test_a_chord_is_struck_from_the_bottom_up_within_a_thirtieth_of_a_second(plan: Plan) -> None:
    played = _play(plan, "guitar", Role.HARMONY, *(Note(Q, pitch, Q) for pitch in (45, 52, 57, 60)))
    starts = [note.start for note in played]
    assert starts == sorted(starts)
    assert 0.01 < starts[-1] - starts[0] < 0.034


def test_bowed_notes_are_tied_over_and_bass_notes_kept_apart(plan: Plan) -> None:
    line = (Note(0, 57, Q), Note(Q, 59, Q), Note(2 * Q, 60, Q))
    violin = _play(plan, "violin", Role.LEAD, *line)
    bass = _play(plan, "bass", Role.BASS, *line)
    assert all(first.stop > second.start for first, second in pairwise(violin))
    assert all(first.stop < second.start for first, second in pairwise(bass))


def test_a_rest_that_is_written_is_kept(plan: Plan) -> None:
    first, second = _play(plan, "violin", Role.LEAD, Note(0, 69, Q), Note(3 * Q, 71, Q))
    assert second.start - first.stop > _seconds(plan, 1.9 * Q)


@pytest.mark.parametrize("slug", ["piano", "guitar", "violin", "flute"])
def test_a_repeated_pitch_is_released_before_it_is_struck_again(plan: Plan, slug: str) -> None:
    played = _play(plan, slug, Role.LEAD, *(Note(onset, 69, Q) for onset in range(0, BAR, Q)))
    assert all(first.stop < second.start for first, second in pairwise(played))


def test_the_pedal_holds_chord_tones_until_the_chord_changes_and_lets_others_go(plan: Plan) -> None:
    chord_tone, passing = _play(plan, "piano", Role.HARMONY, Note(0, 57, Q // 2), Note(Q, 59, Q // 2))
    assert chord_tone.stop == pytest.approx(_seconds(plan, BAR), abs=0.001)
    assert passing.stop < _seconds(plan, 2 * Q)


def test_downbeats_are_played_louder_than_offbeats(plan: Plan) -> None:
    notes = [Note(onset, 69, 6, velocity=80) for onset in range(0, 4 * BAR, 6)]
    played = _play(plan, "violin", Role.LEAD, *notes)
    downbeats = [p.velocity for n, p in zip(notes, played, strict=True) if n.onset % BAR == 0]
    offbeats = [p.velocity for n, p in zip(notes, played, strict=True) if n.onset % Q]
    assert sum(downbeats) / len(downbeats) > sum(offbeats) / len(offbeats) + 4


def test_extreme_velocities_stay_playable(plan: Plan) -> None:
    notes = [Note(onset, 69, 6, velocity=velocity) for onset in range(0, BAR, 6) for velocity in (1, 127)]
    assert {1 <= note.velocity <= 127 for note in _play(plan, "piano", Role.HARMONY, *notes)} == {True}


def test_every_note_is_released_in_time_to_ring_out(plan: Plan) -> None:
    (played,) = _play(plan, "violin", Role.LEAD, Note(0, 69, plan.length))
    assert played.stop == pytest.approx(plan.seconds - 0.3)


def test_a_part_is_played_the_same_whatever_the_others_do(plan: Plan) -> None:
    part = make_part("violin", plan)
    assert perform_part(part, plan) == perform_part(make_part("violin", plan), plan)


def test_a_long_note_grows_and_falls_without_a_step() -> None:
    steady = np.ones((44_100 * 2, 2), dtype=np.float32)
    swelled = swell_notes(steady, [PlayedNote(0.0, 69, 2.0, 80)], decibels=2.0, sample_rate=44_100)[:, 0]
    assert swelled.argmax() == pytest.approx(1.2 * 44_100, abs=100)
    assert 20 * np.log10(swelled.max()) == pytest.approx(2.0, abs=0.05)
    assert np.abs(np.diff(swelled)).max() < 1e-4
