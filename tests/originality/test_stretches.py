"""What two melodies have in common in one stretch, and the picture of it."""

from generator.engine.originality.labelled import draw_melody
from generator.engine.originality.stretches import draw_stretch, find_stretch, name_pitch

QUOTE = draw_melody(3)[5:25]


def test_a_quotation_is_found_note_by_note_in_another_key_and_note_value() -> None:
    first, second = draw_melody(1)[:20], draw_melody(2)[:30]
    end, late = first[-1][0] + 500, second[-1][0] + 700
    borrowed = first + tuple((onset + end, pitch) for onset, pitch in QUOTE)
    again = second + tuple((onset * 2 + late, pitch + 5) for onset, pitch in QUOTE)
    stretch = find_stretch(borrowed, again)
    assert (stretch.first, stretch.second, stretch.notes) == (20, 30, 20)
    assert stretch.ticks == QUOTE[-1][0] - QUOTE[0][0] + 24


def test_nothing_in_common_is_nothing() -> None:
    assert find_stretch(QUOTE, ()) is None
    assert find_stretch((), QUOTE) is None
    assert find_stretch(QUOTE, tuple((onset, 60) for onset, _ in QUOTE)) is None


def test_a_scale_in_even_notes_counts() -> None:
    scale = tuple((24 * place, pitch) for place, pitch in enumerate((60, 62, 64, 65, 67, 69, 71, 72)))
    stretch = find_stretch(scale, tuple((onset // 2, pitch + 3) for onset, pitch in scale))
    assert (stretch.notes, stretch.ticks) == (8, 8 * 24)


def test_a_picture_shows_a_bar_around_and_of_the_other_melody_only_what_is_in_common() -> None:
    line = tuple((12 * place, 60 + place % 5) for place in range(80))
    picture = draw_stretch(line, first=22, notes=6, bar_ticks=96, other_pitch=69)
    assert (picture["first_bar"], picture["bars"], picture["shift"]) == (2, 4, 7)
    assert picture["notes"] == [[12 * place, 60 + (place + 8) % 5, 12] for place in range(32)]
    assert picture["common"] == picture["notes"][14:20]


def test_a_picture_at_the_beginning_starts_with_the_first_bar() -> None:
    line = tuple((24 * place, 60 + place % 5) for place in range(6))
    picture = draw_stretch(line, first=0, notes=6, bar_ticks=96, other_pitch=60)
    assert (picture["first_bar"], picture["bars"]) == (1, 3)
    assert picture["common"] == picture["notes"]


def test_pitches_are_named_as_people_write_them() -> None:
    assert [name_pitch(pitch) for pitch in (60, 69, 46)] == ["C4", "A4", "Bb2"]
