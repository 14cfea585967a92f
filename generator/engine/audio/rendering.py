"""The whole job: a piece in, its files and their measurements out."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from generator.engine.audio.clicks import refuse_clicks
from generator.engine.audio.encoding import EncodedFile, write_audio
from generator.engine.audio.font import load_font
from generator.engine.audio.gain import apply_curve, center
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.mastering import Master, MasterReport, master_mix, mix_stems
from generator.engine.audio.synthesis import SAMPLE_RATE, Audio, iterate_stems, name_stems
from generator.engine.audio.tags import Tags
from generator.engine.audio.working import work_in_order
from generator.engine.plan import Piece

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
    loudness: MasterReport
    timings: dict[str, float]
    """Seconds per step, in the order of the steps."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def make_sound(
    piece: Piece,
    *,
    sample_rate: int = SAMPLE_RATE,
    mark: Mark | None = None,
    on_stem: Callable[[str, Audio], None] | None = None,
) -> Sound:
    """Plays, marks and masters a piece: peaks and loudness are those of the marked sound.

    `on_stem` hears each dry stem under its name, in time for whoever wants it again. Raises RenderError for what may
    not be shipped.
    """
    timings: dict[str, float] = {}
    with time_step(timings, "font"):
        load_font()
    with time_step(timings, "play"):
        stems = refuse_clicks(iterate_stems(piece, sample_rate=sample_rate), sample_rate=sample_rate)
        mix = mix_stems(_tell(stems, on_stem), piece.plan, sample_rate=sample_rate, mark=mark)
    with time_step(timings, "master"):
        master = master_mix(mix, piece.plan, sample_rate=sample_rate)
    return Sound(piece=piece, sample_rate=sample_rate, master=master, mark=mark, timings=timings)


def _tell(
    stems: Iterable[tuple[str, Audio]], on_stem: Callable[[str, Audio], None] | None
) -> Iterator[tuple[str, Audio]]:
    for name, stem in stems:
        if on_stem:
            on_stem(name, stem)
        yield name, stem


def render_file(sound: Sound, name: str, *, out: Path, tags: Tags) -> EncodedFile:
    """Writes the master as `name`, whose suffix says the format, into the folder `out`."""
    with time_step(sound.timings, name):
        return write_audio(out / name, sound.master.audio, sample_rate=sound.sample_rate, tags=tags)


def name_stem_file(slug: str) -> str:
    return f"{STEM_FOLDER}/{slug}.flac"


def master_stem(sound: Sound, stem: Iterable[tuple[str, Audio]]) -> Audio:
    """One named dry stem as it sounds in the master; made when it is asked for, it is held no longer than needed."""
    audio = mix_stems(stem, sound.piece.plan, sample_rate=sound.sample_rate, mark=sound.mark)
    return center(apply_curve(audio, sound.master.curve, out=audio), sample_rate=sound.sample_rate)


def render_track(
    piece: Piece,
    *,
    out: Path,
    tags: Tags,
    sample_rate: int = SAMPLE_RATE,
    mark: Mark | None = None,
    on_file: Callable[[EncodedFile], None] | None = None,
) -> RenderReport:
    """Writes track.wav, track.flac and track.mp3 into `out`.

    `on_file` hears of each file as soon as it stands under its final name.
    """
    sound = make_sound(piece, sample_rate=sample_rate, mark=mark)
    files = []
    for file in _write_files(sound, out=out, tags=tags):
        files.append(file)
        if on_file:
            on_file(file)
    return _report(sound, files=tuple(files))


def _write_files(sound: Sound, *, out: Path, tags: Tags) -> Iterator[EncodedFile]:
    """Two at a time: encoders leave Python alone."""
    yield from work_in_order([partial(render_file, sound, name, out=out, tags=tags) for name in TRACK_NAMES])


def _report(sound: Sound, *, files: tuple[EncodedFile, ...]) -> RenderReport:
    return RenderReport(
        files=files,
        seconds=len(sound.master.audio) / sound.sample_rate,
        frames=len(sound.master.audio),
        sample_rate=sound.sample_rate,
        instruments=tuple(name_stems(sound.piece)),
        loudness=sound.master.report,
        timings=_order_steps(sound.timings, names=[file.name for file in files]),
    )


def _order_steps(timings: dict[str, float], *, names: list[str]) -> dict[str, float]:
    """Files in the order of the report, whichever was ready first."""
    before = [step for step in timings if step not in names]
    return {step: timings[step] for step in (*before, *names)}


@contextmanager
def time_step(timings: dict[str, float], step: str) -> Iterator[None]:
    """Notes how many seconds the block took."""
    start = time.perf_counter()
    yield
    timings[step] = round(time.perf_counter() - start, 4)
