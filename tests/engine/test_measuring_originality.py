"""The benchmark of originality: what it needs, and how it counts."""

import pytest

from generator.engine.benchmarks.originality import run
from generator.engine.composing.borrowing import MOST_BARS
from generator.engine.measuring.borrowed import EXCERPT_BARS, describe_borrowed
from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.plan import Key, Metre, Mode, Piece, Plan, Role, Section
from generator.engine.score import Note, Part

TUNE = (69, 67, 66, 62, 66, 69, 74, 78, 76, 74, 78, 74, 76, 73, 69, 67, 66)
"""O'Neill, Music of Ireland: the Banks of the Ilen begin so. All training works have it in these note values."""
ONSETS = (72, 84, 96, 108, 120, 132, 144, 168, 180, 192, 216, 228, 240, 252, 264, 276, 288)


def make_piece(*, start: int) -> Piece:
    plan = Plan(
        style="folk", mood="calm", key=Key(2, Mode.MAJOR), metre=Metre(4, 4), tempo=100.0, length=40 * 96,
        sections=(Section("A", 0, 40, 0.5),), chords=(None,) * 80, energies=(0.5,) * 40,
    )  # fmt: skip
    notes = tuple(Note(start + on, pitch, 12) for on, pitch in zip(ONSETS, TUNE, strict=True))
    return Piece(plan=plan, parts=(Part("flute", Role.LEAD, notes),))


def test_it_does_not_start_without_the_corpora() -> None:
    with pytest.raises(BenchmarkError, match="corpora"):
        run(Options())


def test_a_quotation_is_measured_in_bars_of_the_piece() -> None:
    (found,) = describe_borrowed(make_piece(start=0))
    assert found.role == Role.LEAD
    assert found.bars == (288 + 24 - 72) / 96
    assert found.bars > MOST_BARS


def test_what_lies_behind_the_excerpt_is_left_out() -> None:
    (found,) = describe_borrowed(make_piece(start=EXCERPT_BARS * 96))
    assert found.bars == 0.0
