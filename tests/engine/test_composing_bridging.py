"""No bar that nobody asked to be silent is silent, and the bass has the roots of what it carries."""

from dataclasses import replace

from generator.engine.composing.bridging import bridge_silence
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


def test_roots_are_counted_where_chords_begin_and_something_sounds() -> None:
    roots = tuple(Note(48 * slot, 36 + (0, 9, 5, 7)[slot % 4], 48) for slot in range(4))
    assert measure_roots(roots, plan=PLAN, start=0, stop=192) == 1.0
    wrong = (replace(roots[0], pitch=40), *roots[1:])
    assert measure_roots(wrong, plan=PLAN, start=0, stop=192) == 0.75
    assert measure_roots(roots[:2], plan=PLAN, start=0, stop=192) == 1.0
    assert measure_roots((), plan=PLAN, start=0, stop=192) == 1.0
