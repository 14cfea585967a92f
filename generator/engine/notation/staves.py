"""From what a part plays to what stands on its staves: hands, clefs and voices."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest
from statistics import fmean

from generator.engine.instruments import INSTRUMENTS
from generator.engine.notation.clefs import BASS, PERCUSSION, TREBLE, Clef, choose_clefs
from generator.engine.notation.hands import share_hands
from generator.engine.notation.quantising import quantise_strokes
from generator.engine.notation.rhythm import find_tuplets, split_span
from generator.engine.notation.swing import straighten_notes, straighten_strokes
from generator.engine.plan import Plan
from generator.engine.score import Note, Part

_BREATH = 6
"""Ticks. A shorter gap or overlap is articulation, not rhythm: nobody writes a rest of a 32nd between two notes."""
FEET = (35, 36, 44)
"""Drum keys that are played with the feet: the lower voice."""


@dataclass(frozen=True, slots=True)
class Event:
    """Pitches (sounding; for drums keys) that stand on one stem from `start` to `stop`, in ticks."""

    start: int
    stop: int
    pitches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    clefs: dict[int, Clef]
    """From which bar on which holds."""
    voices: tuple[tuple[Event, ...], ...]
    """Upper voice first. Events of one voice do not overlap."""


_TWO_STAVES = frozenset({"piano", "epiano", "organ", "harp", "strings"})


def lay_out(part: Part, plan: Plan) -> tuple[Staff, ...]:
    """The staves of a part in the sounding key: two for keyboards, harp and string ensemble, one for all others."""
    if INSTRUMENTS[part.instrument].is_drums:
        return (Staff({0: PERCUSSION}, _lay_drums(part.notes, plan=plan)),)
    notes = _tidy(straighten_notes(part.notes, plan=plan), plan=plan)
    if part.instrument in _TWO_STAVES:
        right, left = share_hands(notes, plan=plan)
        return Staff({0: TREBLE}, _share_voices(right)), Staff({0: BASS}, _share_voices(left))
    return (Staff(choose_clefs(part, plan=plan), _share_voices(notes)),)


def _tidy(notes: Sequence[Note], *, plan: Plan) -> list[Note]:
    """Notes that end at an onset, or at the end of the last bar, when they miss it by no more than a breath."""
    end = plan.bars * plan.metre.bar_ticks
    onsets = sorted({note.onset for note in notes})
    following = dict(pairwise([*onsets, end]))
    tidied = []
    for note in notes:
        near = [tick for tick in onsets if tick > note.onset and abs(tick - note.end) < _BREATH]
        stop = end if note.end >= plan.length else min(near, key=lambda tick: abs(tick - note.end), default=note.end)
        if 0 < following[note.onset] - stop < _BREATH:
            stop = following[note.onset]
        tidied.append(replace(note, duration=stop - note.onset))
    return tidied


def _share_voices(notes: Iterable[Note]) -> tuple[tuple[Event, ...], ...]:
    """One voice as long as chords follow one another; a second where something is held below or above what moves.

    What a third voice would need is shortened: a reader follows two on a staff.
    """
    voices: tuple[list[Event], list[Event]] = ([], [])
    groups = [list(group) for _, group in groupby(sorted(notes), key=lambda note: note.onset)]
    for group, following in zip_longest(groups, groups[1:]):
        start = group[0].onset
        held = [_is_held(voice, start) for voice in voices]
        for index, event in _place(group, held=held, following=following or ()):
            if _is_held(voices[index], start):
                voices[index][-1] = replace(voices[index][-1], stop=start)
            voices[index].append(event)
    return tuple(tuple(voice) for voice in voices if voice)


def _is_held(voice: Sequence[Event], start: int) -> bool:
    return bool(voice) and voice[-1].stop > start


def _place(group: Sequence[Note], *, held: Sequence[bool], following: Sequence[Note]) -> Iterator[tuple[int, Event]]:
    """The notes of one onset on one stem; on two where some go on under the `following` ones and others do not.

    What is held goes to the lower voice when it lies below what moves.
    """
    start, stop = group[0].onset, max(note.end for note in group)
    next_onset = following[0].onset if following else stop
    long = {note.pitch for note in group if note.end > next_onset}
    short = [note for note in group if note.pitch not in long]
    pitches = tuple(sorted({note.pitch for note in group}))
    if any(held):
        yield (held.index(False) if False in held else 0), Event(start, stop, pitches)
        return
    moving = [note.pitch for note in (short or following)] if long else []
    below = bool(moving) and fmean(long) < fmean(moving)
    if not long or not short:
        yield int(below), Event(start, stop, pitches)
        return
    yield int(below), Event(start, stop, tuple(sorted(long)))
    yield int(not below), Event(start, max(note.end for note in short), tuple(sorted({note.pitch for note in short})))


def _lay_drums(notes: Sequence[Note], *, plan: Plan) -> tuple[tuple[Event, ...], ...]:
    """Hands above, feet below, on a grid that can be read. A stroke has no length: it is written up to the next one or
    to the next beat."""
    struck = straighten_strokes([(note.onset, note.pitch) for note in notes], plan=plan)
    strokes = quantise_strokes(struck, metre=plan.metre, tempo=plan.tempo)
    hands = [stroke for stroke in strokes if stroke[1] not in FEET]
    feet = [stroke for stroke in strokes if stroke[1] in FEET]
    return _strike(hands, plan=plan), _strike(feet, plan=plan)


def _strike(strokes: Sequence[tuple[int, int]], *, plan: Plan) -> tuple[Event, ...]:
    beat, bar = plan.metre.beat_ticks, plan.metre.bar_ticks
    onsets = sorted({onset for onset, _ in strokes})
    events = []
    for start, following in pairwise([*onsets, plan.bars * bar]):
        first = start - start % bar
        tick = start - first
        stop = min(following - first, tick - tick % beat + beat)
        tuplets = find_tuplets({onset - first for onset in onsets if first <= onset < first + bar}, metre=plan.metre)
        # strokes are never tied: what is left becomes a rest
        span = next(iter(split_span(tick, stop, metre=plan.metre, tuplets=tuplets, is_rest=False)))
        keys = tuple(sorted({key for onset, key in strokes if onset == start}))
        events.append(Event(start, start + span.stop - span.start, keys))
    return tuple(events)
