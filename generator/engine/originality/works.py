"""The works that were trained on, by number: what the corpus index says music is like."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Work:
    title: str
    composer: str
    """Empty where none is known, as of traditional tunes."""
    source: str
    """Corpus and path, as the training bill names it."""
    licence: str
    bar_ticks: int
    """Of its first excerpt; what a passage is drawn against."""

    def __str__(self) -> str:
        return f"“{self.title}” by {self.composer}" if self.composer else f"“{self.title}”"


def write_works(works: Sequence[Work], *, path: Path) -> None:
    """Reproducibly: compressed without a date."""
    text = json.dumps([astuple(work) for work in works], ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def read_works(path: Path) -> tuple[Work, ...]:
    return tuple(Work(*row) for row in json.loads(gzip.decompress(path.read_bytes())))
