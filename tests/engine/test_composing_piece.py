"""Whole parts and pieces from the shipped networks."""

import json
from pathlib import Path

import pytest

from generator.engine import compose
from generator.engine.brief import Brief, parse_brief
from generator.engine.composing.codec import decode_piece
from generator.engine.composing.files import OutputError, write_files
from generator.engine.composing.finishing import find_closing
from generator.engine.composing.parts import compose_part
from generator.engine.composing.piece import Composition, compose_piece
from generator.engine.composing.record import describe_composition, write_lines
from generator.engine.composing.roles import assign_roles
from generator.engine.conductor import write_plan
from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import list_silent_bars, measure_chord_tones
from generator.engine.plan import Role


def read(**values: object) -> Brief:
    fields = {"instruments": "guitar", "seconds": 12, "style": "folk", "mood": "bright", "seed": 5}
    return parse_brief(fields | values)


@pytest.fixture(scope="module")
def brief() -> Brief:
    return read(instruments="guitar,violin", seconds=24, key="A minor")


@pytest.fixture(scope="module")
def composition(brief: Brief) -> Composition:
    return compose(brief)


def test_a_piece_has_a_part_per_instrument_and_lasts_as_long_as_asked(composition: Composition) -> None:
    piece = composition.piece
    assert [part.instrument for part in piece.parts] == ["guitar", "violin"]
    assert [part.role for part in piece.parts] == [Role.HARMONY, Role.LEAD]
    assert piece.plan.seconds == pytest.approx(24, abs=1e-9)
    assert all(part.end == piece.plan.length for part in piece.parts)
    assert list(composition.timings) == ["plan", "violin", "guitar", "assemble"]


def test_every_note_can_be_played_by_its_instrument_in_the_sounding_key(composition: Composition) -> None:
    for part in composition.piece.sounding_parts():
        player = INSTRUMENTS[part.instrument]
        assert len(part.notes) > 20
        assert all(player.lowest <= note.pitch <= player.highest for note in part.notes)
        assert all(1 <= note.velocity <= 127 for note in part.notes)


@pytest.mark.parametrize("instrument", ["guitar", "violin", "viola"])
def test_leads_close_within_an_octave_of_their_last_notes(instrument: str) -> None:
    for seed in range(5):
        brief = read(instruments=instrument, style="rock", seconds=8, seed=seed)
        plan = write_plan(brief)
        notes = compose_part(brief, plan, instrument=instrument, role=Role.LEAD, lead=None).part.notes
        closing = find_closing(plan)
        since = min(closing - plan.metre.beat_ticks, max(note.onset for note in notes if note.onset < closing))
        last = max(note.pitch for note in notes if note.onset < closing and note.end > since)
        assert abs(max(note.pitch for note in notes if note.onset >= closing) - last) <= 12, seed


def test_parts_follow_the_chords_of_the_plan_and_leave_no_bar_empty(composition: Composition) -> None:
    plan = composition.piece.plan
    for part in composition.piece.parts:
        assert measure_chord_tones(part.notes, plan=plan) > 0.7
        assert list_silent_bars(part.notes, plan=plan) == []


def test_notes_have_many_lengths_and_levels(composition: Composition) -> None:
    for part in composition.piece.parts:
        assert len({note.duration for note in part.notes}) >= 3, "fiddle tunes run in eighths"
        assert len({note.velocity for note in part.notes}) >= 4


def test_the_same_brief_gives_the_same_piece_and_another_seed_another(brief: Brief, composition: Composition) -> None:
    assert compose(brief).piece == composition.piece
    other = compose(parse_brief(brief.to_json() | {"seed": 6})).piece
    assert other.parts[1].notes != composition.piece.parts[1].notes


def test_a_part_can_be_written_alone_and_progress_runs_from_nothing_to_all(
    brief: Brief, composition: Composition
) -> None:
    plan = write_plan(brief)
    shares: list[float] = []
    result = compose_part(
        brief, plan, instrument="violin", role=assign_roles(brief)["violin"], lead=None, on_progress=shares.append
    )
    assert result == composition.results["violin"]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert 0.5 < result.scores["total"] <= 1.0
    assert result.explanation.startswith("The best of 16 candidates")


