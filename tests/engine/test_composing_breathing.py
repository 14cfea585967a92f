"""Wind players breathe: near the end of each stretch of bars there is a rest, and nothing else changes."""

from dataclasses import replace
from itertools import pairwise

import pytest

from generator.engine import compose
from generator.engine.brief import parse_brief
from generator.engine.composing.breathing import (
    AIR_SECONDS,
    BREATH_SECONDS,
    find_breath,
    find_settled,
    list_stretches,
    take_breaths,
)
from generator.engine.composing.finishing import find_closing
from generator.engine.plan import Plan
from generator.engine.score import Note
from tests.engine.networks import make_plan

PLAN = make_plan(bars=8)


def write_line(duration: int, *, plan: Plan = PLAN) -> tuple[Note, ...]:
    return tuple(Note(onset, 72, duration) for onset in range(0, plan.length, duration))


def measure_rests(notes: tuple[Note, ...]) -> list[tuple[int, int]]:
    return [(one.end, two.onset - one.end) for one, two in pairwise(notes) if two.onset > one.end]


@pytest.mark.parametrize("duration", [24, 48, 96])
def test_the_last_note_of_a_stretch_is_shortened_by_a_breath(duration: int) -> None:
    line = write_line(duration)
    breath = find_breath(PLAN)
    ends = [end for _, end in list_stretches(PLAN)]
    breathed = take_breaths(line, plan=PLAN, instrument="flute", start=0, stop=PLAN.length)
    assert measure_rests(breathed) == [(end - breath, breath) for end in ends[:-1]]
    assert [(note.onset, note.pitch) for note in breathed] == [(note.onset, note.pitch) for note in line]


def test_in_a_run_of_short_notes_one_off_the_beat_is_left_out() -> None:
    line = write_line(6)
    breathed = take_breaths(line, plan=PLAN, instrument="flute", start=0, stop=PLAN.length)
    left_out = set(line) - set(breathed)
    assert {note.onset for note in left_out} == {end - 6 for _, end in list_stretches(PLAN)}
    assert set(breathed) < set(line)


def test_a_note_held_over_several_stretches_is_struck_again_after_each_breath() -> None:
    """It goes on as long as it was held: nothing falls silent."""
    breath, ends = find_breath(PLAN), [end for _, end in list_stretches(PLAN)]
    held = Note(24, 72, ends[2] + 48 - 24)
    later = Note(ends[2] + 96, 74, 24)
    breathed = take_breaths([held, later], plan=PLAN, instrument="flute", start=0, stop=PLAN.length)
    assert measure_rests(breathed[:4]) == [(end - breath, breath) for end in ends[:3]]
    assert {note.pitch for note in breathed[:4]} == {72}
    assert breathed[3].end == held.end
    assert breathed[4] == later


def test_what_is_foreign_to_the_chord_after_a_breath_goes_on_with_a_tone_of_it() -> None:
    """Held over from the chord before it was heard as such; struck on the downbeat it would clash."""
    end = next(iter(list_stretches(PLAN)))[1]
    held, breath = Note(end - 48, 74, 48 + 24), find_breath(PLAN)  # a D over G7, then over C
    breathed = take_breaths([held, Note(end + 48, 71, 24)], plan=PLAN, instrument="flute", start=0, stop=PLAN.length)
    assert [(note.onset, note.pitch, note.end) for note in breathed[:2]] == [
        (end - 48, 74, end - breath),
        (end, 72, end + 24),
    ]


def test_who_rests_in_time_is_left_alone_and_so_is_what_lies_outside_the_span() -> None:
    rested = tuple(replace(note, duration=24) for note in write_line(48))
    assert take_breaths(rested, plan=PLAN, instrument="flute", start=0, stop=PLAN.length) == rested
    line = write_line(24)
    assert take_breaths(line, plan=PLAN, instrument="flute", start=0, stop=PLAN.metre.bar_ticks - 1) == line
    assert take_breaths((), plan=PLAN, instrument="flute", start=0, stop=PLAN.length) == ()


@pytest.mark.parametrize("tempo", [40.0, 54.0, 90.0, 120.0, 180.0])
def test_a_stretch_takes_no_more_air_than_there_is(tempo: float) -> None:
    plan = replace(PLAN, tempo=tempo)
    seconds = 60.0 / (tempo * 24)
    stretches = list(list_stretches(plan))
    assert [first for first, _ in stretches] == [0, *[end for _, end in stretches[:-1]]]
    assert stretches[-1][1] == plan.length
    for first, end in stretches:
        assert (end - first) * seconds <= AIR_SECONDS or end - first == plan.metre.bar_ticks
    assert find_breath(plan) * seconds >= BREATH_SECONDS or tempo > 120


def test_what_is_settled_of_a_line_under_way_stays_when_it_goes_on() -> None:
    line = write_line(24)
    whole = take_breaths(line, plan=PLAN, instrument="flute", start=0, stop=PLAN.length)
    for until in range(24, PLAN.length, 24):
        begun = [note for note in line if note.onset < until]
        so_far = take_breaths(begun, plan=PLAN, instrument="flute", start=0, stop=until)
        settled = find_settled(PLAN, until=until)
        assert [note for note in so_far if note.end < settled] == [note for note in whole if note.end < settled]


@pytest.mark.parametrize(("lead", "style"), [("flute", "folk"), ("clarinet", "classical")])
def test_a_composed_wind_part_is_never_out_of_breath(lead: str, style: str) -> None:
    piece = compose(parse_brief({"instruments": f"{lead},guitar", "style": style, "seconds": 30, "seed": 103})).piece
    part = next(part for part in piece.parts if part.instrument == lead)
    seconds = 60.0 / (piece.plan.tempo * 24)
    begun, longest = part.notes[0].onset, 0.0
    for note, following in zip(part.notes, [*part.notes[1:], None], strict=True):
        if following is None or following.onset - note.end >= 6:
            longest = max(longest, (min(note.end, find_closing(piece.plan)) - begun) * seconds)
            begun = following.onset if following else begun
    assert longest <= 1.5 * AIR_SECONDS
