"""No bar that nobody asked to be silent is silent, and the bass has the roots of what it carries."""

from dataclasses import replace
from itertools import pairwise

import pytest

from generator.engine import compose
from generator.engine.brief import parse_brief
from generator.engine.composing.bridging import bridge_silence, fill_pauses
from generator.engine.metrics import list_silent_bars, measure_roots
from generator.engine.plan import Chord
from generator.engine.score import Note
from tests.engine.networks import make_plan

PLAN = make_plan(bars=4)
GAPPED = (Note(0, 72, 96, 90), Note(288, 74, 96, 90))


def test_a_silent_bar_is_carried_over_by_a_held_note_of_its_chords() -> None:
    bridged = bridge_silence(GAPPED, plan=PLAN, instrument="violin", start=0, stop=PLAN.length)
    assert list_silent_bars(GAPPED, plan=PLAN) == [1, 2]
    assert list_silent_bars(bridged, plan=PLAN) == []
    added = [note for note in bridged if note not in GAPPED]
    assert [(note.onset, note.duration) for note in added] == [(96, 96), (192, 96)]
    for note in added:
        chord = PLAN.chord_at(note.onset)
        assert chord is not None
        assert note.pitch % 12 in chord.pitch_classes
        assert abs(note.pitch - 72) <= 6
        assert note.velocity <= 64


def test_a_note_is_held_that_every_chord_of_the_bar_has_if_there_is_one() -> None:
    plan = replace(PLAN, chords=(Chord(0, "maj"), Chord(9, "min"), Chord(5, "maj"), Chord(2, "min")) * 2)
    bridged = bridge_silence(GAPPED, plan=plan, instrument="violin", start=0, stop=plan.length)
    assert [note.pitch % 12 for note in bridged if note.onset == 96] in ([5], [9])


def test_bars_that_sound_and_those_outside_the_span_are_left_alone() -> None:
    assert bridge_silence(GAPPED, plan=PLAN, instrument="violin", start=0, stop=96) == GAPPED
    assert bridge_silence((), plan=PLAN, instrument="violin", start=0, stop=PLAN.length) == ()


def test_who_plays_alone_begins_with_the_piece_and_pauses_for_half_a_bar_at_most() -> None:
    line = (Note(72, 74, 24, 90), Note(96, 72, 12, 90), Note(168, 76, 24, 90), Note(204, 72, 24, 50), Note(276, 79, 12))
    filled = fill_pauses(line, plan=PLAN, instrument="flute", start=0, stop=288)
    added = [(note.onset, note.end, note.velocity) for note in filled if note not in line]
    assert added == [(0, 72, 64), (144, 168, 64)]
    assert set(line) < set(filled)
    for onset, _, _ in added:
        chord = PLAN.chord_at(onset)
        assert chord is not None
        assert next(note for note in filled if note.onset == onset).pitch % 12 in chord.pitch_classes


def test_a_pause_before_the_closing_chord_is_filled_and_what_lies_outside_the_span_is_left_alone() -> None:
    line = (Note(0, 72, 96, 90),)
    assert fill_pauses(line, plan=PLAN, instrument="flute", start=0, stop=192)[1:] == (
        Note(96, 77, 96, 64),
    )  # F, in F and G7
    assert fill_pauses(line, plan=PLAN, instrument="flute", start=0, stop=144) == line
    assert fill_pauses((), plan=PLAN, instrument="flute", start=0, stop=192) == ()


@pytest.mark.parametrize(("instrument", "style", "seed"), [("clarinet", "ambient", 701), ("flute", "ambient", 3001)])
def test_a_lone_composed_line_is_there_from_the_first_beat_on(instrument: str, style: str, seed: int) -> None:
    piece = compose(parse_brief({"instruments": instrument, "style": style, "seconds": 40, "seed": seed})).piece
    notes = piece.parts[0].notes
    half = piece.plan.metre.bar_ticks // 2
    assert notes[0].onset == 0
    assert all(two.onset - one.end <= half for one, two in pairwise(notes))


def test_roots_are_counted_where_chords_begin_and_something_sounds() -> None:
    roots = tuple(Note(48 * slot, 36 + (0, 9, 5, 7)[slot % 4], 48) for slot in range(4))
    assert measure_roots(roots, plan=PLAN, start=0, stop=192) == 1.0
    wrong = (replace(roots[0], pitch=40), *roots[1:])
    assert measure_roots(wrong, plan=PLAN, start=0, stop=192) == 0.75
    assert measure_roots(roots[:2], plan=PLAN, start=0, stop=192) == 1.0
    assert measure_roots((), plan=PLAN, start=0, stop=192) == 1.0
