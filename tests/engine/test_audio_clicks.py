"""Clicks in a stem are refused with their place; strokes, plucks and organ keys are none."""

import numpy as np
import pytest

from generator.engine.audio import synthesis
from generator.engine.audio.clicks import MOST, MOST_AMONG_STROKES, find_worst, refuse_clicks
from generator.engine.audio.performance import PlayedNote
from generator.engine.audio.player import play_notes
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.synthesis import SAMPLE_RATE, render_parts
from generator.engine.errors import RenderError
from generator.engine.plan import Piece, Role
from generator.engine.score import Note, Part
from generator.engine.sounds import SOUNDS, voice_instrument
from tests.engine.audio_pieces import make_piece, make_plan
from tests.engine.test_sounds import ALL, PITCHED, with_sound

CLICK = 70_000
ENDS = (0.7, 0.7131, 0.7262, 0.7393)
"""Seconds, at different places of a wave."""


@pytest.mark.parametrize(("slug", "sound"), ALL)
def test_no_sound_is_taken_for_a_click(slug: str, sound: str) -> None:
    stem = render_parts(with_sound(make_piece(slug, seconds=2.0), sound), sample_rate=SAMPLE_RATE)[slug]
    assert [name for name, _ in refuse_clicks([(slug, stem)], sample_rate=SAMPLE_RATE)] == [slug]


@pytest.mark.parametrize(("slug", "sound"), PITCHED)
def test_a_note_that_is_struck_at_any_level_does_not_click(slug: str, sound: str) -> None:
    instrument = voice_instrument(slug, sound)
    for pitch in range(instrument.lowest, instrument.highest + 1, 3):
        for velocity in (30, 50, 70, 90, 110, 127):
            note = PlayedNote(0.05, pitch, 0.4, velocity)
            played = play_notes((note,), instrument, frames=SAMPLE_RATE // 2, sample_rate=SAMPLE_RATE)
            begun = played[: round(0.35 * SAMPLE_RATE)] * (0.25 / np.abs(played).max())
            power, place = max(find_worst(np.ascontiguousarray(channel)) for channel in begun.T)
            assert power < MOST / 3, f"{pitch} at {velocity} clicks {place / SAMPLE_RATE - 0.05:.4f} s after its start"


@pytest.mark.parametrize(("slug", "sound"), PITCHED)
def test_a_note_that_is_let_go_does_not_click(slug: str, sound: str) -> None:
    instrument = voice_instrument(slug, sound)
    for pitch in range(instrument.lowest, instrument.highest + 1, 3):
        for stop in ENDS:
            note = PlayedNote(0.05, pitch, stop, 90)
            played = play_notes((note,), instrument, frames=SAMPLE_RATE, sample_rate=SAMPLE_RATE)
            end = played[round((stop - 0.01) * SAMPLE_RATE) :] * (0.25 / np.abs(played).max())
            power, place = max(find_worst(np.ascontiguousarray(channel)) for channel in end.T)
            assert power < MOST / 4, f"{pitch} clicks {place / SAMPLE_RATE - 0.01:.4f} s after its end"


@pytest.mark.parametrize("slug", ["piano", "violin", "cello", "flute", "bass"])
def test_a_step_in_the_sound_is_refused_with_its_place(slug: str) -> None:
    stem = render_parts(make_piece(slug, seconds=3.0), sample_rate=SAMPLE_RATE)[slug]
    stem[CLICK : CLICK + 400] += np.abs(stem).max()
    with pytest.raises(RenderError, match=rf"{slug}: it clicks at 1\.5(8|9)\d s"):
        list(refuse_clicks([(slug, stem)], sample_rate=SAMPLE_RATE))


BETWEEN_STROKES = 81_000
"""In samples, 1.84 s: the stroke before is 0.27 s old."""


@pytest.mark.parametrize("sound", [sound.slug for sound in SOUNDS["drums"]])
def test_a_step_between_drum_strokes_is_refused_with_its_place(sound: str) -> None:
    piece = with_sound(make_piece("drums", seconds=3.0), sound)
    stem = render_parts(piece, sample_rate=SAMPLE_RATE)["drums"]
    assert list(refuse_clicks([("drums", stem)], sample_rate=SAMPLE_RATE))
    stem[BETWEEN_STROKES : BETWEEN_STROKES + 400] += np.abs(stem).max() / 2
    with pytest.raises(RenderError, match=r"drums: it clicks at 1\.8[34]\d s"):
        list(refuse_clicks([("drums", stem)], sample_rate=SAMPLE_RATE))


@pytest.mark.parametrize("sound", [sound.slug for sound in SOUNDS["drums"]])
def test_strokes_of_all_drums_in_any_order_are_no_clicks(sound: str) -> None:
    plan = make_plan(seconds=12.0)
    chance = np.random.default_rng(7)
    notes = {
        Note(onset, key, 6, velocity=int(chance.integers(20, 127)))
        for onset in range(0, plan.length - 6, 6)
        for key in chance.choice(range(35, 60), size=chance.integers(0, 3), replace=False).tolist()
    }
    piece = with_sound(Piece(plan, (Part("drums", Role.RHYTHM, tuple(sorted(notes))),)), sound)
    stem = render_parts(piece, sample_rate=SAMPLE_RATE)["drums"]
    assert max(find_worst(channel)[0] for channel in stem.T) < MOST_AMONG_STROKES / 2


def test_a_render_that_clicks_is_not_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    play = synthesis.play_notes

    def play_with_a_gap(*arguments: object, **options: object) -> np.ndarray:
        sound = play(*arguments, **options)  # type: ignore[arg-type]
        sound[CLICK : CLICK + 300] = np.abs(sound).max()
        return sound

    monkeypatch.setattr(synthesis, "play_notes", play_with_a_gap)
    with pytest.raises(RenderError, match="bass: it clicks"):
        make_sound(make_piece("bass", seconds=3.0))


def test_silence_and_a_few_samples_click_nowhere() -> None:
    assert find_worst(np.zeros(SAMPLE_RATE, np.float32))[0] == 0.0
    assert find_worst(np.ones(10, np.float32))[0] == 0.0
