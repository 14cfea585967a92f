"""The audible tag of a preview: soft chimes, so that what is heard free is not what is sold."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.gain import HOP, Curve, count_points
from generator.engine.plan import Key, Mode

_FIRST = (1.5, 3.0)
"""Seconds before the first tag, and between tags: drawn evenly from these."""
_APART = (6.0, 9.0)
_TONES = {Mode.MAJOR: (7, 4, 12), Mode.MINOR: (7, 3, 12)}
"""Semitones above the tonic: fifth, third, octave, in tune with the music."""
_TONE_GAP = 0.16
_TAG_SECONDS = 1.8
_PARTIALS = ((1.0, 1.0, 2.2), (2.76, 0.22, 5.0), (5.4, 0.06, 9.0))
"""Ratio, level and decay per second of a struck bar's modes."""
_DUCK_DB = -5.0
_TAG_RMS_DB = -3.0
"""Loudest moment of a tag beside the music around it."""
_QUIETEST_RMS = 0.02


class Chimes:
    """Tags that fall on places drawn from `seed`, as loud as the music, (frames, 2), around them asks for."""

    def __init__(self, music: NDArray[np.float32], *, key: Key, sample_rate: int, seed: int) -> None:
        self._chime = _strike_chime(key, sample_rate=sample_rate)
        places = place_tags(len(music) / sample_rate, seed=seed)
        self._starts = [round(place * sample_rate) for place in places]
        self._levels = [_find_level(music[start : start + len(self._chime)]) for start in self._starts]
        self.duck = _duck(len(music), self._starts, sample_rate=sample_rate)
        """By how much the music steps back while a tag sounds: decibels every `gain.HOP` frames."""

    def ring(self, audio: NDArray[np.float32]) -> None:
        """Adds them to the music, or to its beginning, in its own place."""
        for start, level in zip(self._starts, self._levels, strict=True):
            around = audio[start : start + len(self._chime)]
            around += (self._chime[: len(around)] * level)[:, None]


def _find_level(around: NDArray[np.float32]) -> np.float32:
    loudness = max(_QUIETEST_RMS, float(np.sqrt(np.mean(np.square(around), dtype=np.float64))))
    return np.float32(loudness * 10.0 ** (_TAG_RMS_DB / 20.0))


def place_tags(seconds: float, *, seed: int) -> list[float]:
    """Where tags start, in seconds: at least one, and none so late that it would be cut off."""
    chance = np.random.PCG64(seed)
    last = max(0.0, seconds - _TAG_SECONDS)
    places = [min(_draw(chance, _FIRST), last)]
    while (following := places[-1] + _draw(chance, _APART)) <= last:
        places.append(following)
    return places


def _draw(chance: np.random.PCG64, between: tuple[float, float]) -> float:
    share = float(int(chance.random_raw()) >> 11) / 2.0**53
    return between[0] + share * (between[1] - between[0])


def _duck(frames: int, starts: list[int], *, sample_rate: int) -> Curve:
    """The music steps back while a tag sounds, in and out over a tenth of a second and more."""
    points, levels = [0.0], [0.0]
    for start in starts:
        begin = start / sample_rate
        points += [begin - 0.12, begin, begin + 0.7, begin + _TAG_SECONDS - 0.2]
        levels += [0.0, _DUCK_DB, _DUCK_DB, 0.0]
    times = np.arange(count_points(frames)) * HOP / sample_rate
    return np.interp(times, points, levels)


@lru_cache(maxsize=24)
def _strike_chime(key: Key, *, sample_rate: int) -> NDArray[np.float32]:
    """Three tones of a struck bar, one after the other, with an RMS of 1 over their loudest 0.4 s."""
    time = np.arange(round(_TAG_SECONDS * sample_rate)) / sample_rate
    sound = np.zeros_like(time)
    for index, step in enumerate(_TONES[key.mode]):
        pitch = 72 + (key.tonic + 5) % 12 - 5 + step
        since = time - index * _TONE_GAP
        sound += np.where(
            since >= 0.0, _ring(np.maximum(since, 0.0), frequency=440.0 * 2.0 ** ((pitch - 69) / 12)), 0.0
        )
    sound *= np.minimum(1.0, (_TAG_SECONDS - time) / 0.3)
    window = round(0.4 * sample_rate)
    return (sound / _loudest_rms(sound, window=window)).astype(np.float32)


def _ring(since: NDArray[np.float64], *, frequency: float) -> NDArray[np.float64]:
    attack = np.minimum(1.0, since / 0.004)
    tone = sum(
        level * np.exp(-decay * since) * np.sin(2.0 * math.pi * frequency * ratio * since)
        for ratio, level, decay in _PARTIALS
    )
    return np.asarray(attack * tone)


def _loudest_rms(sound: NDArray[np.float64], *, window: int) -> float:
    energy = np.cumsum(np.square(sound))
    return math.sqrt(float((energy[window:] - energy[:-window]).max()) / window)
