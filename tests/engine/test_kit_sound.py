"""The spot kit as sound: exact to the sample, loud enough, loops without a seam, room for a voice."""

from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile

from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.tags import Tags
from generator.engine.delivery.versions import Measurement
from generator.engine.kit.files import write_kit_piece
from generator.engine.kit.mixing import fold_over, render_version
from generator.engine.kit.versions import Kind, KitPiece, arrange_kit
from tests.engine.kit_pieces import make_song

RATE = 44_100
MARK = Mark(key=b"k" * 32, number=123_456)
SONG = make_song("violin", "bass", form=(("A", 4), ("outro", 2)))
KIT = {version.name: version for version in arrange_kit(SONG)}
SHORT = ("spot-6s", "broadcast-14.5s", "sting", "loop-8-bars", "voice-over")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kit")


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[str, Measurement]:
    tags = Tags(title="Song", copyright_id="OT-2026-TEST")
    return {
        found.path: found for name in SHORT for found in write_kit_piece(KIT[name], out=folder, tags=tags, mark=MARK)
    }


def rate_bends(audio: np.ndarray) -> np.ndarray:
    """How sharply the wave bends at each sample, its end taken to go on at its beginning."""
    joined = np.concatenate([audio[-1:], audio, audio[:1]])
    return np.abs(np.diff(joined, n=2, axis=0)).max(axis=1)


def test_each_version_is_wav_flac_and_midi_exact_to_the_sample(written: dict[str, Measurement], folder: Path) -> None:
    for name in SHORT:
        seconds = KIT[name].piece.plan.seconds
        for suffix, rate in ((".wav", 48_000), (".flac", 44_100)):
            info = soundfile.info(folder / f"kit/{name}{suffix}")
            assert (info.samplerate, info.frames, info.subtype) == (rate, round(seconds * rate), "PCM_24"), name
        assert (folder / f"kit/{name}.mid").read_bytes().startswith(b"MThd")


def test_each_version_has_its_loudness_and_stays_under_its_ceiling(written: dict[str, Measurement]) -> None:
    for found in written.values():
        assert found.lufs == pytest.approx(-23.0 if "broadcast" in found.path else -14.0, abs=0.2), found.path
        assert found.true_peak_dbtp <= found.ceiling_dbtp == -1.0


def test_each_version_says_whose_it_is_and_what(written: dict[str, Measurement], folder: Path) -> None:
    for path in written:
        text = str(dict(mutagen.File(folder / path).tags))
        assert "OT-2026-TEST" in text
        assert "AI-generated" in text


def test_the_loop_closes_without_a_click(written: dict[str, Measurement], folder: Path) -> None:
    for suffix in (".wav", ".flac"):
        audio, _ = soundfile.read(folder / f"kit/loop-8-bars{suffix}", always_2d=True)
        bends = rate_bends(audio)
        assert max(bends[0], bends[-1]) < np.quantile(bends, 0.99)


def test_a_loop_rendered_as_a_piece_would_fall_silent_at_its_seam() -> None:
    loop = render_version(KIT["loop-8-bars"], sample_rate=RATE).master.audio
    piece = make_sound(KIT["loop-8-bars"].piece, sample_rate=RATE).master.audio
    ours, cut = (float(np.abs(audio[-RATE // 20 :]).max()) for audio in (loop, piece))
    assert ours > 10 * cut


def test_what_rings_on_after_the_end_is_heard_at_the_beginning() -> None:
    mix = np.zeros((25, 2), np.float32)
    mix[[3, 12, 24]] = 1.0
    assert np.flatnonzero(fold_over(mix, frames=10)[:, 0]).tolist() == [2, 3, 4]


def test_the_middle_makes_way_for_a_voice() -> None:
    version = KIT["voice-over"]
    ours = render_version(version, sample_rate=RATE).master.audio
    plain = render_version(KitPiece("plain", Kind.SPOT, version.piece), sample_rate=RATE).master.audio

    def share(audio: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(audio.mean(axis=1))) ** 2
        hertz = np.fft.rfftfreq(len(audio), 1 / RATE)
        return float(power[(hertz > 800) & (hertz < 4_000)].sum() / power.sum())

    assert 10 * np.log10(share(ours) / share(plain)) < -4.0
