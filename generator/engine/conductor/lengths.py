"""Exact lengths: bars and tempo such that a piece lasts what the brief says.

A piece of L ticks at tempo T lasts L / 24 * 60 / T seconds. L must be whole and should end on a bar or a beat, so L is
chosen first, near what the wished tempo asks for, and then T = L / 24 * 60 / seconds makes the length exact: to about
1e-13 s as a float, and to within L / 24 * 0.5 us (0.33 ms for 180 s at 220) once MIDI rounds the tempo to whole
microseconds per quarter. A tempo that the brief names moves by 3 % at most; if no whole bar lies that near, the last
bar is cut or held by beats, and if no whole beat does (a few seconds at a slow tempo), by ticks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.engine.conductor.forms import rate_bars
from generator.engine.plan import Metre
from generator.engine.score import TICKS_PER_QUARTER

ASKED_TOLERANCE = 0.03
"""How far a tempo named in the brief may move, as a share of it."""

FREE_TOLERANCE = 0.09
"""How far a tempo that the conductor drew itself may move to make the form regular; in the shortest pieces, farther, to
make whole bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The clockwork of a piece."""

    metre: Metre
    tempo: float
    length: int
    """Ticks of the whole piece."""
    bars: int
    """Bars of the form; the last holds the closing chord, and what is left over of `length` lengthens or cuts it."""
    closing: int
    """Tick at which the closing chord is struck."""


_HIT_COST = 3.0
"""What hits that fall midway between two half beats cost, beside an irregular form."""


def fit_frame(*, seconds: float, metre: Metre, tempo: float, is_asked: bool, hits: Sequence[float] = ()) -> Frame:
    """The frame whose length is exact and whose tempo and form are nearest to what is wished; where several would do,
    hits (seconds) fall on beats."""
    tolerance = ASKED_TOLERANCE if is_asked else FREE_TOLERANCE
    ideal = seconds * tempo / 60.0 * TICKS_PER_QUARTER
    places = [hit / seconds for hit in hits]
    length = _find_whole_bars(ideal, metre=metre, tolerance=tolerance, places=places)
    if length is None and not is_asked:
        length = max(round(ideal / metre.bar_ticks), 2) * metre.bar_ticks
    if length is None:
        beats = max(round(ideal / metre.beat_ticks), 1) * metre.beat_ticks
        length = beats if abs(beats / ideal - 1.0) <= ASKED_TOLERANCE else round(ideal)
    exact_tempo = length * 60.0 / (TICKS_PER_QUARTER * seconds)
    bars, closing = _place_closing(length, metre=metre)
    return Frame(metre=metre, tempo=exact_tempo, length=length, bars=bars, closing=closing)


def _find_whole_bars(ideal: float, *, metre: Metre, tolerance: float, places: Sequence[float]) -> int | None:
    """The whole number of bars whose tempo is within reach and whose form is most regular; None if there is none.
    `places` are those of the hits, as shares of the piece."""
    per_bar = metre.bar_ticks
    around = range(max(2, int(ideal * (1 - tolerance) / per_bar)), int(ideal * (1 + tolerance) / per_bar) + 2)
    moves = {bars: abs(bars * per_bar / ideal - 1.0) for bars in around}
    within = [bars for bars, move in moves.items() if move <= tolerance + 1e-12]
    if not within:
        return None

    def cost(bars: int) -> float:
        return rate_bars(bars) + 6.0 * moves[bars] + _rate_hits(places, length=bars * per_bar, metre=metre)

    return per_bar * min(within, key=lambda bars: (cost(bars), bars))


def _rate_hits(places: Sequence[float], *, length: int, metre: Metre) -> float:
    """0 where every hit falls on a half beat."""
    half = metre.beat_ticks / 2
    off = [abs(place * length / half - round(place * length / half)) * 2 for place in places]
    return _HIT_COST * sum(off) / len(off) if off else 0.0


def _place_closing(length: int, *, metre: Metre) -> tuple[int, int]:
    """Bars of the form and the tick of the closing chord: the last downbeat that leaves it half a bar to ring."""
    whole, rest = divmod(length, metre.bar_ticks)
    bars = whole + (rest >= metre.bar_ticks / 2)
    if bars >= 2:
        return bars, (bars - 1) * metre.bar_ticks
    slot = metre.chord_ticks
    return 1, max(length // 2 // slot * slot, slot if length > slot else 0)
