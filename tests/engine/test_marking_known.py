"""Weak marks: what the numbers that were given out prove beside the pattern, and which number is believed."""

import hashlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from generator.engine.audio.marking import detection
from generator.engine.audio.marking.bounds import find_threshold
from generator.engine.audio.marking.detection import SPEED_TRIES, TRIES, Detection, find_mark
from generator.engine.audio.marking.embedding import Mark, mark_sound
from generator.engine.audio.marking.payload import CODED_BITS, encode_number, pack_numbers, rate_packed
from generator.engine.audio.marking.reading import WRONG_NUMBERS, Carried, find_known, read_number
from generator.engine.audio.rendering import make_sound
from generator.engine.measuring.mark_treatments import resample
from tests.engine.audio_pieces import make_piece

RATE = 44_100
KEY = hashlib.sha256(b"ours").digest()
MARK = Mark(key=KEY, number=0x4A5B_6C7D_8E9F)
OTHERS = np.random.default_rng(1).integers(1 << 48, size=5_000)
WITH_OURS = np.append(OTHERS, MARK.number)
Numbers = NDArray[np.int64]


@cache
def play(*, strength: float, key: bytes = KEY) -> NDArray[np.float32]:
    """Five seconds."""
    audio = make_sound(make_piece("piano", "violin", "drums", seconds=21.0)).master.audio
    marked = mark_sound(audio, Mark(key=key, number=MARK.number), sample_rate=RATE, strength=strength)
    return marked[round(7.77 * RATE) :][: 5 * RATE]


def find(audio: NDArray[np.float32], known: Callable[[], Numbers] | None = None) -> Detection:
    more = {"known": known} if known else {}
    return find_mark(audio, [KEY], sample_rate=RATE, with_speeds=False, **more)


def test_mark_too_weak_for_the_pattern_alone_is_proved_with_the_known_numbers() -> None:
    weak = play(strength=0.05)
    assert not find(weak).is_found
    proved = find(weak, lambda: WITH_OURS)
    assert proved.is_found
    assert proved.known == len(WITH_OURS)
    assert proved.chance < 1e-6


def test_what_a_weak_minute_needed_is_not_asked_of_the_next() -> None:
    """The first window is proved by the known numbers but not named, the second names itself."""
    between = np.zeros((70 * RATE, 2), dtype=np.float32)
    found = find(np.concatenate([play(strength=0.05), between, play(strength=0.117)]), lambda: WITH_OURS)
    assert (found.number, found.start, found.known, found.tries) == (MARK.number, 30.0, 0, 2 * TRIES)


@pytest.mark.parametrize("known", [OTHERS, OTHERS[:0]])
def test_numbers_of_other_tracks_prove_nothing(known: Numbers) -> None:
    assert not find(play(strength=0.05), lambda: known).is_found


def test_known_numbers_prove_nothing_under_another_key() -> None:
    other = hashlib.sha256(b"another").digest()
    assert not find(play(strength=0.117, key=other), lambda: WITH_OURS).is_found


def test_five_seconds_name_a_known_number_that_could_not_be_read() -> None:
    weak = play(strength=0.06)
    alone = find(weak)
    assert alone.is_found
    assert alone.number is None
    named = find(weak, lambda: WITH_OURS)
    assert named.number == MARK.number
    assert named.known == 0  # the pattern proved it alone


def test_mark_with_a_number_nobody_knows_is_given_no_other() -> None:
    found = find(play(strength=0.06), lambda: OTHERS)
    assert found.is_found
    assert found.number is None


def test_known_numbers_are_not_asked_for_where_the_sound_tells() -> None:
    def refuse() -> Numbers:
        raise AssertionError("asked for")

    assert find(play(strength=0.117), refuse).number == MARK.number
    assert not find(np.zeros((5 * RATE, 2), dtype=np.float32), refuse).is_found


def test_every_speed_that_may_be_tried_is_counted() -> None:
    """The second look's place follows from the first, so all that it may come to counts, not what it takes."""
    nearby = {round(10_000 * (rough + change)) for rough in detection._ROUGHLY for change in detection._NEARBY}
    assert len(detection._ROUGHLY) + len(nearby) == SPEED_TRIES
    found = find_mark(resample(play(strength=0.117), 100, 101), [KEY], sample_rate=RATE)
    assert found.is_found
    assert found.tries == TRIES * SPEED_TRIES


@pytest.mark.parametrize(("seed", "strength"), [(7, 0.0301), (71, 0.028)])
def test_weak_mark_in_a_recording_that_plays_too_fast_is_named(seed: int, strength: float) -> None:
    """A speed beside the right one may score higher, and yet not give the number: in the first look, in the second."""
    chance = np.random.default_rng(seed)
    noise = (0.1 * chance.standard_normal((13 * RATE, 1))).astype(np.float32)
    weak = mark_sound(noise, MARK, sample_rate=RATE, strength=strength)
    found = find_mark(resample(weak, 100, 101), [KEY], sample_rate=RATE, known=lambda: WITH_OURS)
    assert found.number == MARK.number
    assert found.speed == pytest.approx(1.01, abs=0.001)


def make_carried(*, score: float, number: int = MARK.number) -> Carried:
    """Soft bits of unit size in which the number has that score."""
    noise = np.random.default_rng(2).standard_normal(CODED_BITS)
    code = encode_number(number).astype(np.float64)
    noise -= (noise @ code) / CODED_BITS * code
    along = score / np.sqrt(CODED_BITS)
    soft = along * code + np.sqrt(1.0 - along**2) * noise / np.sqrt(np.mean(noise**2))
    return Carried(soft=soft, size=float(soft @ soft), sync_sum=0.0, sync_size=1.0)


def test_number_that_agrees_no_better_than_one_of_all_might_is_not_believed() -> None:
    needed = find_threshold(tries=1 << 48, chance=WRONG_NUMBERS / 4)
    assert read_number(make_carried(score=needed + 0.1), tries=1) == MARK.number
    assert read_number(make_carried(score=needed - 0.1), tries=1) is None


def test_best_of_many_known_numbers_is_found_in_whichever_batch_it_lies() -> None:
    many = np.random.default_rng(3).integers(1 << 48, size=150_000)
    for place in (0, 70_000, len(many) - 1):
        number = int(many[place])
        best, agreement = find_known(make_carried(score=9.0, number=number), many)
        assert best == number
        assert agreement / np.sqrt(CODED_BITS) == pytest.approx(9.0)


def test_numbers_packed_at_once_are_coded_as_each_alone() -> None:
    numbers = np.append(OTHERS[:50], [0, 1, (1 << 48) - 1])
    codes = np.array([encode_number(int(number)) for number in numbers])
    assert np.array_equal(np.unpackbits(pack_numbers(numbers), axis=1) * 2.0 - 1.0, codes)
    soft = np.random.default_rng(4).standard_normal(CODED_BITS)
    assert rate_packed(pack_numbers(numbers), soft) == pytest.approx(codes @ soft)
