"""The inaudible mark: read again after what recordings go through, never found where it is not, and below the music."""

import hashlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import soundfile
from scipy.signal import stft

from generator.engine.audio.encoding import write_audio
from generator.engine.audio.gain import apply_curve
from generator.engine.audio.loudness import measure_true_peak
from generator.engine.audio.marking import payload
from generator.engine.audio.marking.cells import measure_views, read_cells
from generator.engine.audio.marking.detection import Detection, find_mark, fold_cells, score_places
from generator.engine.audio.marking.embedding import Mark, mark_sound
from generator.engine.audio.marking.pattern import SYNC, draw_pattern
from generator.engine.audio.mastering import CEILING_DBTP, TARGET_LUFS
from generator.engine.audio.reading import read_sound
from generator.engine.audio.rendering import make_sound, master_stem
from generator.engine.audio.synthesis import render_parts
from generator.engine.audio.tags import Tags
from generator.engine.errors import RenderError, UnreadableSoundError
from generator.engine.measuring.mark_treatments import add_noise, encode, resample
from tests.engine.audio_pieces import make_piece, make_sparse_piece

RATE = 44_100
KEY, OTHER_KEY = (hashlib.sha256(name).digest() for name in (b"ours", b"another"))
MARK = Mark(key=KEY, number=0x4A5B_6C7D_8E9F)
Audio = np.ndarray


@cache
def play(*, seconds: float = 21.0, mark: Mark | None = MARK) -> Audio:
    piece = make_piece("piano", "violin", "drums", seconds=seconds)
    return make_sound(piece, mark=mark).master.audio


def find(audio: Audio, *keys: bytes, rate: int = RATE) -> Detection:
    return find_mark(audio, keys or (KEY,), sample_rate=rate)


TREATMENTS: dict[str, Callable[[Audio], Audio]] = {
    "nothing": lambda audio: audio,
    "MP3 at 128": lambda audio: encode(audio, codec="libmp3lame", kbps=128, container="mp3"),
    "AAC at 96": lambda audio: encode(audio, codec="aac", kbps=96, container="adts"),
    "6 dB louder": lambda audio: audio * 2.0,
    "6 dB quieter": lambda audio: audio * 0.5,
    "noise": add_noise,
    "one channel": lambda audio: audio.mean(axis=1, keepdims=True),
    "48 kHz and back": lambda audio: resample(resample(audio, 160, 147), 147, 160),
    "32 kHz and back": lambda audio: resample(resample(audio, 320, 441), 441, 320),
    "1 % fast": lambda audio: resample(audio, 100, 101),
    "1 % slow": lambda audio: resample(audio, 101, 100),
}


@pytest.mark.parametrize("name", TREATMENTS)
def test_twenty_seconds_give_the_number_and_five_prove_the_mark(name: str) -> None:
    treated = TREATMENTS[name](play())
    assert find(treated[: 20 * RATE]).number == MARK.number
    for start in (1.3, 7.77, 14.01):
        first = round(start * RATE)
        assert find(treated[first : first + 5 * RATE]).is_found


@cache
def play_alone(slug: str) -> Audio:
    return make_sound(make_piece(slug, seconds=21.0), mark=MARK).master.audio


@pytest.mark.parametrize("slug", ["flute", "guitar"])
def test_five_seconds_of_an_instrument_alone_prove_the_mark_under_noise(slug: str) -> None:
    treated = add_noise(play_alone(slug))
    for start in (0.5, 5.0, 10.0, 14.0):
        first = round(start * RATE)
        assert find(treated[first : first + 5 * RATE]).is_found


def test_where_most_cells_hold_only_noise_the_others_count_for_more() -> None:
    """Why there are two weighings: each finds more than the other where it is at home."""
    pattern = draw_pattern(KEY)
    sparse = make_sound(make_sparse_piece("guitar", seconds=11.0), mark=MARK).master.audio
    highest = []
    for audio in (add_noise(sparse), play()):
        weighings = fold_cells(read_cells(measure_views(audio[: 10 * RATE], sample_rate=RATE)))
        highest.append([score_places(cells, pattern).max() for cells in weighings])
    (alike, above), (alike_in_a_mix, above_in_a_mix) = highest
    assert above > 1.1 * alike
    assert alike_in_a_mix > above_in_a_mix


