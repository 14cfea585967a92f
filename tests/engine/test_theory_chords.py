"""Chord analysis on textures whose harmony nobody disputes."""

import pytest

from generator.engine.plan import Chord, Metre
from generator.engine.score import Note
from generator.engine.theory.chords import analyse_chords

C, F, G, G7 = Chord(0, "maj"), Chord(5, "maj"), Chord(7, "maj"), Chord(7, "dom7")
A_MINOR, D_MINOR, B_DIMINISHED = Chord(9, "min"), Chord(2, "min"), Chord(11, "dim")
COMMON = Metre(4, 4)


def block(onset: int, *pitches: int, duration: int = 48) -> list[Note]:
    return [Note(onset=onset, pitch=pitch, duration=duration) for pitch in pitches]


def test_a_cadence_in_block_chords_is_named_slot_by_slot():
    notes = block(0, 48, 64, 67) + block(48, 53, 65, 69) + block(96, 55, 62, 65, 71) + block(144, 48, 64, 67)
    assert analyse_chords(notes, metre=COMMON, length=192) == (C, F, G7, C)


@pytest.mark.parametrize(
    ("pitches", "chord"),
    [
        ((57, 60, 64), A_MINOR),
        ((50, 57, 65), D_MINOR),
        ((52, 60, 67), C),
        ((59, 62, 65), B_DIMINISHED),
        ((48, 64, 67, 71), C),
        ((57, 60, 64, 67), A_MINOR),
    ],
    ids=["minor", "open minor", "first inversion", "diminished", "major seventh folds", "minor seventh folds"],
)
def test_chords_fold_into_the_four_qualities(pitches: tuple[int, ...], chord: Chord):
    assert analyse_chords(block(0, *pitches), metre=COMMON, length=48) == (chord,)


def test_a_broken_chord_is_one_chord():
    alberti = [Note(onset=6 * index, pitch=(48, 55, 52, 55)[index % 4], duration=6) for index in range(16)]
    assert analyse_chords(alberti, metre=COMMON, length=96) == (C, C)


def test_passing_notes_do_not_change_the_chord():
    melody = [Note(onset=12 * index, pitch=pitch, duration=12) for index, pitch in enumerate((72, 74, 76, 77))]
    assert analyse_chords(block(0, 48, 55, 64) + melody, metre=COMMON, length=48) == (C,)


def test_silence_has_no_chord():
    assert analyse_chords(block(96, 48, 64, 67), metre=COMMON, length=192) == (None, None, C, None)
    assert analyse_chords([], metre=COMMON, length=96) == (None, None)


def test_a_held_note_counts_in_every_slot_it_sounds_in():
    assert analyse_chords(block(0, 48, 64, 67, duration=96), metre=COMMON, length=96) == (C, C)


def test_three_four_has_a_slot_for_every_beat():
    assert len(analyse_chords(block(0, 48, 64, 67), metre=Metre(3, 4), length=144)) == 6


def test_a_lone_melody_keeps_to_few_plain_chords():
    tune = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60)
    notes = [Note(onset=12 * index, pitch=pitch, duration=12) for index, pitch in enumerate(tune)]
    assert analyse_chords(notes, metre=COMMON, length=192) == (C, F, G, C)
