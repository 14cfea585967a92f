"""Reading a whole corpus: allow-list, cache, all cores, a time limit per file, and a report of what was refused."""

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

from tqdm import tqdm

from generator.engine.corpora.allowlist import ALLOWLIST_PATH, AllowedFile, check_allowed, load_allowlist
from generator.engine.corpora.registry import CORPORA
from generator.engine.corpora.store import Works, read_works, write_works
from generator.engine.errors import CorpusError
from generator.engine.plan import Piece, Section
from generator.engine.score import Note
from generator.engine.theory.energy import measure_bars, rank_energies

SECONDS_PER_FILE = 120
MAXIMUM_BYTES = 64_000_000
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class CorpusPiece:
    """An excerpt with its provenance. All excerpts of a work, and all versions of it, are in one split."""

    path: str
    licence: str
    sha256: str
    split: str
    piece: Piece


@dataclass(frozen=True, slots=True)
class Refusal:
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorpusReading:
    pieces: tuple[CorpusPiece, ...]
    refusals: tuple[Refusal, ...]

    def describe(self) -> str:
        """A table for people: excerpts, bars and notes by split, and the reasons for refusals."""
        lines = []
        for split in sorted({each.split for each in self.pieces}):
            chosen = [each for each in self.pieces if each.split == split]
            notes = sum(len(part.notes) for each in chosen for part in each.piece.parts)
            bars = sum(each.piece.plan.bars for each in chosen)
            files = len({each.path for each in chosen})
            lines.append(f"  {split:<10} {files:>5} works {len(chosen):>6} excerpts {bars:>7} bars {notes:>8} notes")
        lines += [f"  refused    {refusal.path}: {refusal.reason}" for refusal in self.refusals]
        return "\n".join(lines)


def read_corpus(
    name: str,
    *,
    root: Path,
    cache: Path,
    workers: int = CORES,
    progress: bool = True,
    allowlist: Path = ALLOWLIST_PATH,
) -> CorpusReading:
    """Every allowed piece of a corpus, with energies ranked over it. Unknown name, or a folder that is missing or
    empty: a CorpusError. A single file that is not allowed or cannot be read is refused and reported."""
    if name not in CORPORA:
        raise CorpusError(f"corpus: {name!r} is unknown. Choose one of: {', '.join(CORPORA)}.")
    found = list(CORPORA[name].list_paths(root))
    jobs = [(name, path, file, cache, allowlist) for path, file in found]
    works: list[tuple[AllowedFile, Works]] = []
    refusals: list[Refusal] = []
    for (path, _), outcome in zip(found, _run_jobs(jobs, workers=workers, progress=progress), strict=True):
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
            continue
        allowed, stored = outcome
        works.append((allowed, _read_stored(stored)))
        refusals += _report_empty(path, works=works[-1][1])
    return CorpusReading(pieces=tuple(_rank_pieces(_name_pieces(works))), refusals=tuple(refusals))


Job = tuple[str, str, Path, Path, Path]
Outcome = tuple[AllowedFile, Path] | Refusal


def _run_jobs(jobs: Sequence[Job], *, workers: int, progress: bool) -> Iterator[Outcome]:
    with tqdm(total=len(jobs), desc=jobs[0][0], unit="file", disable=not progress) as bar:
        for outcome in _map_jobs(jobs, workers=workers):
            bar.update()
            yield outcome


def _map_jobs(jobs: Sequence[Job], *, workers: int) -> Iterator[Outcome]:
    if workers <= 1:
        yield from map(_read_file, jobs)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(_read_file, jobs, chunksize=4)


def _read_file(job: Job) -> Outcome:
    """Read one file into the cache, unless it is there already. Runs in a worker process."""
    corpus, path, file, cache, allowlist = job
    try:
        data = _read_bytes(file)
        allowed = check_allowed(path, data=data, allowlist=load_allowlist(allowlist))
        stored = cache / corpus / f"{allowed.sha256[:32]}-v{CORPORA[corpus].version}.npz"
        if not stored.exists():
            with _limit_time(SECONDS_PER_FILE):
                works = CORPORA[corpus].read(data, path)
            write_works(works, path=stored)
        return allowed, stored
    except CorpusError as error:
        return Refusal(path=path, reason=str(error).removeprefix(f"{path}: "))


def _read_bytes(file: Path) -> bytes:
    """The file's content. Raises CorpusError for one that cannot be read, or is too large, before it is."""
    try:
        size = file.stat().st_size
        if size > MAXIMUM_BYTES:
            raise CorpusError(f"{size} bytes: at most {MAXIMUM_BYTES} are read.")
        return file.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}.") from error


def _read_stored(path: Path) -> Works:
    try:
        return read_works(path)
    except (OSError, ValueError, KeyError, TypeError, EOFError, StopIteration, RuntimeError, BadZipFile) as error:
        raise CorpusError(f"{path}: this cached reading is damaged ({error}). Delete it and start again.") from error


@contextmanager
def _limit_time(seconds: int) -> Iterator[None]:
    """Raise CorpusError after so many seconds, where the system has alarms (not on Windows)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(_signal: int, _frame: object) -> None:
        raise CorpusError(f"takes longer than {seconds} s to read.")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _report_empty(path: str, *, works: Works) -> Iterator[Refusal]:
    for index, work in enumerate(works, start=1):
        if not work:
            name = path if len(works) == 1 else f"{path}#{index}"
            yield Refusal(path=name, reason="no four bars in a row of one regular metre and key signature.")


def _name_pieces(works: Sequence[tuple[AllowedFile, Works]]) -> Iterator[CorpusPiece]:
    for allowed, found in works:
        if len(found) != len(allowed.splits):
            raise CorpusError(f"{allowed.path}: {len(found)} works, but the allow-list knows {len(allowed.splits)}.")
        for split, work in zip(allowed.splits, found, strict=True):
            for piece in work:
                yield CorpusPiece(
                    path=piece.source, licence=allowed.licence, sha256=allowed.sha256, split=split, piece=piece
                )


def _rank_pieces(pieces: Iterator[CorpusPiece]) -> Iterator[CorpusPiece]:
    """Fill in the energies, ranked over the whole corpus, and each section's mean of them."""
    listed = list(pieces)
    measures = [
        measure_bars(_list_notes(each.piece), metre=each.piece.plan.metre, length=each.piece.plan.length)
        for each in listed
    ]
    for each, energies in zip(listed, rank_energies(measures), strict=True):
        plan = each.piece.plan
        if each.piece.parts:
            plan = replace(
                plan, energies=energies, sections=tuple(_rate_section(section, energies) for section in plan.sections)
            )
        yield replace(each, piece=replace(each.piece, plan=plan))


def _list_notes(piece: Piece) -> Iterator[Note]:
    return (note for part in piece.parts for note in part.notes)


def _rate_section(section: Section, energies: Sequence[float]) -> Section:
    bars = energies[section.start_bar : section.start_bar + section.bars]
    return replace(section, energy=round(sum(bars) / len(bars), 4) if bars else 0.0)
