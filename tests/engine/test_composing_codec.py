"""Scores as JSON: exact round trips, and refusal of what is no score."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.engine.brief import parse_brief
from generator.engine.composing.codec import (
    ScoreFormatError,
    decode_part,
    decode_piece,
    decode_plan,
    encode_part,
    encode_piece,
    encode_plan,
)
from generator.engine.composing.parts import PartResult
from generator.engine.conductor import write_plan
from generator.engine.plan import Chord, Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part

PLAN = Plan(
    style="pop",
    mood="calm",
    key=Key(2, Mode.MINOR),
    metre=Metre(3, 4),
    tempo=100.1,
    length=144,
    sections=(Section("A", 0, 2, 0.25),),
    chords=(Chord(9, "min"), None, Chord(4, "dom7"), Chord(9, "min"), Chord(9, "min"), Chord(9, "min")),
    energies=(0.2, 0.3),
)
PART = Part("violin", "lead", (Note(0, 69, 24, 90, -3), Note(24, 71, 12)))


def test_a_part_is_written_as_lists_of_five_numbers() -> None:
    assert encode_part(PART) == {
        "version": 1,
        "instrument": "violin",
        "role": "lead",
        "notes": [[0, 69, 24, 90, -3], [24, 71, 12, 80, 0]],
    }


def test_a_plan_with_silent_slots_survives_json() -> None:
    assert encode_plan(PLAN)["chords"] == [37, 48, 18, 37, 37, 37]
    assert decode_plan(json.loads(json.dumps(encode_plan(PLAN)))) == PLAN


def test_plans_of_the_conductor_survive_json_to_the_last_bit() -> None:
    for seed in range(5):
        plan = write_plan(parse_brief({"instruments": "piano", "seconds": 29.5, "seed": seed, "tempo": 101}))
        assert decode_plan(json.loads(json.dumps(encode_plan(plan)))) == plan


def test_a_piece_and_a_result_survive_json() -> None:
    piece = Piece(plan=PLAN, parts=(PART, Part("drums", "rhythm", ())), title="Amber Mill", source="")
    assert decode_piece(json.loads(json.dumps(encode_piece(piece)))) == piece
    result = PartResult(part=PART, scores={"total": 0.8125}, explanation="Good.", candidates=16, digest="ab")
    assert PartResult.from_json(json.loads(json.dumps(result.to_json()))) == result


_NOTES = st.builds(
    Note,
    onset=st.integers(0, 10**5),
    pitch=st.integers(0, 127),
    duration=st.integers(1, 2000),
    velocity=st.integers(1, 127),
    micro=st.integers(-200, 200),
)


@given(st.lists(_NOTES, max_size=20))
def test_any_part_survives_json(notes: list[Note]) -> None:
    part = Part("piano", "harmony", tuple(notes))
    assert decode_part(json.loads(json.dumps(encode_part(part)))) == part


@pytest.mark.parametrize(
    "data",
    [
        {},
        None,
        {"version": 2, "notes": []},
        {"version": 1},
        {"version": 1, "instrument": "piano", "role": "lead", "notes": [[1, 2]]},
        {"version": 1, "instrument": "piano", "role": "lead", "notes": [["a", 2, 3, 4, 5]]},
    ],
)
def test_what_is_no_part_is_refused(data: object) -> None:
    with pytest.raises(ScoreFormatError):
        decode_part(data)  # type: ignore[arg-type]


def test_what_is_no_plan_or_piece_is_refused() -> None:
    with pytest.raises(ScoreFormatError, match="version"):
        decode_plan(encode_plan(PLAN) | {"version": 99})
    with pytest.raises(ScoreFormatError):
        decode_plan({"version": 1, "style": "pop"})
    with pytest.raises(ScoreFormatError):
        decode_piece({"version": 1, "parts": 3})
