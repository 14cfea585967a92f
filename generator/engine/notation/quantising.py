"""Drum strokes on a grid that a drummer can read: for the score alone, what sounds and the MIDI keep every tick."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from generator.engine.plan import Metre
from generator.engine.score import TICKS_PER_QUARTER

Stroke = tuple[int, int]
"""Onset in ticks, key."""

_SIMPLE = ((12, 0.0), (6, 6.0), (8, 8.0), (4, 24.0), (3, 30.0))
_COMPOUND = ((12, 0.0), (6, 6.0), (3, 30.0))
"""Ticks between places in a beat, and what reading them costs, in squared ticks of a stroke's shift."""
_SHORTEST = 0.07
"""Seconds from stroke to stroke below which nobody reads single values: 16ths are the finest that is written then."""
_ALWAYS = 6
_LOST, _FLAM = 18.0, 2.0
"""What it costs to write two strokes of a drum as one: farther apart than a flam, and as close."""
_FLAM_TICKS = 2


def quantise_strokes(strokes: Iterable[Stroke], *, metre: Metre, tempo: float) -> list[Stroke]:
    """Each beat on the grid on which it is easiest to read and hardly changed. No stroke leaves its beat.

    `tempo` is in quarters a minute: what is too fast to be read as single strokes is written in 16ths.
    """
    beat = metre.beat_ticks
    grids = [grid for grid in (_COMPOUND if metre.is_compound else _SIMPLE) if _is_readable(grid[0], tempo=tempo)]
    written: set[Stroke] = set()
    for number, group in groupby(sorted(strokes), key=lambda stroke: stroke[0] // beat):
        inside = [(onset - number * beat, key) for onset, key in group]
        step = min(grids, key=lambda grid: _price(inside, step=grid[0], beat=beat) + grid[1])[0]
        written |= {(number * beat + _snap(onset, step=step, beat=beat), key) for onset, key in inside}
    return sorted(written)


def _is_readable(step: int, *, tempo: float) -> bool:
    return step >= _ALWAYS or step * 60.0 / (tempo * TICKS_PER_QUARTER) >= _SHORTEST


def _snap(onset: int, *, step: int, beat: int) -> int:
    return min((onset + step // 2) // step * step, beat - step)


def _price(inside: Sequence[Stroke], *, step: int, beat: int) -> float:
    price, last = 0.0, dict[tuple[int, int], int]()
    for onset, key in inside:
        place = _snap(onset, step=step, beat=beat)
        price += float((onset - place) ** 2)
        if (before := last.get((place, key))) is not None:
            price += _FLAM if onset - before <= _FLAM_TICKS else _LOST
        last[place, key] = onset
    return price
