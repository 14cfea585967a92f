"""What recordings go through on their way: encoders, other rates, gain, noise, speed. All at 44.1 kHz in and out."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generator.engine.measuring.options import BenchmarkError

Audio = NDArray[np.float32]
RATE = 44_100
_NOISE_DB = -30.0


def encode(audio: Audio, *, codec: str, kbps: int, container: str) -> Audio:
    """Through an encoder and back."""
    try:
        import av
    except ImportError as error:
        raise BenchmarkError("marking: it encodes AAC with PyAV. Install requirements/dev.txt.") from error
    buffer = BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=RATE)
        stream.bit_rate, stream.layout = kbps * 1000, "stereo"
        for start in range(0, len(audio), 1152):
            block = np.ascontiguousarray(audio[start : start + 1152].T)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as source:
        return np.asarray(np.concatenate([frame.to_ndarray() for frame in source.decode(audio=0)], axis=1).T)


def add_noise(audio: Audio) -> Audio:
    """White, 30 dB below the music; the same each time."""
    noise = np.random.default_rng(3).standard_normal(audio.shape, dtype=np.float32)
    return audio + noise * np.float32(np.sqrt(np.mean(audio**2)) * 10.0 ** (_NOISE_DB / 20.0))


def resample(audio: Audio, up: int, down: int) -> Audio:
    return np.asarray(resample_poly(audio, up, down, axis=0), dtype=np.float32)


TREATMENTS: dict[str, Callable[[Audio], Audio]] = {
    "none": lambda audio: audio,
    "MP3 at 128 kbit/s": lambda audio: encode(audio, codec="libmp3lame", kbps=128, container="mp3"),
    "AAC at 96 kbit/s": lambda audio: encode(audio, codec="aac", kbps=96, container="adts"),
    "48 kHz and back": lambda audio: resample(resample(audio, 160, 147), 147, 160),
    "32 kHz and back": lambda audio: resample(resample(audio, 320, 441), 441, 320),
    "6 dB louder": lambda audio: audio * np.float32(2.0),
    "6 dB quieter": lambda audio: audio * np.float32(0.5),
    "white noise at -30 dB": add_noise,
    "one channel": lambda audio: audio.mean(axis=1, keepdims=True, dtype=np.float32),
    "1 % fast": lambda audio: resample(audio, 100, 101),
    "1 % slow": lambda audio: resample(audio, 101, 100),
    "1 % fast, then AAC at 96": lambda audio: encode(resample(audio, 100, 101), codec="aac", kbps=96, container="adts"),
}
