"""Clicks in a stem are refused with their place; strokes, plucks and organ keys are none."""

import numpy as np
import pytest

from generator.engine.audio import synthesis
from generator.engine.audio.clicks import find_worst, refuse_clicks
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.synthesis import SAMPLE_RATE, render_stem
from generator.engine.errors import RenderError
from tests.engine.audio_pieces import make_piece
from tests.engine.test_sounds import ALL, with_sound

CLICK = 70_000


@pytest.mark.parametrize(("slug", "sound"), ALL)
def test_no_sound_is_taken_for_a_click(slug: str, sound: str) -> None:
    stem = render_stem(with_sound(make_piece(slug, seconds=2.0), sound), slug, sample_rate=SAMPLE_RATE)
    assert [name for name, _ in refuse_clicks([(slug, stem)], sample_rate=SAMPLE_RATE)] == [slug]


@pytest.mark.parametrize("slug", ["piano", "violin", "cello", "flute", "bass"])
def test_a_step_in_the_sound_is_refused_with_its_place(slug: str) -> None:
    stem = render_stem(make_piece(slug, seconds=3.0), slug, sample_rate=SAMPLE_RATE)
    stem[CLICK : CLICK + 400] += np.abs(stem).max()
    with pytest.raises(RenderError, match=rf"{slug}: it clicks at 1\.5(8|9)\d s"):
        list(refuse_clicks([(slug, stem)], sample_rate=SAMPLE_RATE))


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
