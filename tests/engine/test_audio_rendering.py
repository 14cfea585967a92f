"""The whole job, from piece to folder."""

import hashlib
import json
from pathlib import Path

import pytest
import soundfile

from generator.engine.audio.encoding import EncodedFile
from generator.engine.audio.rendering import RenderReport, make_sound, render_file, render_track
from generator.engine.audio.tags import Tags
from generator.engine.errors import RenderError
from generator.engine.score import Note
from tests.engine.audio_pieces import make_piece, make_solo

TAGS = Tags(title="Test", copyright_id="OT-1")
NAMES = ["track.wav", "track.flac", "track.mp3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("track")


@pytest.fixture(scope="module")
def heard() -> list[EncodedFile]:
    return []


@pytest.fixture(scope="module")
def report(folder: Path, heard: list[EncodedFile]) -> RenderReport:
    piece = make_piece("piano", "violin", seconds=5.5)
    return render_track(piece, out=folder, tags=TAGS, on_file=heard.append)


def test_every_file_is_written_in_order(report: RenderReport, heard: list[EncodedFile], folder: Path) -> None:
    assert [file.name for file in report.files] == NAMES
    assert tuple(heard) == report.files
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(NAMES)


def test_the_report_describes_the_files_on_the_disk(report: RenderReport, folder: Path) -> None:
    for file in report.files:
        data = (folder / file.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)


def test_every_file_lasts_as_long_as_the_plan_says_to_the_sample(report: RenderReport, folder: Path) -> None:
    assert (report.frames, report.seconds) == (242_550, 5.5)
    assert {soundfile.info(folder / name).frames for name in NAMES} == {242_550}


def test_the_report_is_plain_json_with_every_step_timed(report: RenderReport) -> None:
    said = json.loads(json.dumps(report.to_json()))
    assert list(said["timings"]) == ["font", "play", "master", *NAMES]
    assert said["instruments"] == ["piano", "violin"]
    assert said["loudness"]["lufs"] == pytest.approx(-14.0, abs=0.2)


def test_the_same_piece_gives_the_same_files(report: RenderReport, tmp_path: Path) -> None:
    again = render_track(make_piece("piano", "violin", seconds=5.5), out=tmp_path, tags=TAGS)
    assert again.files == report.files


def test_steps_can_be_taken_one_by_one(report: RenderReport, tmp_path: Path) -> None:
    sound = make_sound(make_piece("piano", "violin", seconds=5.5))
    steps = (
        render_file(sound, "track.wav", out=tmp_path, tags=TAGS),
        render_file(sound, "track.flac", out=tmp_path, tags=TAGS),
    )
    assert steps == report.files[:2]


def test_a_piece_that_is_refused_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="outside the instrument"):
        render_track(make_solo("violin", Note(0, 20, 24)), out=tmp_path / "track", tags=TAGS)
    assert list(tmp_path.iterdir()) == []
