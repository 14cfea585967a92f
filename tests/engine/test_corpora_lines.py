"""Lines taken out of textures and moved into ranges."""

from generator.engine.corpora.lines import fit_range, split_skyline, take_bass_line, take_single_voice
from generator.engine.score import Note

ALBERTI = tuple(Note(12 * index, (48, 55, 52, 55)[index % 4], 12) for index in range(8))
MELODY = (Note(0, 76, 48), Note(48, 74, 24), Note(72, 72, 24))


def test_a_single_voice_keeps_the_highest_or_lowest_and_never_overlaps():
    stops = [Note(0, 60, 48), Note(0, 67, 48), Note(24, 64, 24)]
    assert take_single_voice(stops) == (Note(0, 67, 24), Note(24, 64, 24))
    assert take_single_voice(stops, keep="lowest") == (Note(0, 60, 24), Note(24, 64, 24))
    assert take_single_voice([]) == ()


def test_the_skyline_is_the_melody_and_nothing_is_lost():
    melody, rest = split_skyline(ALBERTI + MELODY)
    assert melody == MELODY
    assert rest == ALBERTI


def test_a_run_of_steps_stays_melody():
    run = tuple(Note(6 * index, 72 + step, 6) for index, step in enumerate((0, 2, 4, 5, 7, 5, 4, 2)))
    assert split_skyline(run) == (run, ())


def test_the_low_notes_of_an_arpeggio_are_not_melody():
    arpeggio = tuple(Note(6 * index, pitch, 6) for index, pitch in enumerate((40, 52, 59, 64, 68, 64, 59, 52)))
    melody, rest = split_skyline(arpeggio)
    assert {note.pitch for note in melody} == {64, 68}
    assert {note.pitch for note in rest} == {40, 52, 59}


def test_the_bass_line_has_one_lowest_note_a_beat():
    assert take_bass_line(ALBERTI, beat_ticks=24) == (
        Note(0, 48, 12),
        Note(24, 52, 12),
        Note(48, 48, 12),
        Note(72, 52, 12),
    )


def test_nothing_above_a_held_bass_note_joins_the_bass_line():
    held = Note(0, 36, 96)
    assert take_bass_line((held, *ALBERTI), beat_ticks=24) == (held,)


def test_a_line_moves_by_octaves_into_the_range():
    cello = [Note(0, 48, 24), Note(24, 64, 24), Note(48, 55, 24)]
    assert [note.pitch for note in fit_range(cello, slug="flute")] == [60, 76, 67]
    assert [note.pitch for note in fit_range(cello, slug="cello")] == [48, 64, 55]
    assert fit_range([], slug="flute") == ()


def test_single_notes_outside_fold_back():
    line = [Note(24 * index, pitch, 24) for index, pitch in enumerate((60, 64, 67, 100))]
    assert [note.pitch for note in fit_range(line, slug="violin")] == [60, 64, 67, 88]


def test_the_range_holds_in_the_sounding_key():
    assert [note.pitch for note in fit_range([Note(0, 57, 24)], slug="violin", shift=-3)] == [69]
    assert [note.pitch for note in fit_range([Note(0, 58, 24)], slug="violin", shift=-3)] == [58]
