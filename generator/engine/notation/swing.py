"""Swung beats as they are read: straight, under the word 'Swing'. Sound and MIDI keep their thirds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from generator.engine.composing.swinging import is_swung
from generator.engine.plan import Plan
from generator.engine.score import Note

_BEAT, _HALF_BEAT = 24, 12
_STRAIGHT = {8: 6, 16: 12, 20: 18}
"""Ticks of a quarter, swung and as written: the first half of the beat lasts two thirds of it."""
_TRIPLET, _LAST_SIXTEENTH = 8, 20
_LOOSE = 1
"""Ticks by which a drum may miss its place."""


def straighten_notes(notes: Sequence[Note], *, plan: Plan) -> list[Note]:
    """Onsets and ends of swung beats on eighths and 16ths. Real triplets stay.

    An end that no onset follows goes on to the next eighth: a short chord is written as an eighth.
    """
    if not is_swung(plan):
        return list(notes)
    onsets = {note.onset for note in notes}
    swung = _find_swung(onsets)
    places = {note.onset: _straighten(note.onset, swung=swung) for note in notes}
    starts = sorted({*places.values(), plan.bars * plan.metre.bar_ticks})
    straightened = []
    for note in notes:
        onset, end = places[note.onset], _straighten(note.end, swung=swung)
        if note.end // _BEAT in swung and note.end not in onsets:
            following = next((start for start in starts if start >= end), end)
            end = min(-(-end // _HALF_BEAT) * _HALF_BEAT, following)
        straightened.append(replace(note, onset=onset, duration=max(end - onset, 1)))
    return straightened


def straighten_strokes(strokes: Iterable[tuple[int, int]], *, plan: Plan) -> list[tuple[int, int]]:
    """The same for drums: onsets in ticks and keys."""
    struck = list(strokes)
    if not is_swung(plan):
        return struck
    swung = _find_swung({onset for onset, _ in struck})
    return sorted({(_straighten(onset, swung=swung), key) for onset, key in struck})


def _find_swung(onsets: Iterable[int]) -> set[int]:
    """The beats that swing: nothing but the two uneven halves, or 16ths among them; and those in which nothing begins.

    Three even strokes are a triplet unless the last 16th makes four of them.
    """
    beats: dict[int, set[int | None]] = defaultdict(set)
    for onset in onsets:
        beats[onset // _BEAT].add(_find_place(onset % _BEAT))
    last = max(beats, default=-1)
    return {beat for beat in range(last + 2) if _is_swung_beat(beats.get(beat, set()))}


def _is_swung_beat(places: set[int | None]) -> bool:
    return None not in places and (_TRIPLET not in places or _LAST_SIXTEENTH in places)


def _find_place(tick: int) -> int | None:
    return next((place for place in (0, *_STRAIGHT) if abs(tick - place) <= _LOOSE), None)


def _straighten(tick: int, *, swung: set[int]) -> int:
    beat, inside = divmod(tick, _BEAT)
    if beat not in swung:
        return tick
    first = inside * 3 / 4 if inside <= 16 else _HALF_BEAT + (inside - 16) * 3 / 2
    return beat * _BEAT + round(first)
