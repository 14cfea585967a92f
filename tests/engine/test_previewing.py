"""The preview from piece to file: as loud and as long as the product, and yet not it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from generator.engine.audio.gain import HOP, apply_curve
from generator.engine.audio.loudness import measure_loudness
from generator.engine.audio.marking.detection import find_mark
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import finish_mix, level_preview, sum_stems
from generator.engine.audio.preview import CEILING_DBFS, PreviewSound
from generator.engine.audio.preview_variants import OPENING_SAMPLES
from generator.engine.audio.previewing import PREVIEW_NAME, PREVIEW_RATE, OpenPreview, PreviewReport, render_preview
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.synthesis import iterate_stems
from generator.engine.audio.tags import Tags
from generator.engine.audio.waveform import compute_peaks
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
    assert np.abs(soundfile.read(folder / PREVIEW_NAME)[0]).max() < 1.0


def open_sound(piece: Piece) -> PreviewSound:
    buses = sum_stems(iterate_stems(piece, sample_rate=PREVIEW_RATE), piece.plan, sample_rate=PREVIEW_RATE)
    return PreviewSound(buses, piece.plan, opening=OPENING_SAMPLES, sample_rate=PREVIEW_RATE, mark=MARK)


@pytest.mark.parametrize("style", ["pop", "ambient"])
def test_the_preview_is_as_loud_as_the_master_though_its_room_was_heard_at_its_beginning_alone(style: str) -> None:
    piece = make_piece("piano", "violin", "drums", seconds=SECONDS, style=style)
    buses = sum_stems(iterate_stems(piece, sample_rate=PREVIEW_RATE), piece.plan, sample_rate=PREVIEW_RATE)
    mix = finish_mix(buses.until(len(buses.dry)), piece.plan, sample_rate=PREVIEW_RATE, mark=MARK)
    curve = level_preview(
        buses, piece.plan, beginning=mix[:OPENING_SAMPLES], ceiling_dbfs=CEILING_DBFS, sample_rate=PREVIEW_RATE
    )
    loudness = measure_loudness(apply_curve(mix, curve), sample_rate=PREVIEW_RATE)
    assert loudness == pytest.approx(make_sound(piece).master.report.lufs, abs=0.4)


def test_no_sample_of_a_preview_is_above_its_ceiling() -> None:
    loud = make_piece("piano", "violin", "drums", seconds=SECONDS, style="ambient")
    strokes = make_solo("drums", *(Note(24 * beat, 38, 6, 127 if beat == 2 else 8) for beat in range(4)))
    for piece in (loud, strokes):
        assert np.abs(open_sound(piece).render()).max() <= 10 ** (CEILING_DBFS / 20) + 1e-6


def test_a_score_of_few_loud_strokes_is_not_flattened_to_be_loud() -> None:
    piece = make_solo("drums", *(Note(24 * beat, 38, 6, 127 if beat == 2 else 8) for beat in range(4)))
    buses = sum_stems(iterate_stems(piece, sample_rate=PREVIEW_RATE), piece.plan, sample_rate=PREVIEW_RATE)
    curve = level_preview(buses, piece.plan, beginning=buses.dry, ceiling_dbfs=CEILING_DBFS, sample_rate=PREVIEW_RATE)
    loudest = int(np.abs(buses.dry).max(axis=1).argmax()) // HOP
    assert curve.max() - curve[loudest] <= 13.0


def test_the_beginning_is_that_of_the_whole_but_for_its_last_moment(piece: Piece) -> None:
    sound = open_sound(piece)
    whole, beginning = sound.render(), sound.render(OPENING_SAMPLES)
    assert (len(whole), len(beginning)) == (SECONDS * PREVIEW_RATE, OPENING_SAMPLES)
    same = OPENING_SAMPLES - PREVIEW_RATE // 30
    assert np.array_equal(beginning[:same], whole[:same])


def test_the_outline_is_that_of_the_music(piece: Piece) -> None:
    """Neither a tag nor the place of a span shifts it by more than a few of 127 steps where no tag sounds."""
    sound = open_sound(piece)
    outline = np.array(sound.peaks)
    assert outline.min() < -40 < 40 < outline.max()
    heard = np.array(compute_peaks(sound.render()))
    assert np.median(np.abs(outline - heard)) <= 6


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
    assert list(said["timings"]) == ["font", "play", "level", "opening", "rest"]
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
        render_preview(make_solo("violin", Note(0, 20, 24)), out=tmp_path, tags=TAGS, mark=MARK)
    assert list(tmp_path.iterdir()) == []
