"""Building the index of what was trained on, out of the corpora."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.engine.corpora.reading import CorpusPiece, read_corpus
from generator.engine.originality.corpus_index import Entry
from generator.engine.originality.lines import Line, take_line
from generator.engine.originality.passages import hash_drums, hash_melody
from generator.engine.originality.works import Work
from generator.engine.plan import Piece, Role
from generator.engine.score import Part

CORPORA = ("openscore-lieder", "openscore-string-quartets", "mutopia-guitar", "music21", "groove")
"""Those with notes in them; the Billboard files have chords alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusLine:
    """A line of a training piece as the index takes it and as held-out ones are compared."""

    line: Line
    role: str
    is_drums: bool


def read_pieces(*, root: Path, cache: Path, split: str, corpora: Sequence[str] = CORPORA) -> Iterator[CorpusPiece]:
    for name in corpora:
        reading = read_corpus(name, root=root, cache=cache, workers=1, progress=False)
        yield from (each for each in reading.pieces if each.split == split)


def list_lines(piece: Piece) -> Iterator[CorpusLine]:
    """The upper line of every part, in its own key; of drums every stroke."""
    for part in piece.sounding_parts():
        is_drums = part.role == Role.RHYTHM
        line = list_strokes(part) if is_drums else take_line((note.onset, note.pitch) for note in part.notes)
        yield CorpusLine(line=line, role=str(part.role), is_drums=is_drums)


def list_strokes(part: Part) -> Line:
    return tuple((note.onset, note.pitch) for note in part.notes)


class WorkList:
    """Numbers works in the order in which they come, and bars through all excerpts of a work."""

    def __init__(self, root: Path) -> None:
        self.works: list[Work] = []
        self._numbers: dict[str, int] = {}
        self._bars: dict[str, int] = {}
        self._guitar = _read_guitar_index(root / "mutopia-guitar" / "index.csv")

    def number(self, each: CorpusPiece) -> tuple[int, int]:
        """The work's number, and how many bars of it came before this excerpt."""
        if each.path not in self._numbers:
            self._numbers[each.path] = len(self.works)
            self.works.append(self._describe(each))
        before = self._bars.get(each.path, 0)
        self._bars[each.path] = before + each.piece.plan.bars
        return self._numbers[each.path], before

    def _describe(self, each: CorpusPiece) -> Work:
        corpus, *path = each.path.split("/")
        title, composer = each.piece.title, ""
        if corpus.startswith("openscore"):
            composer = _turn_name(path[0].replace("_", " "))
        elif corpus == "mutopia-guitar":
            title, composer = self._guitar.get(path[0], (title, ""))
        elif corpus == "groove":
            title, composer = path[-1].removesuffix(".mid").replace("_", " "), f"{path[0]} of the Groove dataset"
        else:
            title = ", ".join(" ".join(half.replace(":", "").split()) for half in title.split(" -- "))
        bar_ticks = each.piece.plan.metre.bar_ticks
        return Work(title=title, composer=composer, source=each.path, licence=each.licence, bar_ticks=bar_ticks)


def list_entries(pieces: Iterator[CorpusPiece], *, works: WorkList) -> Iterator[Entry]:
    """Every passage of every line, once a work: where it stands first."""
    seen: set[tuple[int, int]] = set()
    for each in pieces:
        number, before = works.number(each)
        bar_ticks = each.piece.plan.metre.bar_ticks
        for found in list_lines(each.piece):
            passages = hash_drums(found.line) if found.is_drums else hash_melody(found.line)
            for (onset, pitch), passage in zip(found.line, passages.tolist(), strict=False):
                if (passage, number) not in seen:
                    seen.add((passage, number))
                    yield Entry(passage=passage, work=number, bar=before + onset // bar_ticks + 1, pitch=pitch)


def _turn_name(name: str) -> str:
    """'Schubert, Franz' as people say it."""
    family, _, given = name.partition(", ")
    return f"{given} {family}".strip()


def _read_guitar_index(path: Path) -> dict[str, tuple[str, str]]:
    """Title and composer by file. Composers stand there as 'BachJS'."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["midi"]: (row["title"] or row["midi"], _space_initials(row["composer"])) for row in csv.DictReader(file)
        }


def _space_initials(name: str) -> str:
    family = name.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    initials = " ".join(f"{letter}." for letter in name[len(family) :])
    return f"{initials} {family}".strip() if family else name
