"""The sound of a preview: the mix as loud as its master, under the tags; made as far as somebody is to hear it.

How loud it is hangs on all of the music. So that is summed and measured as a whole, dry. Room, mark and tags, which
take most of the time after that, come with what is asked for: the opening first, the whole while it is heard.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.chimes import Chimes
from generator.engine.audio.gain import apply_curve, count_points
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import finish_mix, level_preview
from generator.engine.audio.placement import round_peaks
from generator.engine.audio.reverb import Buses
from generator.engine.audio.waveform import compute_peaks
from generator.engine.plan import Plan

Audio = NDArray[np.float32]

CEILING_DBFS = -1.4
"""Leaves the MP3 encoder room."""


class PreviewSound:
    """From all stems of a piece. Raises RenderError for silence."""

    def __init__(self, buses: Buses, plan: Plan, *, opening: int, sample_rate: int, mark: Mark) -> None:
        """`opening`: as many frames as are to be heard first."""
        self.frames, self.sample_rate = len(buses.dry), sample_rate
        self._buses, self._plan, self._mark = buses, plan, mark
        self._beginning = self._finish(opening)
        curve = level_preview(
            buses, plan, beginning=self._beginning, ceiling_dbfs=CEILING_DBFS, sample_rate=sample_rate
        )
        levelled = apply_curve(buses.dry, curve)
        self.peaks = compute_peaks(levelled)
        """For the player: the outline of the music."""
        self._chimes = Chimes(levelled, key=plan.key, sample_rate=sample_rate, seed=draw_seed(buses.dry))
        self._curve = curve + self._chimes.duck

    def render(self, frames: int | None = None) -> Audio:
        """The whole, or its first `frames`, (frames, 2). Of these the last thirtieth of a second is not what it is in
        the whole: the mark is made in windows."""
        is_begun = frames is not None and frames <= len(self._beginning)
        mix = self._beginning[:frames].copy() if is_begun else self._finish(frames or self.frames)
        audio = apply_curve(mix, self._curve[: count_points(len(mix))], out=mix)
        self._chimes.ring(audio)
        return round_peaks(audio, ceiling=CEILING_DBFS, sample_rate=self.sample_rate)

    def _finish(self, frames: int) -> Audio:
        return finish_mix(self._buses.until(frames), self._plan, sample_rate=self.sample_rate, mark=self._mark)


def draw_seed(music: Audio) -> int:
    """From the sound itself: the same one is always tagged in the same places."""
    return int.from_bytes(hashlib.sha256(music[::64].tobytes()).digest()[:8])