def test_an_instrument_without_a_network_is_refused(brief: Brief) -> None:
    with pytest.raises(ModelError):
        compose_part(brief, write_plan(brief), instrument="kazoo", role=Role.LEAD, lead=None)


def test_files_are_complete_and_their_record_holds_the_piece(
    brief: Brief, composition: Composition, tmp_path: Path
) -> None:
    record = describe_composition(composition, brief=brief)
    names = write_files(composition, out=tmp_path / "out", record=record, render=None)
    assert names == ("parts/guitar.mid", "parts/violin.mid", "piece.json", "track.mid")
    stored = json.loads((tmp_path / "out" / "piece.json").read_text("utf-8"))
    assert decode_piece(stored["piece"]) == composition.piece
    assert parse_brief(stored["brief"]) == brief
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_new_composition_replaces_an_old_one_and_drops_its_parts(
    brief: Brief, composition: Composition, tmp_path: Path
) -> None:
    record = describe_composition(composition, brief=brief)
    write_files(composition, out=tmp_path, record=record, render=None)
    (tmp_path / "parts" / "flute.mid").write_bytes(b"stale")
    names = write_files(composition, out=tmp_path, record=record, render=None)
    assert "parts/flute.mid" not in names
    assert len(names) == 4


def test_a_folder_with_other_files_is_refused_and_left_alone(
    brief: Brief, composition: Composition, tmp_path: Path
) -> None:
    (tmp_path / "novel.txt").write_text("Chapter one")
    with pytest.raises(OutputError, match="new or empty"):
        write_files(composition, out=tmp_path, record={}, render=None)
    assert [path.name for path in tmp_path.iterdir()] == ["novel.txt"]


def test_a_render_that_fails_leaves_nothing_behind(brief: Brief, composition: Composition, tmp_path: Path) -> None:
    def fail(piece: object, folder: Path) -> None:
        (folder / "track.wav").write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_files(composition, out=tmp_path / "out", record={}, render=fail)
    assert list(tmp_path.iterdir()) == []


def test_the_record_reads_as_a_page(brief: Brief, composition: Composition) -> None:
    lines = write_lines(describe_composition(composition, brief=brief))
    assert "A minor" in lines[0]
    assert any(line.strip().startswith("violin") and "lead" in line for line in lines)


@pytest.mark.parametrize("seconds", [5, 6, 14.5])
def test_spots_of_a_few_seconds_close_on_the_tonic(seconds: float) -> None:
    piece = compose(read(seconds=seconds)).piece
    last = [note for note in piece.parts[0].notes if note.end == piece.plan.length]
    chord = piece.plan.chords[-1]
    assert chord is not None
    assert {note.pitch % 12 for note in last} <= set(chord.pitch_classes)
    assert last


def test_without_its_network_an_instrument_plays_what_can_be_played_but_pleases_the_critic_less() -> None:
    asked = read(seconds=16)
    trained, bare = (compose_piece(asked, network=network) for network in ("lstm", "none"))
    assert bare.results["guitar"].digest == "none/guitar"
    (part,) = bare.piece.sounding_parts()
    player = INSTRUMENTS["guitar"]
    assert all(player.lowest <= note.pitch <= player.highest for note in part.notes)
    assert bare.piece.plan == trained.piece.plan
    assert bare.results["guitar"].scores["total"] < trained.results["guitar"].scores["total"] - 0.1
    assert bare.results["guitar"].scores["likelihood"] < 0.3 < trained.results["guitar"].scores["likelihood"]


def test_drums_are_the_same_beside_any_lead(composition: Composition) -> None:
    """Their network never heard one, so they can be written at the same time."""
    drummed = read(instruments="drums,violin", seconds=12)
    plan, lead = write_plan(drummed), composition.piece.lead
    assert lead is not None
    beside, alone = (
        compose_part(drummed, plan, instrument="drums", role=Role.RHYTHM, lead=heard, candidates=1)
        for heard in (lead, None)
    )
    assert beside.part.notes
    assert beside == alone
