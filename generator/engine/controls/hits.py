"""Hit points of a brief: moments at which everybody strikes, such as the logo at 0:27."""

import re
from collections.abc import Sequence
from itertools import pairwise

from generator.engine.fields import list_words, read_number, refuse_value

MOST_HITS = 12
FIRST, LEAST_REST = 0.5, 0.5
"""Seconds that come before the first hit, lie between two, and are left after the last."""

_CLOCK = re.compile(r"(\d{1,2}):([0-5]?\d(?:\.\d{1,3})?)")


def read_hits(value: object, *, seconds: float) -> tuple[float, ...]:
    """'0:27 12.5', ['0:27', 12.5]: seconds from the start, rising."""
    if value is None:
        return ()
    last = round(seconds - LEAST_REST, 3)
    remedy = f"Give at most {MOST_HITS} times from {FIRST:g} to {last:g} s, for example 0:07 or 12.5."
    words = list_words("hits", value, remedy=remedy)
    if len(words) > MOST_HITS:
        raise refuse_value("hits", value, remedy)
    hits = sorted({_read_time(word, last=last, remedy=remedy) for word in words})
    if any(after - before < LEAST_REST for before, after in pairwise(hits)):
        raise refuse_value("hits", value, f"Leave at least {LEAST_REST:g} s between two hits.")
    return tuple(hits)


def _read_time(word: object, *, last: float, remedy: str) -> float:
    clock = _CLOCK.fullmatch(word) if isinstance(word, str) else None
    if isinstance(word, str) and ":" in word and clock is None:
        raise refuse_value("hits", word, remedy)
    seconds = 60.0 * int(clock[1]) + float(clock[2]) if clock else word
    return round(read_number("hits", seconds, unit="seconds", limits=(FIRST, last)), 3)


def write_hits(hits: Sequence[float]) -> list[float]:
    return list(hits)
