"""Steadying: fast drumming stays on sixteenths. Of people's strokes one in eleven was read as a thirty-second where
the tempo is 80 to 125, and one in four above 140, most of them just before the beat: strokes that strayed, not rolls,
for milliseconds are more of a beat there. The network, which is told no tempo, plays both alike."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from generator.engine.plan import Plan
from generator.engine.score import MICRO_PER_TICK, TICKS_PER_QUARTER, Note

_SIXTEENTH, _TRIPLET = 6, 8
_FINEST = 3
_SHORTEST = 0.06
"""Seconds. Thirty-seconds that follow faster are played by nobody."""
_FARTHEST = 0.02
"""Seconds beside its place at most for a stroke that is moved: three in four of people's above 140 are nearer."""


def is_fast(plan: Plan) -> bool:
    """Whether a thirty-second is too short to be meant as one."""
    return _FINEST * _measure_tick(plan) < _SHORTEST


def steady_strokes(notes: Sequence[Note], *, plan: Plan, stop: int) -> tuple[Note, ...]:
    """The strokes, `notes` in score order, each on a sixteenth or, in a quarter of triplets, on a triplet, before
    `stop`; of two of a drum that meet the louder one. Slower drumming is left as it is."""
    if not is_fast(plan):
        return tuple(notes)
    steadied: dict[tuple[int, int], Note] = {}
    for quarter, group in groupby(notes, key=lambda note: note.onset // TICKS_PER_QUARTER):
        strokes = list(group)
        step = _choose_step(strokes)
        for note in strokes:
            moved = _steady(note, step=step, floor=quarter * TICKS_PER_QUARTER, stop=stop, plan=plan)
            kept = steadied.get((moved.onset, moved.pitch))
            if kept is None or kept.velocity < moved.velocity:
                steadied[moved.onset, moved.pitch] = moved
    return tuple(sorted(steadied.values()))


def _choose_step(strokes: Sequence[Note]) -> int:
    """Triplets where more strokes of the quarter lie on their places than on those of sixteenths."""
    places = [note.onset % TICKS_PER_QUARTER for note in strokes]
    on = {step: sum(place > 0 and place % step == 0 for place in places) for step in (_SIXTEENTH, _TRIPLET)}
    return _TRIPLET if on[_TRIPLET] > on[_SIXTEENTH] else _SIXTEENTH


def _steady(note: Note, *, step: int, floor: int, stop: int, plan: Plan) -> Note:
    if (note.onset - floor) % step == 0:
        return note
    played = note.onset - floor + note.micro / MICRO_PER_TICK
    below = (note.onset - floor) // step * step
    place = min((below, below + step), key=lambda place: (abs(played - place), place % (2 * step)))
    onset = place + floor if place + floor < stop else below + floor
    most = int(_FARTHEST / _measure_tick(plan) * MICRO_PER_TICK)
    beside = round((played + floor - onset) * MICRO_PER_TICK)
    return replace(note, onset=onset, micro=min(max(beside, -most), most))


def _measure_tick(plan: Plan) -> float:
    """Seconds."""
    return 60.0 / (plan.tempo * TICKS_PER_QUARTER)
