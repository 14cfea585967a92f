"""From a piece to its preview, as fast as can be: nobody waits for the files that are sold.

The preview has less to hold than they do, so it is played at 32 kHz: what an MP3 of its size leaves out above 16 kHz is
not made in the first place, and every step takes three quarters of the time. It is heard from its opening on while the
rest is encoded.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.encoding import EncodedFile
from generator.engine.audio.font import load_font
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import level_preview, mix_stems
from generator.engine.audio.performance import count_frames
from generator.engine.audio.preview import write_preview
from generator.engine.audio.preview_variants import VariantWriter
from generator.engine.audio.rendering import time_step
from generator.engine.audio.synthesis import SAMPLE_RATE, iterate_stems, name_stems
from generator.engine.audio.tags import Tags
from generator.engine.audio.waveform import compute_peaks
from generator.engine.plan import Piece

PREVIEW_NAME = "preview.mp3"
PREVIEW_RATE = 32_000


@dataclass(frozen=True, slots=True)
class PreviewReport:
    file: EncodedFile
    """With the size that it will have."""
    ready: int
    """Bytes of it that are there."""
    seconds: float
    """As long as the files that are sold, to their sample."""
    instruments: tuple[str, ...]
    peaks: list[list[int]]
    """For the player: lowest and highest sample of each of 600 spans, -127 to 127."""
    timings: dict[str, float]
    """Seconds per step."""

    @property
    def is_whole(self) -> bool:
        return self.ready == self.file.size

    def to_json(self) -> dict[str, object]:
        return asdict(self)


class OpenPreview:
    """A marked preview whose opening lies in the folder `out`, in two variants with the places to join them at, and
    can be heard while the rest is encoded. Raises RenderError for what may not be shipped."""

    def __init__(self, piece: Piece, *, out: Path, tags: Tags, mark: Mark) -> None:
        self._timings: dict[str, float] = {}
        audio = _play(piece, timings=self._timings, mark=mark)
        with time_step(self._timings, "variants"):
            path, key = out / PREVIEW_NAME, piece.plan.key
            self._writer = VariantWriter(path, audio, key=key, sample_rate=PREVIEW_RATE, tags=tags, mark_key=mark.key)
        with time_step(self._timings, "opening"):
            file, ready = self._writer.write_opening()
        self.report = _report(piece, audio, file=file, ready=ready, timings=self._timings)

    def finish(self) -> PreviewReport:
        """Writes the whole files in place of the opening."""
        if not self.report.is_whole:
            with time_step(self._timings, "rest"):
                file = self._writer.write_whole()
            self.report = replace(self.report, file=file, ready=file.size)
        return self.report


def render_preview(piece: Piece, *, out: Path, tags: Tags, mark: Mark | None = None) -> PreviewReport:
    """Writes the whole tagged preview into the folder `out`; with a mark in two variants, and where they may be joined.

    Raises RenderError for what may not be shipped.
    """
    if mark:
        return OpenPreview(piece, out=out, tags=tags, mark=mark).finish()
    timings: dict[str, float] = {}
    audio = _play(piece, timings=timings, mark=None)
    with time_step(timings, PREVIEW_NAME):
        file = write_preview(out / PREVIEW_NAME, audio, key=piece.plan.key, sample_rate=PREVIEW_RATE, tags=tags)
    return _report(piece, audio, file=file, ready=file.size, timings=timings)


def _play(piece: Piece, *, timings: dict[str, float], mark: Mark | None) -> NDArray[np.float32]:
    with time_step(timings, "font"):
        load_font()
    with time_step(timings, "play"):
        stems = iterate_stems(piece, sample_rate=PREVIEW_RATE)
        mix = mix_stems(stems, piece.plan, sample_rate=PREVIEW_RATE, mark=mark)
    with time_step(timings, "level"):
        return level_preview(mix, piece.plan, sample_rate=PREVIEW_RATE)


def _report(
    piece: Piece, audio: NDArray[np.float32], *, file: EncodedFile, ready: int, timings: dict[str, float]
) -> PreviewReport:
    with time_step(timings, "peaks"):
        peaks = compute_peaks(audio)
    return PreviewReport(
        file=file,
        ready=ready,
        seconds=count_frames(piece.plan, sample_rate=SAMPLE_RATE) / SAMPLE_RATE,
        instruments=tuple(name_stems(piece)),
        peaks=peaks,
        timings=timings,
    )
