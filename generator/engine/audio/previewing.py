"""From a piece to its preview, as fast as can be: nobody waits for the files that are sold.

The preview has less to hold than they do, so it is played at 32 kHz: what an MP3 of its size leaves out above 16 kHz is
not made in the first place, and every step takes three quarters of the time. It is heard from its opening on while the
rest is made.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from generator.engine.audio.encoding import EncodedFile
from generator.engine.audio.font import load_font
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import sum_stems
from generator.engine.audio.performance import count_frames
from generator.engine.audio.preview import PreviewSound
from generator.engine.audio.preview_variants import OPENING_SAMPLES, VariantWriter
from generator.engine.audio.rendering import time_step
from generator.engine.audio.synthesis import SAMPLE_RATE, iterate_stems, name_stems
from generator.engine.audio.tags import Tags
from generator.engine.audio.working import hand_over_quickly
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
    can be heard while the rest is made. Raises RenderError for what may not be shipped."""

    def __init__(self, piece: Piece, *, out: Path, tags: Tags, mark: Mark) -> None:
        self._timings: dict[str, float] = {}
        with time_step(self._timings, "font"):
            load_font()
        with time_step(self._timings, "play"), hand_over_quickly():
            buses = sum_stems(iterate_stems(piece, sample_rate=PREVIEW_RATE), piece.plan, sample_rate=PREVIEW_RATE)
        with time_step(self._timings, "level"):
            sound = PreviewSound(buses, piece.plan, opening=OPENING_SAMPLES, sample_rate=PREVIEW_RATE, mark=mark)
        with time_step(self._timings, "opening"):
            self._writer = VariantWriter(out / PREVIEW_NAME, sound, tags=tags, mark_key=mark.key)
            file, ready = self._writer.write_opening()
        self.report = PreviewReport(
            file=file,
            ready=ready,
            seconds=count_frames(piece.plan, sample_rate=SAMPLE_RATE) / SAMPLE_RATE,
            instruments=tuple(name_stems(piece)),
            peaks=sound.peaks,
            timings=self._timings,
        )

    def finish(self) -> PreviewReport:
        """Writes the whole files in place of the opening."""
        if not self.report.is_whole:
            with time_step(self._timings, "rest"):
                file = self._writer.write_whole()
            self.report = replace(self.report, file=file, ready=file.size)
        return self.report


def render_preview(piece: Piece, *, out: Path, tags: Tags, mark: Mark) -> PreviewReport:
    """Writes the whole preview into the folder `out`. Raises RenderError for what may not be shipped."""
    return OpenPreview(piece, out=out, tags=tags, mark=mark).finish()
