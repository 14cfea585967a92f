"""That no version is the beginning of another: compared by what is struck when, whatever the tempo."""

from collections.abc import Sequence

from generator.engine.composing.finishing import find_closing
from generator.engine.plan import Piece

_Struck = tuple[str, int, int]


def is_distinct(piece: Piece, *, others: Sequence[Piece]) -> bool:
    return not any(begin_alike(piece, other) for other in others)


def begin_alike(one: Piece, other: Piece) -> bool:
    """Whether the two are the same up to where the shorter closes: then it would only be the longer one, cut."""
    until = min(_find_end(one), _find_end(other))
    return _list_struck(one, until=until) == _list_struck(other, until=until)


def _find_end(piece: Piece) -> int:
    closing = find_closing(piece.plan)
    return closing if closing > 0 else piece.plan.length


def _list_struck(piece: Piece, *, until: int) -> set[_Struck]:
    return {(part.instrument, note.onset, note.pitch) for part in piece.parts for note in part.between(0, until)}
