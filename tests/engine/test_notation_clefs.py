"""Cellos and violas change their clef where it saves ledger lines, and only there."""

import pytest

from generator.engine.notation.clefs import ALTO, BASS, TENOR, TREBLE, Clef, choose_clefs
from generator.engine.notation.engraving import engrave
from generator.engine.notation.musicxml import write_musicxml
from generator.engine.plan import Piece, Role
from generator.engine.score import Note, Part
from tests.engine.audio_pieces import BAR, make_plan
from tests.engine.test_notation_musicxml import list_heads, read_back

PLAN = make_plan(seconds=20.0)


def make_line(slug: str, *pitches: int) -> Part:
    """A bar of eighths on each pitch."""
    notes = (Note(BAR * bar + 12 * eighth, pitch, 12) for bar, pitch in enumerate(pitches) for eighth in range(8))
    return Part(slug, Role.LEAD, tuple(notes))


@pytest.mark.parametrize(
    ("slug", "pitches", "clefs"),
    [
        ("cello", (48, 50, 55, 57), {0: BASS}),
        ("cello", (41, 67, 66, 41), {0: BASS, 1: TENOR, 3: BASS}),
        ("cello", (74, 72, 76, 74), {0: TREBLE}),
        ("viola", (53, 79, 81, 53), {0: ALTO, 1: TREBLE, 3: ALTO}),
        ("violin", (55, 90, 55, 90), {0: TREBLE}),
        ("bass", (28, 60, 28, 60), {0: Clef("F", 4, -1)}),
    ],
)
def test_clefs_follow_the_register(slug: str, pitches: tuple[int, ...], clefs: dict[int, Clef]) -> None:
    assert choose_clefs(make_line(slug, *pitches), plan=PLAN) == clefs


def test_one_high_note_changes_no_clef() -> None:
    notes = tuple(Note(24 * beat, 67 if beat == 5 else 50, 24) for beat in range(16))
    assert choose_clefs(Part("cello", Role.BASS, notes), plan=PLAN) == {0: BASS}
    assert choose_clefs(Part("cello", Role.BASS, ()), plan=PLAN) == {0: BASS}


def test_a_change_stands_at_its_bar_and_the_pitches_stay() -> None:
    part = make_line("cello", 41, 67, 66, 41)
    (read,) = read_back(write_musicxml(Piece(PLAN, (part,)))).parts
    clefs = [
        (clef.getContextByClass("Measure").number, clef.name) for clef in read.recurse().getElementsByClass("Clef")
    ]
    assert clefs == [(1, "bass"), (2, "tenor"), (4, "bass")]
    assert [pitch for _, pitch, _ in list_heads(read)] == [note.pitch + PLAN.key.shift for note in part.notes]


def test_changes_of_clef_do_not_shrink_the_pages() -> None:
    """Staves are counted, not clefs."""
    restless = Piece(PLAN, tuple(make_line("cello", 41, 67, 66, 41, 41, 67, 66, 41) for _ in range(4)))
    quiet = Piece(PLAN, tuple(make_line("cello", *[48] * 8) for _ in range(4)))
    heights = [page.split('viewBox="')[2].split()[3].split('"')[0] for page in map(first_page, (restless, quiet))]
    assert heights[0] == heights[1]


def first_page(piece: Piece) -> str:
    return engrave(write_musicxml(piece))[0]
