"""The master, measured with other means than it was made with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyloudnorm import Meter
from scipy.signal import butter, resample_poly, sosfilt

from generator.engine.audio.gain import HOP, apply_curve, center, count_points, limit
from generator.engine.audio.loudness import measure_loudness, measure_true_peak, measure_true_peaks
from generator.engine.audio.mastering import Master, master_mix, mix_stems
from generator.engine.audio.synthesis import render_parts
from generator.engine.errors import RenderError
from generator.engine.plan import Piece
from tests.engine.audio_pieces import make_piece, make_plan, make_sparse_piece

RATE = 44_100
SILENCE = np.zeros((RATE * 3, 2), dtype=np.float32)


def _master(piece: Piece, *, sample_rate: int = RATE) -> Master:
    stems = render_parts(piece, sample_rate=sample_rate)
    return master_mix(
        mix_stems(stems.items(), piece.plan, sample_rate=sample_rate), piece.plan, sample_rate=sample_rate
    )


def _find_true_peak(audio: NDArray[np.float32]) -> float:
    """In dBTP, sixteen times oversampled."""
    return 20 * float(np.log10(np.abs(resample_poly(audio, 16, 1, axis=0)).max()))


PIECES = {
    "piano and violin": make_piece("piano", "violin"),
    "piano": make_piece("piano"),
    "guitar": make_piece("guitar", style="folk"),
    "strings in a hall": make_piece("violin", "viola", "cello", style="cinematic"),
    "bass and drums": make_piece("bass", "drums", style="rock"),
    "everything": make_piece("piano", "guitar", "violin", "viola", "cello", "flute", "bass", "drums"),
    "five seconds": make_piece("flute", seconds=5.0),
    "sparse piano": make_sparse_piece("piano"),
    "sparse guitar": make_sparse_piece("guitar"),
    "sparse flute": make_sparse_piece("flute"),
}


@pytest.fixture(scope="module")
def masters() -> dict[str, Master]:
    return {name: _master(piece) for name, piece in PIECES.items()}


@pytest.mark.parametrize("name", PIECES)
def test_a_master_meets_loudness_and_true_peak_and_reports_them(masters: dict[str, Master], name: str) -> None:
    master = masters[name]
    loudness = Meter(RATE).integrated_loudness(master.audio)
    true_peak = _find_true_peak(master.audio)
    assert loudness == pytest.approx(-14.0, abs=0.2)
    assert true_peak <= -1.0
    assert master.report.lufs == pytest.approx(loudness, abs=0.01)
    assert master.report.true_peak_dbtp == pytest.approx(true_peak, abs=0.1)
    assert master.report.sample_peak_dbfs == pytest.approx(20 * np.log10(np.abs(master.audio).max()), abs=0.01)


@pytest.mark.parametrize("name", PIECES)
def test_a_master_is_clean(masters: dict[str, Master], name: str) -> None:
    audio = masters[name].audio
    assert np.isfinite(audio).all()
    assert np.abs(audio.mean(axis=0)).max() < 1e-4, "it stands off zero"
    assert np.abs(audio[-1]).max() < 1e-4, "it ends with a click"
    assert np.abs(audio[-round(0.005 * RATE) :]).max() < 0.01, "it is cut off"
    assert np.sqrt(np.mean(audio[: RATE // 2] ** 2)) > 0.01, "it begins with a hole"
    assert len(audio) == round(PIECES[name].plan.seconds * RATE)


@pytest.mark.parametrize("name", ["sparse piano", "sparse guitar", "sparse flute"])
def test_sparse_pieces_are_made_loud_without_pumping(masters: dict[str, Master], name: str) -> None:
    master = masters[name]
    body = master.curve[: -round(0.8 * RATE / HOP)]
    assert body.max() - body.min() < 9.0, "strokes are flattened"
    rise = np.diff(body) * RATE / HOP
    assert rise.max() < 60.0, "the gain rushes back after a stroke"


def test_the_master_is_the_mix_under_the_recorded_curve_and_centered() -> None:
    piece = PIECES["piano and violin"]
    mix = mix_stems(render_parts(piece).items(), piece.plan, sample_rate=RATE)
    master = master_mix(mix, piece.plan, sample_rate=RATE)
    assert len(master.curve) == count_points(len(mix))
    assert np.array_equal(center(apply_curve(mix, master.curve), sample_rate=RATE), master.audio)


def test_stems_under_the_curve_sum_to_the_master() -> None:
    piece = make_piece("piano", "violin", "bass", "drums", style="cinematic")
    stems = render_parts(piece)
    master = _master(piece)
    total = np.sum(
        [
            center(apply_curve(mix_stems([(slug, stem)], piece.plan, sample_rate=RATE), master.curve), sample_rate=RATE)
            for slug, stem in stems.items()
        ],
        axis=0,
    )
    assert 20 * np.log10(np.abs(total - master.audio).max()) < -110


def test_a_master_at_48_khz_meets_the_same_figures() -> None:
    master = _master(make_piece("piano", "violin"), sample_rate=48_000)
    assert Meter(48_000).integrated_loudness(master.audio) == pytest.approx(-14.0, abs=0.2)
    assert _find_true_peak(master.audio) <= -1.0
    assert len(master.audio) == 288_000


def test_another_loudness_can_be_asked_for() -> None:
    piece = make_piece("piano", "violin")
    mix = mix_stems(render_parts(piece).items(), piece.plan, sample_rate=RATE)
    master = master_mix(mix, piece.plan, sample_rate=RATE, target_lufs=-24.0, ceiling_dbtp=-2.0)
    assert Meter(RATE).integrated_loudness(master.audio) == pytest.approx(-24.0, abs=0.2)
    assert _find_true_peak(master.audio) <= -2.0


def test_silence_is_refused() -> None:
    with pytest.raises(RenderError, match="silent"):
        master_mix(SILENCE, make_plan(seconds=3.0), sample_rate=RATE)


def test_a_hall_rings_longer_than_a_studio() -> None:
    click = SILENCE.copy()
    click[0] = 1.0
    tails = {}
    for style in ("pop", "cinematic"):
        mixed = mix_stems([("violin", click)], make_plan(seconds=3.0, style=style), sample_rate=RATE)
        tails[style] = float(np.abs(mixed[RATE:]).max())
    assert tails["cinematic"] > 4 * tails["pop"]


def test_our_loudness_is_that_of_the_reference_meter(masters: dict[str, Master]) -> None:
    for master in masters.values():
        ours = measure_loudness(master.audio, sample_rate=RATE)
        assert ours == pytest.approx(Meter(RATE).integrated_loudness(master.audio), abs=0.02)


def test_a_sine_between_the_samples_has_its_true_peak_found() -> None:
    """A quarter of the rate, an eighth of a turn off: every sample is 3 dB below the crest."""
    phase = 2 * np.pi * (np.arange(4410) / 4 + 1 / 8)
    sine = np.repeat((0.5 * np.sin(phase) * np.hanning(4410)).astype(np.float32)[:, None], 2, axis=1)
    assert measure_true_peak(sine) == pytest.approx(20 * np.log10(0.5), abs=0.15)


@pytest.mark.parametrize("place", [0, 7, 4_096, 9_991, 9_999])
@pytest.mark.parametrize("channel", [0, 1])
def test_the_true_peak_is_found_wherever_it_stands_in_softer_sound(place: int, channel: int) -> None:
    """Beside a louder sample, next to which nothing higher lies between: most of the sound is passed over."""
    noise = 0.2 * np.random.default_rng(place).standard_normal((10_000, 2)).astype(np.float32)
    noise[place : place + 2, channel] = 0.9  # the crest of both lies between them
    noise[5_000, 0] = 0.95
    everywhere = measure_true_peaks(noise, hop=HOP).max()
    assert measure_true_peak(noise) == 20 * np.log10(float(everywhere))
    assert everywhere > 0.95


@pytest.mark.parametrize("frames", [1, HOP, HOP + 1, 40_000])
def test_gain_runs_straight_from_point_to_point_also_in_the_audios_own_place(frames: int) -> None:
    curve = np.random.default_rng(frames).uniform(-12.0, 0.0, count_points(frames))
    points = np.arange(len(curve)) * HOP
    gain = np.interp(np.arange(frames), points, 10.0 ** (curve / 20.0))
    audio = np.ones((frames, 2), dtype=np.float32)
    changed = apply_curve(audio, curve)
    assert np.allclose(changed, gain[:, None], atol=1e-6)
    assert audio.min() == 1.0
    assert apply_curve(audio, curve, out=audio) is audio
    assert np.array_equal(audio, changed)


@given(st.lists(st.floats(-60.0, 24.0), min_size=1, max_size=300), st.floats(-12.0, 0.0))
def test_no_peak_gets_past_the_limiter(peaks: list[float], ceiling: float) -> None:
    curve = limit(np.array(peaks), ceiling=ceiling, lookahead=0.004, release=45.0, rate=1378.0)
    at_worst = np.maximum(curve[:-1], curve[1:])
    assert (np.array(peaks) + at_worst <= ceiling + 1e-9).all()
    assert (curve <= 0.0).all()


def test_the_limiter_leaves_alone_what_is_below_the_ceiling() -> None:
    curve = limit(np.full(100, -3.0), ceiling=-1.0, lookahead=0.004, release=45.0, rate=1378.0)
    assert not curve.any()


def test_limiting_strokes_that_lean_to_one_side_leaves_no_offset() -> None:
    stroke = np.exp(-np.arange(RATE // 8) / RATE / 0.004)
    leaning = sosfilt(butter(2, 22.0, btype="highpass", fs=RATE, output="sos"), np.tile(stroke, 96))
    mix = np.repeat(leaning[:, None], 2, axis=1).astype(np.float32) * np.float32(0.3)
    assert abs(mix.mean()) < 1e-6
    master = master_mix(mix, make_plan(seconds=12.0), sample_rate=RATE)
    limited = apply_curve(mix, master.curve)
    assert abs(limited.mean()) > 2e-4, "what is to be taken away"
    assert np.abs(master.audio.mean(axis=0)).max() < 1e-5
    assert np.abs(master.audio - limited).max() < 1e-2
