"""Which hand plays what: chords and figures stay on one staff, hands part where they lie apart."""

from generator.engine.notation.hands import share_hands
from generator.engine.score import Note
from tests.engine.audio_pieces import BAR, make_plan

PLAN = make_plan(seconds=10.0)


def share(*struck: tuple[int, int]) -> tuple[list[int], list[int]]:
    """Pitches of the right and of the left hand, of (onset, pitch)."""
    right, left = share_hands([Note(onset, pitch, 6) for onset, pitch in struck], plan=PLAN)
    return [note.pitch for note in right], [note.pitch for note in left]


def test_a_melody_over_a_bass_parts_at_middle_c() -> None:
    assert share((0, 48), (0, 72), (24, 52), (24, 74)) == ([72, 74], [48, 52])


def test_a_figure_around_middle_c_is_not_handed_to_and_fro() -> None:
    figure = (58, 62, 65, 62) * 4
    right, left = share(*((6 * index, pitch) for index, pitch in enumerate(figure)))
    assert (right, left) in (([*figure], []), ([], [*figure]))


def test_a_chord_that_one_hand_can_take_stays_whole() -> None:
    assert share((0, 54), (0, 57), (0, 59), (0, 62)) == ([], [54, 57, 59, 62])
    assert share((0, 57), (0, 62), (0, 66)) == ([57, 62, 66], [])


def test_hands_may_part_elsewhere_in_another_bar_and_nothing_is_lost() -> None:
    low = [(6 * index, pitch) for index, pitch in enumerate((50, 57, 62, 57) * 4)]
    high = [(BAR + 6 * index, pitch) for index, pitch in enumerate((57, 69, 72, 69) * 4)]
    right, left = share(*low, *high)
    assert left == [pitch for _, pitch in low]
    assert right == [pitch for _, pitch in high]
    assert share() == ([], [])


def test_no_hand_is_asked_for_more_than_it_can_take() -> None:
    assert share((0, 43), (0, 52), (0, 59), (0, 64)) == ([59, 64], [43, 52])
