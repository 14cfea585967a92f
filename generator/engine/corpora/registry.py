"""The corpora that are known: where their files lie, under which licence, and what reads them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.engine.corpora.billboard import read_billboard
from generator.engine.corpora.excerpts import cut_pieces
from generator.engine.corpora.groove import read_groove
from generator.engine.corpora.guitar import read_guitar
from generator.engine.corpora.scores import read_quartet, read_song
from generator.engine.corpora.source import SourceScore
from generator.engine.corpora.tunes import read_tunes
from generator.engine.errors import CorpusError
from generator.engine.plan import Piece

Reader = Callable[[bytes, str], list[list[Piece]]]
"""The excerpts of every work in a file; most files hold one work."""


@dataclass(frozen=True, slots=True)
class Corpus:
    name: str
    licence: str
    patterns: tuple[str, ...]
    read: Reader
    version: int
    """Raise it when the reader or an analysis changes what it makes of a file: cached readings are then made anew."""

    def locate(self, root: Path) -> Path:
        """The folder that holds the corpus; music21's comes with the package."""
        folder = _find_music21() if self.name == "music21" else root / self.name
        if not folder.is_dir():
            raise CorpusError(f"{folder}: no such folder. Point --root at the folder that holds {self.name!r}.")
        return folder

    def list_paths(self, root: Path) -> Iterator[tuple[str, Path]]:
        """Every file of the corpus as (corpus path, file), in a fixed order."""
        folder = self.locate(root)
        found = sorted(path for pattern in self.patterns for path in folder.glob(pattern))
        if not found:
            raise CorpusError(f"{folder}: no files like {' or '.join(self.patterns)} in here.")
        for path in found:
            yield f"{self.name}/{path.relative_to(folder).as_posix()}", path


def _find_music21() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("music21")
    if spec is None or spec.origin is None:
        raise CorpusError("music21 is not installed: run `make setup` to read its tunes.")
    return Path(spec.origin).parent / "corpus"


def _read_one(read: Callable[..., SourceScore], *, by_path: bool = False) -> Reader:
    def read_file(data: bytes, path: str) -> list[list[Piece]]:
        score = read(data, path=path) if by_path else read(data)
        return [list(cut_pieces(score, source=path))]

    return read_file


def _read_tunes(data: bytes, path: str) -> list[list[Piece]]:
    return [list(cut_pieces(score, source=f"{path}#{index}")) for index, score in enumerate(read_tunes(data), start=1)]


def _read_billboard(data: bytes, path: str) -> list[list[Piece]]:
    return [[read_billboard(data, path=path)]]


_CC0 = "CC0 1.0"
CORPORA = {
    corpus.name: corpus
    for corpus in (
        Corpus("openscore-lieder", _CC0, ("**/*.mxl",), _read_one(read_song), 2),
        Corpus("openscore-string-quartets", _CC0, ("**/*.mxl",), _read_one(read_quartet), 2),
        Corpus("mutopia-guitar", "Public domain", ("*.mid",), _read_one(read_guitar, by_path=True), 2),
        Corpus("groove", "CC BY 4.0", ("**/*.mid",), _read_one(read_groove, by_path=True), 4),
        Corpus("mcgill-billboard", _CC0, ("*/salami_chords.txt",), _read_billboard, 2),
        Corpus(
            "music21",
            "Public domain tunes, no restriction stated",
            ("ryansMammoth/*.abc", "oneills1850/*.abc"),
            _read_tunes,
            2,
        ),
    )
}
