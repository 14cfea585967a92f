"""Files: whole, exact, tagged, or not there."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC
from mutagen.mp3 import MP3, BitrateMode
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from numpy.typing import NDArray

from generator.engine.audio.encoding import replace_file, write_audio
from generator.engine.audio.tags import Tags
from generator.engine.audio.waveform import compute_peaks
from generator.engine.errors import RenderError

RATE = 44_100
ROOT = Path(__file__).parents[2]
TAGS = Tags(
    title="Quiet Harbour – Übung",
    copyright_id="OT-7F3K-9",
    licence="Exclusive, worldwide, without limit in time",
    licence_url="https://example.com/licence",
    company="Müller & Söhne",
    date="2026-11-21",
)


@pytest.fixture(scope="module")
def audio() -> NDArray[np.float32]:
    """2.7 s of two gliding tones, a length that no encoder's frame divides."""
    time = np.arange(119_070) / RATE
    left = 0.5 * np.sin(2 * np.pi * (300 + 60 * time) * time)
    right = 0.4 * np.sin(2 * np.pi * (500 - 40 * time) * time)
    return np.stack([left, right], axis=1).astype(np.float32)


def test_wav_and_flac_hold_24_bits_of_every_frame(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    for name in ("track.wav", "track.flac"):
        write_audio(tmp_path / name, audio, sample_rate=RATE, tags=TAGS)
        info = soundfile.info(tmp_path / name)
        assert (info.subtype, info.samplerate, info.channels) == ("PCM_24", RATE, 2)
        decoded, _ = soundfile.read(tmp_path / name)
        assert decoded.shape == audio.shape
        assert np.abs(decoded - audio).max() < 2.0**-23


def test_mp3_has_a_constant_rate_the_exact_length_and_seeks(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    path = tmp_path / "track.mp3"
    write_audio(path, audio, sample_rate=RATE, tags=TAGS)
    info = MP3(path).info
    assert info.bitrate_mode == BitrateMode.CBR
    assert info.bitrate == pytest.approx(320_000, abs=1)
    whole, _ = soundfile.read(path)
    assert len(whole) == len(audio)
    assert np.sqrt(np.mean((whole - audio) ** 2)) < 0.002
    with soundfile.SoundFile(path) as file:
        file.seek(60_000)
        assert np.allclose(file.read(1000), whole[60_000:61_000], atol=1e-3)


def test_a_long_ogg_is_written(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (RATE * 60, 2)).clip(-1, 1).astype(np.float32)
    write_audio(tmp_path / "track.ogg", noise, sample_rate=RATE, tags=TAGS)
    assert soundfile.info(tmp_path / "track.ogg").frames == len(noise)


def test_every_format_names_the_work_its_holder_and_its_maker(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    for suffix in ("wav", "flac", "mp3", "ogg"):
        write_audio(tmp_path / f"track.{suffix}", audio, sample_rate=RATE, tags=TAGS)
    for file in (WAVE(tmp_path / "track.wav"), MP3(tmp_path / "track.mp3")):
        assert str(file["TIT2"]) == TAGS.title
        assert str(file["TPE1"]) == TAGS.company
        assert str(file["TCOP"]) == str(file["TXXX:COPYRIGHT_ID"]) == TAGS.copyright_id
        assert str(file["TXXX:LICENSE"]) == TAGS.licence
        assert str(file["COMM::eng"]) == "AI-generated"
        assert str(file["TDRC"]) == TAGS.date
        assert file["WCOP"].url == TAGS.licence_url
    for file in (FLAC(tmp_path / "track.flac"), OggVorbis(tmp_path / "track.ogg")):
        assert file["title"] == [TAGS.title]
        assert file["artist"] == [TAGS.company]
        assert file["copyright_id"] == [TAGS.copyright_id]
        assert file["license"] == [TAGS.licence]
        assert file["comment"] == ["AI-generated"]
        assert file["ai_generated"] == ["true"]


def test_tags_that_are_empty_are_left_out(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    write_audio(tmp_path / "track.flac", audio, sample_rate=RATE, tags=Tags(title="Untitled"))
    assert {name for name, _ in FLAC(tmp_path / "track.flac").tags} == {"title", "comment", "ai_generated", "encoder"}


@pytest.mark.parametrize("name", ["track.wav", "track.flac", "track.mp3"])
def test_the_same_sound_gives_the_same_bytes(tmp_path: Path, audio: NDArray[np.float32], name: str) -> None:
    first = write_audio(tmp_path / "a" / name, audio, sample_rate=RATE, tags=TAGS)
    second = write_audio(tmp_path / "b" / name, audio, sample_rate=RATE, tags=TAGS)
    assert first == second


def test_the_description_is_that_of_the_file(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    encoded = write_audio(tmp_path / "track.mp3", audio, sample_rate=RATE, tags=TAGS)
    data = (tmp_path / "track.mp3").read_bytes()
    assert (encoded.name, encoded.media_type) == ("track.mp3", "audio/mpeg")
    assert (encoded.size, encoded.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("sample", "message"), [(1.001, "would clip"), (float("nan"), "no sound"), (float("inf"), "no sound")]
)
def test_sound_that_may_not_be_shipped_is_refused(tmp_path: Path, sample: float, message: str) -> None:
    bad = np.full((RATE, 2), 0.1, dtype=np.float32)
    bad[RATE // 2, 1] = sample
    with pytest.raises(RenderError, match=message):
        write_audio(tmp_path / "track.wav", bad, sample_rate=RATE, tags=TAGS)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    with pytest.raises(RenderError, match=r"'\.aiff' is no known format. Use \.wav, \.flac, \.ogg, \.mp3"):
        write_audio(tmp_path / "track.aiff", audio, sample_rate=RATE, tags=TAGS)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, audio: NDArray[np.float32]) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RenderError, match="could not be written"):
        write_audio(tmp_path / "file" / "track.wav", audio, sample_rate=RATE, tags=TAGS)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """The limit on file size stands in for the disk: the write fails half-way in the same place."""
    path = tmp_path / "track.wav"
    path.write_bytes(b"the old file")
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from generator.engine.audio.encoding import replace_file\n"
        "from generator.engine.errors import RenderError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    replace_file(Path(sys.argv[1]), bytes(200_000))\n"
        "except RenderError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert "track.wav: it could not be written" in done.stdout
    assert path.read_bytes() == b"the old file"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "track.wav"
    replace_file(path, b"old")
    replace_file(path, b"new and longer")
    assert path.read_bytes() == b"new and longer"
    assert list(path.parent.iterdir()) == [path]


def test_peaks_outline_the_sound() -> None:
    audio = np.zeros((6000, 2), dtype=np.float32)
    audio[3005, 0], audio[3007, 1] = 1.0, -0.5
    peaks = compute_peaks(audio)
    assert len(peaks) == 600
    assert peaks[300] == [-64, 127]
    assert all(pair == [0, 0] for index, pair in enumerate(peaks) if index != 300)


def test_peaks_of_a_few_frames_are_those_frames() -> None:
    assert compute_peaks(np.array([[0.5, 0.0], [-1.0, 0.25]], dtype=np.float32)) == [[0, 64], [-127, 32]]
