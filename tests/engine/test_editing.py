"""Pieces that follow wishes, and edits: what is kept stays to the note, what is not is written anew."""

from dataclasses import replace

import pytest

from generator.engine import compose
from generator.engine.brief import Brief, InvalidBriefs, parse_brief
from generator.engine.composing.accents import LEVEL
from generator.engine.composing.development import Treatment, find_statements
from generator.engine.composing.editing import edit_piece, parse_edit
from generator.engine.composing.parts import revise_part
from generator.engine.network.foresight import read_foresight
from generator.engine.network.store import read_model
from generator.engine.plan import Piece
from generator.engine.score import MICRO_PER_TICK

HIT = 7.4


@pytest.fixture(scope="module")
def brief() -> Brief:
    wishes = {"hits": [HIT], "motif": "C5 E5:0.5 G5:0.5 A5 G5"}
    fixed = {"instruments": "piano,violin", "seconds": 20, "style": "pop", "mood": "bright", "seed": 5}
    return parse_brief(fixed | wishes)


@pytest.fixture(scope="module")
def piece(brief: Brief) -> Piece:
    return compose(brief).piece


def test_everybody_strikes_within_50_ms_of_the_hit(piece: Piece) -> None:
    tick = 60 / piece.plan.tempo / 24
    for part in piece.parts:
        struck = [note for note in part.notes if note.velocity == LEVEL]
        times = [(note.onset + note.micro / MICRO_PER_TICK) * tick for note in struck]
        assert times
        assert all(abs(time - HIT) < 0.05 for time in times)


def test_the_lead_states_the_motif_at_least_three_times_and_develops_it(brief: Brief, piece: Piece) -> None:
    assert piece.lead is not None
    found = find_statements(piece.lead.notes, motif=brief.motif)
    assert len(found) >= 3
    assert found[0][1] is Treatment.LITERAL
    assert {treatment for _, treatment in found} - {Treatment.LITERAL}


def test_a_range_of_bars_is_written_anew_and_nothing_else_changes(brief: Brief, piece: Piece) -> None:
    edit = parse_edit({"keep": ["piano"], "bars": "3-4"}, instruments=brief.instruments, bars=piece.plan.bars)
    changed = edit_piece(replace(brief, seed=8), piece, edit)
    size = piece.plan.metre.bar_ticks
    piano, violin = piece.parts
    assert changed.parts[0] == piano
    bars = {note.onset // size + 1 for note in set(violin.notes) ^ set(changed.parts[1].notes)}
    assert bars == {3, 4}
    assert edit_piece(replace(brief, seed=8), piece, edit) == changed


def test_a_range_is_written_with_sight_of_what_follows_and_the_result_says_by_which_weights(
    brief: Brief, piece: Piece
) -> None:
    violin = piece.parts[1]
    options = {"part": violin, "lead": None, "bars": (2, 4), "take": "8"}
    result = revise_part(brief, piece.plan, **options)
    foresight = read_foresight(read_model("violin"))
    assert foresight is not None
    assert result.foresight == foresight.digest
    start, stop = (bar * piece.plan.metre.bar_ticks for bar in (2, 4))
    cut = replace(violin, notes=tuple(note for note in violin.notes if note.onset < stop))
    without = revise_part(brief, piece.plan, **{**options, "part": cut})
    assert without.foresight == ""
    assert without.part.between(start, stop) != result.part.between(start, stop)


def test_a_hit_on_the_first_beat_of_the_range_is_struck_again_and_what_stands_before_stays(
    brief: Brief, piece: Piece
) -> None:
    start = 2 * piece.plan.metre.bar_ticks
    origin = replace(piece, plan=replace(piece.plan, hits=(float(start),)))
    edit = parse_edit({"keep": ["piano"], "bars": "3-4"}, instruments=brief.instruments, bars=piece.plan.bars)
    changed = edit_piece(replace(brief, seed=8), origin, edit).parts[1]
    assert {note.velocity for note in changed.notes if note.onset == start} == {LEVEL}
    assert changed.between(0, start) == origin.parts[1].between(0, start)


def test_a_part_that_is_not_kept_is_written_anew_over_the_same_plan(brief: Brief, piece: Piece) -> None:
    edit = parse_edit({"keep": "violin"}, instruments=brief.instruments, bars=piece.plan.bars)
    changed = edit_piece(replace(brief, seed=8), piece, edit)
    assert changed.plan == piece.plan
    assert changed.parts[1] == piece.parts[1]
    assert changed.parts[0].notes != piece.parts[0].notes


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"keep": ["piano", "violin"]}, "keep", "at least one part must be left"),
        ({"keep": ["kazoo"]}, "keep", "piano, violin"),
        ({"bars": "0-2"}, "bars", "from 1 to 8"),
        ({"bars": "5-9"}, "bars", "from 1 to 8"),
        ({"bars": "5-3"}, "bars", "first and the last bar"),
        ({"bars": "1-2-3"}, "bars", "first and the last bar"),
    ],
)
def test_an_edit_that_cannot_be_names_field_and_remedy(values: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(InvalidBriefs) as caught:
        parse_edit(values, instruments=("piano", "violin"), bars=8)
    assert list(caught.value.fields) == [field]
    assert words in caught.value.fields[field]
