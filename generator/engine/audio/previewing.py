"""From a piece to its preview, as fast as can be: nobody waits for the files that are sold.

The preview has less to hold than they do, so it is played at 32 kHz: what an MP3 of its size leaves out above 16 kHz is
not made in the first place, and every step takes three quarters of the time.
"""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from generator.engine.audio.encoding import EncodedFile
from generator.engine.audio.font import load_font
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import level_preview, mix_stems
from generator.engine.audio.performance import count_frames
from generator.engine.audio.preview import write_preview
from generator.engine.audio.preview_variants import write_variants
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
    seconds: float
    """As long as the files that are sold, to their sample."""
    instruments: tuple[str, ...]
    peaks: list[list[int]]
    """For the player: lowest and highest sample of each of 600 spans, -127 to 127."""
    timings: dict[str, float]
    """Seconds per step."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def render_preview(piece: Piece, *, out: Path, tags: Tags, mark: Mark | None = None) -> PreviewReport:
    """Writes the tagged preview into the folder `out`; with a mark in two variants, and where they may be joined.

    Raises RenderError for what may not be shipped.
    """
    timings: dict[str, float] = {}
    with time_step(timings, "font"):
        load_font()
    with time_step(timings, "play"):
        stems = iterate_stems(piece, sample_rate=PREVIEW_RATE)
        mix = mix_stems(stems, piece.plan, sample_rate=PREVIEW_RATE, mark=mark)
    with time_step(timings, "level"):
        audio = level_preview(mix, piece.plan, sample_rate=PREVIEW_RATE)
    with time_step(timings, PREVIEW_NAME):
        write = partial(write_variants, mark_key=mark.key) if mark else write_preview
        file = write(out / PREVIEW_NAME, audio, key=piece.plan.key, sample_rate=PREVIEW_RATE, tags=tags)
    with time_step(timings, "peaks"):
        peaks = compute_peaks(audio)
    return PreviewReport(
        file=file,
        seconds=count_frames(piece.plan, sample_rate=SAMPLE_RATE) / SAMPLE_RATE,
        instruments=tuple(name_stems(piece)),
        peaks=peaks,
        timings=timings,
    )