@pytest.mark.parametrize("rate", [48_000, 32_000])
def test_files_at_other_rates_are_read_as_they_are(rate: int) -> None:
    common = np.gcd(rate, RATE)
    found = find(resample(play(), rate // common, RATE // common), rate=rate)
    assert (found.number, found.speed) == (MARK.number, 1.0)


def test_speed_is_told() -> None:
    assert find(TREATMENTS["1 % fast"](play())).speed == pytest.approx(1.01, abs=0.001)


def test_neither_another_key_nor_unmarked_sound_shows_a_mark() -> None:
    for audio, key in ((play(), OTHER_KEY), (play(mark=None), KEY), (play(mark=None)[: 5 * RATE], KEY)):
        found = find(audio, key)
        assert not found.is_found
        assert found.number is None
        assert found.chance > 1e-6


def test_among_several_keys_the_one_that_marked_is_named() -> None:
    found = find(play(), OTHER_KEY, KEY)
    assert (found.number, found.key_index) == (MARK.number, 1)


@pytest.mark.parametrize("audio", [np.zeros((RATE * 6, 2)), np.zeros((10, 1)), np.ones((RATE, 2)), np.zeros((0, 2))])
def test_silence_and_scraps_show_no_mark(audio: Audio) -> None:
    assert not find(audio.astype(np.float32)).is_found


def test_two_marks_of_one_key_differ_only_in_what_carries_the_number() -> None:
    other = Mark(key=KEY, number=MARK.number ^ 1)
    assert find(play(mark=other)).number == other.number
    pattern = draw_pattern(KEY)
    one, two = (pattern.spell(payload.encode_number(mark.number))[::2] for mark in (MARK, other))
    assert np.array_equal(one[pattern.tasks == SYNC], two[pattern.tasks == SYNC])
    assert not np.array_equal(one, two)


def test_silence_stays_silence() -> None:
    audio = play().copy()
    audio[5 * RATE : 8 * RATE] = 0.0
    marked = mark_sound(audio, MARK, sample_rate=RATE)
    smear = round(0.024 * RATE)
    assert not marked[5 * RATE + smear : 8 * RATE - smear].any()
    assert not mark_sound(np.zeros_like(audio), MARK, sample_rate=RATE).any()


def test_marked_parts_add_up_to_the_marked_whole() -> None:
    left, right = play(mark=None), np.roll(play(mark=None), 9_000, axis=0)
    parts = mark_sound(left, MARK, sample_rate=RATE) + mark_sound(right, MARK, sample_rate=RATE)
    assert np.abs(parts - mark_sound(left + right, MARK, sample_rate=RATE)).max() < 1e-6


def test_stems_of_a_marked_master_add_up_to_it_and_each_carries_the_mark() -> None:
    sound = make_sound(make_piece("piano", "violin", seconds=21.0), mark=MARK)
    left = sound.master.audio.astype(np.float64)
    for slug in ("piano", "violin"):
        stem = master_stem(sound, [(slug, render_parts(sound.piece, sample_rate=sound.sample_rate)[slug])])
        assert find(stem).number == MARK.number
        left -= stem
    assert 20 * np.log10(np.abs(left).max()) < -120


def test_mark_lies_twenty_decibels_below_the_music_in_every_third_octave() -> None:
    audio = play(mark=None)
    mark = mark_sound(audio, MARK, sample_rate=RATE) - audio
    for music, marked in zip(measure_thirds(audio), measure_thirds(mark), strict=True):
        assert 10 * np.log10(marked / music) < -20.0


@pytest.mark.parametrize("hertz", [1108.73, 1396.91, 1760.0, 2217.46])
def test_tone_just_below_an_all_but_empty_third_octave_does_not_fill_it_with_mark(hertz: float) -> None:
    """As a flute's high A does: the third octave above holds 21 dB less than the tone's own."""
    tone = np.sin(2 * np.pi * hertz * np.arange(12 * RATE) / RATE)
    noise = np.random.default_rng(1).standard_normal(len(tone))
    audio = (0.2 * tone + 0.07 * noise).astype(np.float32)[:, None]
    mark = mark_sound(audio, MARK, sample_rate=RATE) - audio
    music, marked = (10 * np.log10(measure_thirds(each)) for each in (audio, mark))
    above = int(music.argmax()) + 1
    assert music[above] < music.max() - 21.0
    assert marked[above] - music[above] < -20.0


def measure_thirds(audio: Audio) -> list[float]:
    """Energy in the third-octave bands from 315 Hz to 10 kHz."""
    frequency, _, spectrum = stft(audio.T, RATE, nperseg=8192)
    power = np.square(np.abs(spectrum)).sum(axis=(0, 2))
    centres = 1000.0 * 2.0 ** (np.arange(-5, 11) / 3)
    return [float(power[(frequency >= c * 2 ** (-1 / 6)) & (frequency < c * 2 ** (1 / 6))].sum()) for c in centres]


def test_marked_master_keeps_its_loudness_and_its_ceiling() -> None:
    report = make_sound(make_piece("piano", "drums", seconds=6.0), mark=MARK).master.report
    assert report.true_peak_dbtp <= CEILING_DBTP
    assert report.lufs == pytest.approx(TARGET_LUFS, abs=0.1)
    assert measure_true_peak(play()) <= CEILING_DBTP


def test_same_input_gives_the_same_bits() -> None:
    audio = play(mark=None)
    assert np.array_equal(mark_sound(audio, MARK, sample_rate=RATE), mark_sound(audio, MARK, sample_rate=RATE))


def test_slow_gain_over_all_bands_leaves_the_mark_readable() -> None:
    fade = np.linspace(0.0, -12.0, len(play()) // 32 + 2)
    assert find(apply_curve(play(), fade)).number == MARK.number


@pytest.mark.parametrize("number", [0, 1, (1 << 48) - 1, MARK.number])
def test_number_survives_a_fifth_of_its_coded_bits_turned_over(number: int) -> None:
    soft = payload.encode_number(number).astype(float)
    turned = np.random.default_rng(number % 97).choice(len(soft), size=36, replace=False)
    soft[turned] *= -1
    assert payload.decode_number(soft) == number


def test_noise_is_no_number() -> None:
    chance = np.random.default_rng(5)
    accepted = sum(payload.decode_number(chance.standard_normal(240)) is not None for _ in range(100))
    assert accepted <= 1  # the checksum lets one of 4096 pass


def test_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(RenderError, match="does not fit into 48 bits"):
        payload.encode_number(1 << 48)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_file_that_breaks_off_is_read_as_far_as_it_goes(tmp_path, suffix: str) -> None:
    path = tmp_path / f"track{suffix}"
    write_audio(path, play(), sample_rate=RATE, tags=Tags(title="Test"))
    whole = path.read_bytes()
    audio, rate = read_sound(whole[: len(whole) // 2], seconds=60.0)
    assert rate == RATE
    assert find(audio[: 8 * RATE]).is_found


@pytest.mark.parametrize("sample", [np.nan, -np.inf, 1e6, -1e30])
def test_one_absurd_sample_hides_no_mark(tmp_path, sample: float) -> None:
    audio = play()[: 8 * RATE].copy()
    audio[3 * RATE] = sample
    soundfile.write(tmp_path / "track.wav", audio, RATE, subtype="FLOAT")
    assert find(read_sound(tmp_path / "track.wav", seconds=60.0)[0]).number == MARK.number


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound" * 99, b"fLaC" + bytes(99), b"ID3\x04" + bytes(999)])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableSoundError):
        read_sound(content, seconds=1.0)
