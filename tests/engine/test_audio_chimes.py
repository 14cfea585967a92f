"""The tags of a preview: clearly heard, and in tune."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from generator.engine.audio.chimes import Chimes, place_tags
from generator.engine.audio.gain import apply_curve
from generator.engine.plan import Key, Mode

RATE = 44_100
D_MINOR = Key(tonic=2, mode=Mode.MINOR)


@pytest.fixture(scope="module")
def music() -> NDArray[np.float32]:
    """A steady, loud stand-in for a master: 20 s of noise at -14 dBFS RMS."""
    noise = np.random.default_rng(5).normal(0.0, 0.2, (20 * RATE, 2))
    return noise.clip(-0.85, 0.85).astype(np.float32)


def tag(music: NDArray[np.float32], *, key: Key, seed: int) -> NDArray[np.float32]:
    chimes = Chimes(music, key=key, sample_rate=RATE, seed=seed)
    tagged = apply_curve(music, chimes.duck)
    chimes.ring(tagged)
    return tagged


@pytest.mark.parametrize("seed", range(20))
def test_a_tag_comes_early_and_then_every_six_to_nine_seconds(seed: int) -> None:
    places = place_tags(60.0, seed=seed)
    assert 1.5 <= places[0] <= 3.0
    assert all(6.0 <= later - earlier <= 9.0 for earlier, later in pairwise(places))
    assert 60.0 - places[-1] <= 11.0


def test_tags_fall_elsewhere_with_another_seed_and_in_the_same_places_with_the_same() -> None:
    assert place_tags(60.0, seed=1) == place_tags(60.0, seed=1)
    assert place_tags(60.0, seed=1) != place_tags(60.0, seed=2)


@pytest.mark.parametrize("seconds", [1.0, 5.0, 6.0])
def test_even_the_shortest_piece_is_tagged(seconds: float) -> None:
    (place,) = place_tags(seconds, seed=3)
    assert 0.0 <= place <= seconds


def test_a_tag_is_clearly_heard_beside_the_music(music: NDArray[np.float32]) -> None:
    tagged = tag(music, key=D_MINOR, seed=4)
    start = round(place_tags(20.0, seed=4)[0] * RATE)
    middle = tagged[start : start + round(0.6 * RATE)].mean(axis=1)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    loudest = np.fft.rfftfreq(len(middle), 1 / RATE)[np.argsort(spectrum)[-12:]]
    tones = np.array([880.0, 698.46, 1174.66])  # the fifth, the third and the octave of D
    assert (np.abs(loudest[:, None] - tones).min(axis=1) < 8.0).all(), "the music covers the tag"


@pytest.mark.parametrize(
    ("key", "fifth"), [(Key(0, Mode.MAJOR), 783.99), (Key(7, Mode.MAJOR), 587.33), (Key(9, Mode.MINOR), 659.26)]
)
def test_tags_are_in_tune_with_the_key(key: Key, fifth: float) -> None:
    quiet = np.full((6 * RATE, 2), 1e-6, dtype=np.float32)
    tagged = tag(quiet, key=key, seed=4)
    start = round(place_tags(6.0, seed=4)[0] * RATE)
    first_tone = tagged[start : start + round(0.15 * RATE), 0]
    spectrum = np.abs(np.fft.rfft(first_tone * np.hanning(len(first_tone)), 1 << 17))
    assert np.fft.rfftfreq(1 << 17, 1 / RATE)[spectrum.argmax()] == pytest.approx(fifth, rel=0.003)


def test_the_music_is_stepped_back_only_around_tags(music: NDArray[np.float32]) -> None:
    tagged = tag(music, key=D_MINOR, seed=4)
    untouched = np.ones(len(music), dtype=bool)
    for place in place_tags(20.0, seed=4):
        untouched[max(0, round((place - 0.2) * RATE)) : round((place + 2.0) * RATE)] = False
    assert untouched.mean() > 0.5
    assert np.allclose(tagged[untouched], music[untouched], atol=1e-5)


def test_the_beginning_is_tagged_as_the_whole_is_also_in_the_middle_of_a_tag(music: NDArray[np.float32]) -> None:
    chimes = Chimes(music, key=D_MINOR, sample_rate=RATE, seed=4)
    end = round((place_tags(20.0, seed=4)[1] + 0.9) * RATE)
    whole, beginning = music.copy(), music[:end].copy()
    chimes.ring(whole)
    chimes.ring(beginning)
    assert np.array_equal(beginning, whole[:end])
    assert not np.array_equal(beginning[-RATE // 2 :], music[end - RATE // 2 : end])
