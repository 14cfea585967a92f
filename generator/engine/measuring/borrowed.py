"""What parts have in common with training works: of composed pieces, and of human ones held out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import thread_time

from generator.engine.originality.corpus_index import open_index
from generator.engine.originality.indexing import CorpusLine, list_lines, read_pieces
from generator.engine.originality.lines import Line
from generator.engine.originality.passages import PASSAGE_STROKES
from generator.engine.plan import Piece, Role

EXCERPT_BARS = 16
HELD_OUT_PER_ROLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    role: str
    bars: float
    """Of the longest stretch that stands in one training work."""
    milliseconds: float
    """Of computing, to find it."""


def describe_borrowed(piece: Piece) -> Iterator[Borrowed]:
    """Of the first bars of every part."""
    for found in list_lines(piece):
        yield _measure(found, line=_cut(found.line, start=0, piece=piece), bar_ticks=piece.plan.metre.bar_ticks)


def list_held_out(root: Path, *, cache: Path, seed: int) -> list[Borrowed]:
    """Excerpts of test pieces, so many a role, drawn from all corpora alike."""
    rng = Random(seed)
    by_source: dict[tuple[str, str], list[tuple[Piece, CorpusLine]]] = {}
    for each in read_pieces(root=root, cache=cache, split="test"):
        for found in list_lines(each.piece):
            if len(found.line) >= PASSAGE_STROKES:
                by_source.setdefault((found.role, each.path.split("/")[0]), []).append((each.piece, found))
    drawn: list[Borrowed] = []
    for role in Role:
        sources = [lines for (of, _), lines in sorted(by_source.items()) if of == role]
        for number in range(HELD_OUT_PER_ROLE):
            piece, found = rng.choice(sources[number % len(sources)])
            start = rng.randrange(max(piece.plan.bars - EXCERPT_BARS, 0) + 1)
            line = _cut(found.line, start=start, piece=piece)
            drawn.append(_measure(found, line=line, bar_ticks=piece.plan.metre.bar_ticks))
    return drawn


def _cut(line: Line, *, start: int, piece: Piece) -> Line:
    first = start * piece.plan.metre.bar_ticks
    stop = first + EXCERPT_BARS * piece.plan.metre.bar_ticks
    return tuple((onset - first, pitch) for onset, pitch in line if first <= onset < stop)


def _measure(found: CorpusLine, *, line: Line, bar_ticks: int) -> Borrowed:
    begun = thread_time()
    matches = open_index().match_drums(line) if found.is_drums else open_index().match_melody(line)
    taken = thread_time() - begun
    return Borrowed(
        role=found.role,
        bars=matches[0].ticks / bar_ticks if matches else 0.0,
        milliseconds=1000 * taken,
    )
