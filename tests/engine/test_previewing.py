"""The preview from piece to file: as loud and as long as the product, and yet not it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from generator.engine.audio.loudness import measure_loudness
from generator.engine.audio.marking.detection import find_mark
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import level_preview, mix_stems
from generator.engine.audio.previewing import PREVIEW_NAME, PREVIEW_RATE, OpenPreview, PreviewReport, render_preview
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.synthesis import iterate_stems
from generator.engine.audio.tags import Tags
from generator.engine.errors import RenderError
from generator.engine.plan import Piece
from generator.engine.score import Note
from tests.engine.audio_pieces import make_piece, make_solo

TAGS = Tags(title="Test", copyright_id="OT-1")
MARK = Mark(key=b"a key of 32 bytes for this test!", number=4711)
SECONDS = 21.0


@pytest.fixture(scope="module")
def piece() -> Piece:
    return make_piece("piano", "violin", "drums", seconds=SECONDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preview")


@pytest.fixture(scope="module")
def report(piece: Piece, folder: Path) -> PreviewReport:
    return render_preview(piece, out=folder, tags=TAGS, mark=MARK)


def test_the_preview_lasts_as_long_as_the_product(report: PreviewReport, folder: Path) -> None:
    assert report.seconds == SECONDS
    info = soundfile.info(folder / PREVIEW_NAME)
    assert (info.samplerate, info.frames) == (PREVIEW_RATE, round(SECONDS * PREVIEW_RATE))


def test_the_preview_is_as_loud_as_the_master_and_clips_nowhere(piece: Piece) -> None:
    mix = mix_stems(iterate_stems(piece, sample_rate=PREVIEW_RATE), piece.plan, sample_rate=PREVIEW_RATE)
    audio = level_preview(mix, piece.plan, sample_rate=PREVIEW_RATE)
    master = make_sound(piece).master.report
    assert measure_loudness(audio, sample_rate=PREVIEW_RATE) == pytest.approx(master.lufs, abs=0.5)
    assert np.abs(audio).max() <= 10 ** (-1 / 20) + 1e-6


def test_a_score_of_few_loud_strokes_is_not_flattened_to_be_loud() -> None:
    piece = make_solo("drums", *(Note(24 * beat, 38, 6, 127 if beat == 2 else 8) for beat in range(4)))
    mix = mix_stems(iterate_stems(piece, sample_rate=PREVIEW_RATE), piece.plan, sample_rate=PREVIEW_RATE)
    audio = level_preview(mix, piece.plan, sample_rate=PREVIEW_RATE)
    assert np.abs(audio).max() <= 10 ** (-1 / 20) + 1e-6


def test_the_preview_carries_the_mark_of_the_copyright_id(report: PreviewReport, folder: Path) -> None:
    audio, rate = soundfile.read(folder / PREVIEW_NAME, dtype="float32")
    found = find_mark(audio, [MARK.key], sample_rate=rate)
    assert found.score > found.threshold
    assert found.number == MARK.number


def test_the_preview_is_not_the_product(report: PreviewReport, folder: Path, piece: Piece) -> None:
    preview, rate = soundfile.read(folder / PREVIEW_NAME)
    product = make_sound(piece, sample_rate=rate, mark=MARK).master.audio
    assert np.sqrt(np.mean((preview - product) ** 2)) > 0.2 * np.sqrt(np.mean(product**2))


def test_the_report_is_plain_json_with_an_outline_for_the_player(report: PreviewReport) -> None:
    said = json.loads(json.dumps(report.to_json()))
    assert list(said["timings"]) == ["font", "play", "level", "variants", "opening", "peaks", "rest"]
    assert said["instruments"] == ["piano", "violin", "drums"]
    assert len(said["peaks"]) == 600


def test_the_same_piece_gives_the_same_preview(report: PreviewReport, tmp_path: Path, piece: Piece) -> None:
    assert render_preview(piece, out=tmp_path, tags=TAGS, mark=MARK).file == report.file


def test_a_long_preview_can_be_heard_from_its_opening_on(tmp_path: Path) -> None:
    piece = make_piece("violin", seconds=30.0)
    preview = OpenPreview(piece, out=tmp_path, tags=TAGS, mark=MARK)
    opening, stored = preview.report, (tmp_path / PREVIEW_NAME).read_bytes()
    assert (opening.seconds, opening.ready, opening.is_whole) == (30.0, len(stored), False)
    whole = preview.finish()
    assert (whole.is_whole, whole.file.size, whole.peaks) == (True, opening.file.size, opening.peaks)
    content = (tmp_path / PREVIEW_NAME).read_bytes()
    assert (len(content), content[: len(stored)]) == (opening.file.size, stored)
    assert soundfile.info(tmp_path / PREVIEW_NAME).frames == 30 * PREVIEW_RATE


def test_a_piece_that_is_refused_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="outside the instrument"):
        render_preview(make_solo("violin", Note(0, 20, 24)), out=tmp_path, tags=TAGS)
    assert list(tmp_path.iterdir()) == []
