"""MP3 frames without a bit reservoir: the same sound, sizes known beforehand."""

from io import BytesIO

import numpy as np
import pytest
import soundfile

from generator.engine.audio.encoding import encode_mp3
from generator.engine.audio.mp3_frames import count_frames, read_stream, write_frames, write_info
from generator.engine.audio.previewing import PREVIEW_RATE
from generator.engine.audio.rendering import make_sound
from generator.engine.errors import RenderError
from tests.engine.audio_pieces import make_piece

RATE = PREVIEW_RATE


def decode(mp3: bytes) -> np.ndarray:
    return soundfile.read(BytesIO(mp3), dtype="float32")[0]


@pytest.fixture(scope="module")
def master() -> np.ndarray:
    return make_sound(make_piece("piano", "violin", seconds=4.0), sample_rate=RATE).master.audio


@pytest.mark.parametrize("kbps", [128, "V5"])
def test_frames_without_a_reservoir_sound_the_same_to_the_bit(master, kbps: int | str) -> None:
    mp3 = encode_mp3(master, sample_rate=RATE, kbps=kbps)
    stream = read_stream(mp3)
    info, frames = write_info(stream, samples=len(master)), write_frames(stream)
    assert len({len(frame) for frame in [info, *frames]}) == 1
    assert np.array_equal(decode(info + b"".join(frames)), decode(mp3))


@pytest.mark.parametrize("samples", [20_000, 20_736, 21_887, 21_888, 21_889, 64_511, 64_512, 64_513])
def test_length_and_silence_at_either_end_are_told_as_lame_tells_them_and_known_beforehand(
    master, samples: int
) -> None:
    stream = read_stream(encode_mp3(master[:samples], sample_rate=RATE, kbps="V5"))
    info = write_info(stream, samples=samples)
    assert len(stream.frames) == count_frames(samples) == int.from_bytes(info[44:48])
    assert info[44:48] == stream.info[44:48]  # frames
    assert info[177:180] == stream.info[177:180]  # samples to leave out at the beginning and the end


def test_what_is_no_stereo_mp3_is_refused(master) -> None:
    mono = encode_mp3(master[:20_000, :1], sample_rate=RATE, kbps=64)
    for content in (mono, b"RIFF" + bytes(99)):
        with pytest.raises(RenderError, match="no stereo MP3 frame"):
            read_stream(content)
