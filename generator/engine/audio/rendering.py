"""The whole job: a piece in, its files and their measurements out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from generator.engine.audio.encoding import EncodedFile, write_audio
from generator.engine.audio.font import load_font
from generator.engine.audio.gain import apply_curve
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import Master, MasterReport, master_mix, mix_stems
from generator.engine.audio.preview import write_preview
from generator.engine.audio.preview_variants import write_variants
from generator.engine.audio.synthesis import SAMPLE_RATE, iterate_stems, name_stems, render_stem
from generator.engine.audio.tags import Tags
from generator.engine.audio.waveform import compute_peaks
from generator.engine.audio.working import work_in_order
from generator.engine.plan import Piece

PREVIEW_NAME = "preview.mp3"
TRACK_NAMES = ("track.wav", "track.flac", "track.mp3")
STEM_FOLDER = "stems"


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A piece as sound, kept in memory between the steps of a job."""

    piece: Piece
    sample_rate: int
    master: Master
    mark: Mark | None = None
    """In the master already; each stem gets the same one, so that they add up."""
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderReport:
    files: tuple[EncodedFile, ...]
    """In the order written, names relative to the folder."""
    seconds: float
    frames: int
    sample_rate: int
    instruments: tuple[str, ...]
    peaks: list[list[int]]
    """For the player: lowest and highest sample of each of 600 spans, -127 to 127."""
    loudness: MasterReport
    timings: dict[str, float]
    """Seconds per step, in the order of the steps."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def make_sound(piece: Piece, *, sample_rate: int = SAMPLE_RATE, mark: Mark | None = None) -> Sound:
    """Plays, marks and masters a piece: peaks and loudness are those of the marked sound.

    Raises RenderError for what may not be shipped.
    """
    timings: dict[str, float] = {}
    with _time_step(timings, "font"):
        load_font()
    with _time_step(timings, "play"):
        stems = iterate_stems(piece, sample_rate=sample_rate)
        mix = mix_stems(stems, piece.plan, sample_rate=sample_rate, mark=mark)
    with _time_step(timings, "master"):
        master = master_mix(mix, piece.plan, sample_rate=sample_rate)
    return Sound(piece=piece, sample_rate=sample_rate, master=master, mark=mark, timings=timings)


def render_preview(sound: Sound, *, out: Path, tags: Tags) -> EncodedFile:
    """Writes the tagged preview into the folder `out`, of a marked sound in two variants."""
    with _time_step(sound.timings, PREVIEW_NAME):
        write = partial(write_variants, mark_key=sound.mark.key) if sound.mark else write_preview
        return write(
            out / PREVIEW_NAME,
            sound.master.audio,
            key=sound.piece.plan.key,
            sample_rate=sound.sample_rate,
            tags=tags,
        )


def render_file(sound: Sound, name: str, *, out: Path, tags: Tags) -> EncodedFile:
    """Writes the master as `name`, whose suffix says the format, into the folder `out`."""
    with _time_step(sound.timings, name):
        return write_audio(out / name, sound.master.audio, sample_rate=sound.sample_rate, tags=tags)


def render_stem_file(sound: Sound, slug: str, *, out: Path, tags: Tags) -> EncodedFile:
    """Writes one instrument as it sounds in the master: the stems' sum is the master."""
    name = f"{STEM_FOLDER}/{slug}.flac"
    with _time_step(sound.timings, name):
        stem = render_stem(sound.piece, slug, sample_rate=sound.sample_rate)
        mixed = mix_stems([(slug, stem)], sound.piece.plan, sample_rate=sound.sample_rate, mark=sound.mark)
        mastered = apply_curve(mixed, sound.master.curve)
        return write_audio(out / name, mastered, sample_rate=sound.sample_rate, tags=tags, name=name)


def render_track(
    piece: Piece,
    *,
    out: Path,
    tags: Tags,
    sample_rate: int = SAMPLE_RATE,
    with_stems: bool = False,
    mark: Mark | None = None,
    on_file: Callable[[EncodedFile], None] | None = None,
) -> RenderReport:
    """Writes preview.mp3, then track.wav, track.flac, track.mp3 and, if asked, stems/<slug>.flac into `out`.

    `on_file` hears of each file as soon as it stands under its final name, the preview first.
    """
    sound = make_sound(piece, sample_rate=sample_rate, mark=mark)
    files = []
    for file in _write_files(sound, out=out, tags=tags, with_stems=with_stems):
        files.append(file)
        if on_file:
            on_file(file)
    return _report(sound, files=tuple(files))


def _write_files(sound: Sound, *, out: Path, tags: Tags, with_stems: bool) -> Iterator[EncodedFile]:
    """Two at a time: encoders leave Python alone, and a track is heard only when all of its files are there."""
    steps = [partial(render_preview, sound), *(partial(render_file, sound, name) for name in TRACK_NAMES)]
    if with_stems:
        steps += [partial(render_stem_file, sound, slug) for slug in name_stems(sound.piece)]
    yield from work_in_order([partial(step, out=out, tags=tags) for step in steps])


def _report(sound: Sound, *, files: tuple[EncodedFile, ...]) -> RenderReport:
    with _time_step(sound.timings, "peaks"):
        peaks = compute_peaks(sound.master.audio)
    return RenderReport(
        files=files,
        seconds=len(sound.master.audio) / sound.sample_rate,
        frames=len(sound.master.audio),
        sample_rate=sound.sample_rate,
        instruments=tuple(name_stems(sound.piece)),
        peaks=peaks,
        loudness=sound.master.report,
        timings=_order_steps(sound.timings, names=[file.name for file in files]),
    )


def _order_steps(timings: dict[str, float], *, names: list[str]) -> dict[str, float]:
    """Files in the order of the report, whichever was ready first."""
    before = [step for step in timings if step not in names and step != "peaks"]
    return {step: timings[step] for step in (*before, *names, "peaks")}


@contextmanager
def _time_step(timings: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[step] = round(time.perf_counter() - start, 4)
