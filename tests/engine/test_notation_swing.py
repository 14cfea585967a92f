"""Swung pieces stand straight on paper, under the word; what is no swing stays as it is."""

from dataclasses import replace

from generator.engine.notation.bars import write_bars
from generator.engine.notation.musicxml import write_musicxml
from generator.engine.notation.staves import lay_out
from generator.engine.notation.swing import straighten_notes, straighten_strokes
from generator.engine.plan import Piece, Role
from generator.engine.score import Note, Part
from tests.engine.audio_pieces import make_plan
from tests.engine.test_notation_bars import read

JAZZ, POP = make_plan(seconds=5.0, style="jazz"), make_plan(seconds=5.0, style="pop")


def straighten(*spans: tuple[int, int]) -> list[tuple[int, int]]:
    notes = straighten_notes([Note(start, 72, stop - start) for start, stop in spans], plan=JAZZ)
    return [(note.onset, note.end) for note in notes]


def write(*spans: tuple[int, int], slug: str = "flute") -> str:
    part = Part(slug, Role.LEAD, tuple(Note(start, 72, stop - start) for start, stop in spans))
    return read(write_bars(lay_out(part, JAZZ)[0].voices[0], metre=JAZZ.metre, bars=1)[0])


def test_swung_eighths_and_sixteenths_are_written_evenly() -> None:
    assert straighten((0, 16), (16, 24), (24, 32), (32, 40), (40, 44), (44, 48)) == [
        (0, 12), (12, 24), (24, 30), (30, 36), (36, 42), (42, 48),
    ]  # fmt: skip
    assert write((0, 16), (16, 24), (24, 40), (40, 72), (72, 96)) == "eighth eighth eighth eighth ~quarter quarter"


def test_a_real_triplet_stays_one() -> None:
    assert straighten((0, 8), (8, 16), (16, 24)) == [(0, 8), (8, 16), (16, 24)]


def test_a_short_chord_off_the_beat_is_an_eighth_and_never_meets_the_next() -> None:
    assert straighten((16, 22), (48, 54), (72, 74), (76, 96)) == [(12, 24), (48, 60), (72, 74), (76, 96)]
    assert write((16, 22), (24, 48)) == "r:eighth eighth quarter r:half"


def test_drums_swing_on_paper_alone_even_a_tick_beside_their_place() -> None:
    assert straighten_strokes([(0, 36), (8, 42), (16, 42), (21, 38), (24, 42), (40, 42)], plan=JAZZ) == [
        (0, 36), (6, 42), (12, 42), (20, 38), (24, 42), (36, 42),
    ]  # fmt: skip
    assert straighten_strokes([(16, 42)], plan=POP) == [(16, 42)]


def test_the_score_says_swing_where_it_is_meant_and_nowhere_else() -> None:
    part = Part("flute", Role.LEAD, (Note(0, 72, 16), Note(16, 74, 8)))
    jazz, pop = (write_musicxml(Piece(plan, (part,))).decode() for plan in (JAZZ, POP))
    assert ">Swing" in jazz
    assert "<swing-type>eighth</swing-type>" in jazz
    assert "time-modification" not in jazz
    assert "wing" not in pop
    assert "time-modification" in pop
    assert replace(JAZZ, style="pop") == POP
