"""Stems on their way into a pack: each played once, and added up to the sample."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from generator.engine.audio.encoding import encode_audio
from generator.engine.audio.rendering import make_sound, master_stem
from generator.engine.audio.synthesis import render_parts
from generator.engine.audio.tags import Tags
from generator.engine.delivery.stems import StemSum, Takes, list_stems
from generator.engine.errors import PackError
from tests.engine.audio_pieces import make_piece

RATE = 44_100
TAGS = Tags(title="Test")


def test_a_stem_of_the_take_that_was_mixed_is_the_stem_that_is_played_again(tmp_path: Path) -> None:
    takes = Takes(tmp_path / "takes")
    sound = make_sound(make_piece("piano", "violin", seconds=3.0), on_stem=takes.keep)
    for write in list_stems(sound, takes=takes, total=StemSum(), out=tmp_path / "kept", tags=TAGS):
        found = write()
        slug = Path(found.path).stem
        again = master_stem(sound, [(slug, render_parts(sound.piece, sample_rate=sound.sample_rate)[slug])])
        written = encode_audio(found.path, again, sample_rate=sound.sample_rate, tags=TAGS)
        assert (tmp_path / "kept" / found.path).read_bytes() == written
    assert list((tmp_path / "takes").iterdir()) == []


def make_steps(*, seed: int, frames: int = RATE) -> np.ndarray:
    """Sound in steps of 24 bits, loud enough that three of them reach beyond full scale."""
    steps = np.random.default_rng(seed).integers(-(2**23), 2**23, size=(frames, 2))
    return (steps / 2**23).astype(np.float32)


def test_stems_that_add_up_miss_by_nothing_and_one_step_is_seen(tmp_path: Path) -> None:
    stems = [make_steps(seed=seed) for seed in (1, 2)]
    master = sum(stems) / 2  # every sample, whole steps or half ones
    stems.append(-(stems[0] + stems[1]) + np.floor(master * 2**23) / 2**23)
    soundfile.write(tmp_path / "master.wav", np.floor(master * 2**23) / 2**23, RATE, subtype="PCM_24")
    total = StemSum()
    for stem in stems:
        total.add(stem.astype(np.float32), name="stem")
    assert total.compare(tmp_path / "master.wav") == -200.0
    step = np.zeros((RATE, 2), dtype=np.float32)
    step[100, 1] = 2.0**-23
    total.add(step, name="step")
    assert total.compare(tmp_path / "master.wav") == round(-20 * np.log10(2**23), 1)


def test_a_stem_that_is_missing_or_too_short_is_refused(tmp_path: Path) -> None:
    first, second = (make_steps(seed=seed) / 2 for seed in (1, 2))
    soundfile.write(tmp_path / "master.wav", first + second, RATE, subtype="PCM_24")
    total = StemSum()
    total.add(first, name="stems/piano.flac")
    with pytest.raises(PackError, match=r"stems: they miss the master by -[0-9.]+ dBFS"):
        total.compare(tmp_path / "master.wav")
    with pytest.raises(PackError, match=r"stems/violin\.flac: 44000 frames beside the master's 44100"):
        total.add(second[:44_000], name="stems/violin.flac")
