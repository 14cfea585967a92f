"""Notes to sound."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from generator.engine.audio.font import find_preset, load_font, read_font
from generator.engine.audio.loudness import measure_loudness
from generator.engine.audio.manner import find_manner
from generator.engine.audio.performance import PlayedNote
from generator.engine.audio.player import play_notes
from generator.engine.audio.synthesis import render_parts
from generator.engine.errors import RenderError
from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.plan import Key, Mode, Piece, Role
from generator.engine.score import Note, Part
from tests.engine.audio_pieces import make_part, make_piece, make_plan, make_solo

RATE = 44_100
ROOT = Path(__file__).parents[2]
PITCHED = [slug for slug, instrument in INSTRUMENTS.items() if not instrument.is_drums]


def _decibels(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 1e-12)))


def _play_one(slug: str, *, pitch: int, velocity: int = 100, seconds: float = 2.0) -> NDArray[np.float32]:
    instrument = INSTRUMENTS[slug]
    tuning = find_manner(instrument, role=Role.LEAD).tuning
    note = PlayedNote(start=0.0, pitch=pitch, stop=seconds * 0.75, velocity=velocity)
    return play_notes([note], instrument, frames=round(seconds * RATE), sample_rate=RATE, tuning=tuning)


def _measure_cents(sound: NDArray[np.float32], *, expected: float) -> float:
    """Cents between the sound and a frequency: phase of the demodulated fundamental, so that vibrato averages out."""
    mono = sound[round(0.2 * RATE) : round(1.4 * RATE), 0]
    carrier = np.exp(-2j * np.pi * expected * np.arange(len(mono)) / RATE)
    window = np.hanning(round(RATE / expected * 12))
    fundamental = np.convolve(mono * carrier, window / window.sum(), "valid")
    drift = np.diff(np.unwrap(np.angle(fundamental))) * RATE / (2 * np.pi)
    return 1200 * float(np.log2(1 + np.average(drift, weights=np.abs(fundamental[1:]) ** 2) / expected))


@pytest.mark.parametrize("slug", INSTRUMENTS)
def test_the_font_has_a_preset_for_every_instrument(slug: str) -> None:
    assert find_preset(load_font(), INSTRUMENTS[slug]) >= 0


def test_a_missing_preset_is_refused_by_name() -> None:
    banjo = Instrument("banjo", "Banjo", 105, 40, 80, 4, 24, (Role.HARMONY,), ())
    with pytest.raises(RenderError, match=r"no preset 0:105 for 'banjo'"):
        find_preset(load_font(), banjo)


def test_another_font_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sf3"
    other.write_bytes(b"RIFF")
    with pytest.raises(RenderError, match="not the one"):
        read_font(other)
    with pytest.raises(RenderError, match="cannot be read"):
        read_font(tmp_path / "absent.sf3")


@pytest.mark.parametrize("slug", PITCHED)
def test_concert_a_is_in_tune_within_five_cents(slug: str) -> None:
    pitch = 69 if INSTRUMENTS[slug].highest >= 69 else 57
    sound = _play_one(slug, pitch=pitch)
    assert _measure_cents(sound, expected=440.0 * 2 ** ((pitch - 69) / 12)) == pytest.approx(0.0, abs=5.0)


@pytest.mark.parametrize("slug", PITCHED)
def test_every_pitch_of_an_instrument_sounds(slug: str) -> None:
    instrument = INSTRUMENTS[slug]
    for pitch in range(instrument.lowest, instrument.highest + 1):
        peak = float(np.abs(_play_one(slug, pitch=pitch, seconds=0.4)).max())
        assert _decibels(peak) > -30, pitch


@pytest.mark.parametrize("pitch", [36, 38, 42, 45, 46, 48, 49, 50, 51])
def test_every_drum_of_a_kit_sounds(pitch: int) -> None:
    assert _decibels(float(np.abs(_play_one("drums", pitch=pitch, seconds=0.6)).max())) > -30


def test_loudness_follows_the_square_of_velocity() -> None:
    loud, soft = (float(np.abs(_play_one("piano", pitch=60, velocity=velocity)).max()) for velocity in (100, 50))
    assert _decibels(loud) - _decibels(soft) == pytest.approx(40 * np.log10(2), abs=0.3)


@pytest.mark.parametrize(
    ("seconds", "rate", "frames"), [(14.5, 44_100, 639_450), (5.0, 48_000, 240_000), (7.333, 44_100, 323_385)]
)
def test_stems_last_as_long_as_the_plan_says_to_the_sample(seconds: float, rate: int, frames: int) -> None:
    stems = render_parts(make_piece("piano", "bass", seconds=seconds), sample_rate=rate)
    assert {name: stem.shape for name, stem in stems.items()} == {"piano": (frames, 2), "bass": (frames, 2)}


def test_the_lead_stands_out_from_the_accompaniment() -> None:
    stems = render_parts(make_piece("piano", "violin", "bass", "drums"))
    loudness = {name: measure_loudness(stem, sample_rate=RATE) for name, stem in stems.items()}
    assert loudness["violin"] == pytest.approx(-20.0, abs=0.3)
    assert all(loudness[name] < loudness["violin"] - 2.5 for name in ("piano", "bass", "drums"))


def test_a_part_keeps_its_sound_when_another_changes() -> None:
    before = make_piece("violin", "piano")
    after = replace(before, parts=(before.parts[0], make_part("guitar", before.plan)))
    assert np.array_equal(render_parts(before)["violin"], render_parts(after)["violin"])


def test_one_piece_gives_the_same_bits_in_every_process() -> None:
    script = (
        "import hashlib\n"
        "from generator.engine.audio.synthesis import render_parts\n"
        "from tests.engine.audio_pieces import make_piece\n"
        "stems = render_parts(make_piece('drums')) | render_parts(make_piece('piano', 'violin'))\n"
        "print(hashlib.sha256(b''.join(stems[name].tobytes() for name in ('piano', 'violin'))).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    stems = render_parts(make_piece("piano", "violin"))
    digests.add(hashlib.sha256(b"".join(stems[name].tobytes() for name in ("piano", "violin"))).hexdigest())
    assert len(digests) == 1


def test_two_parts_of_one_instrument_get_a_stem_each() -> None:
    plan = make_plan(seconds=3.0)
    parts = (Part("violin", Role.LEAD, (Note(0, 76, 48),)), Part("violin", Role.COUNTER, (Note(0, 67, 48),)))
    assert list(render_parts(Piece(plan, parts))) == ["violin", "violin-2"]


def test_a_part_without_notes_is_left_out() -> None:
    piece = make_piece("piano", seconds=3.0)
    assert list(render_parts(replace(piece, parts=(*piece.parts, Part("flute", Role.LEAD, ()))))) == ["piano"]


def test_the_piece_sounds_in_the_key_of_its_plan() -> None:
    piece = make_solo("flute", Note(0, 69, 72))
    sharp = replace(piece, plan=replace(piece.plan, key=Key(tonic=11, mode=Mode.MINOR)))
    assert _measure_cents(render_parts(sharp)["flute"], expected=440.0 * 2 ** (2 / 12)) == pytest.approx(0, abs=8)


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (make_solo("piano"), "it has no notes"),
        (replace(make_solo("piano"), parts=()), "it has no notes"),
        (make_solo("kazoo", Note(0, 60, 24)), "'kazoo' is not known"),
        (make_solo("violin", Note(0, 54, 24)), "violin: pitch 54 at tick 0 is outside"),
        (make_solo("piano", Note(0, 60, 24, velocity=0)), "velocity 0"),
        (make_solo("piano", Note(0, 60, 0)), "lasting 0"),
        (make_solo("piano", Note(-1, 60, 24)), "tick -1"),
        (make_solo("piano", Note(10_000, 60, 24)), "outside the piece"),
        (make_solo("piano", *[Note(24, 60, 24)] * 10_000), "10000 notes at once at tick 24"),
        (make_solo("piano", *[Note(tick % 100, 60, 1) for tick in range(50_001)]), "50001 notes are too many"),
        (make_solo("piano", Note(0, 60, 24), seconds=0.5), "1 to 600 seconds"),
        (make_solo("piano", Note(0, 60, 24), seconds=601), "1 to 600 seconds"),
        (make_solo("piano", Note(0, 60, 24, velocity=1)), "came out silent"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_reason(piece: Piece, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        render_parts(piece)


@pytest.mark.parametrize("tempo", [0.0, -96.0, float("nan"), float("inf")])
def test_an_impossible_tempo_is_refused(tempo: float) -> None:
    piece = make_solo("piano", Note(0, 60, 24))
    with pytest.raises(RenderError, match="length"):
        render_parts(replace(piece, plan=replace(piece.plan, tempo=tempo)))
