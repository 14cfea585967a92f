"""Measures of music: what the critic chooses by, what tests assert, what benchmarks compare with human pieces.

All take key-normalised notes; rates lie between 0 and 1 and are 1.0 where there is nothing to judge.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from generator.engine.plan import Metre, Mode, Plan
from generator.engine.score import Note

CONSONANT_INTERVALS = frozenset({0, 3, 4, 5, 7, 8, 9})
"""Interval classes modulo 12 that count as consonant; the fourth does, as it does between upper voices."""

LOW_PITCH = 52
"""Notes up to here carry what stands above them."""

SCALES = {Mode.MAJOR: frozenset({0, 2, 4, 5, 7, 9, 11}), Mode.MINOR: frozenset({9, 11, 0, 2, 4, 5, 7, 8, 6})}
"""Pitch classes of the key: for minor natural, harmonic and melodic together, in A."""


def list_beats(metre: Metre, *, start: int, stop: int) -> range:
    """Ticks of the felt beats in [start, stop)."""
    first = -(-start // metre.beat_ticks) * metre.beat_ticks
    return range(first, stop, metre.beat_ticks)


def find_sounding(notes: Sequence[Note], *, tick: int) -> list[Note]:
    """Notes that sound at a tick; `notes` in score order."""
    last = bisect_left(notes, (tick + 1,), key=lambda note: (note.onset,))
    return [note for note in notes[:last] if note.end > tick]


def sweep_sounding(notes: Sequence[Note], *, ticks: Sequence[int]) -> Iterator[list[Note]]:
    """Notes that sound at each of the rising ticks, in one pass; `notes` in score order."""
    place, sounding = 0, list[Note]()
    for tick in ticks:
        first = place
        while place < len(notes) and notes[place].onset <= tick:
            place += 1
        sounding = [note for note in (*sounding, *notes[first:place]) if note.onset + note.duration > tick]
        yield sounding


def measure_chord_tones(notes: Sequence[Note], *, plan: Plan, start: int = 0, stop: int | None = None) -> float:
    """Share of the notes struck on a felt beat that belong to the chord of that place."""
    stop = plan.length if stop is None else stop
    beat = plan.metre.beat_ticks
    struck = [note for note in notes if note.onset % beat == 0 and start <= note.onset < stop]
    judged = [(note, chord) for note in struck if (chord := plan.chord_at(note.onset)) is not None]
    return _share(note.pitch % 12 in chord.pitch_classes for note, chord in judged)


def measure_in_scale(notes: Iterable[Note], *, mode: Mode) -> float:
    """Share of notes that belong to the key."""
    scale = SCALES[mode]
    return _share([note.pitch % 12 in scale for note in notes])


def measure_foreign(notes: Iterable[Note], *, plan: Plan) -> float:
    """Share of notes that neither the key has nor the chord of their place, nor the one before or after it."""
    scale, step = SCALES[plan.key.mode], plan.metre.chord_ticks
    around: dict[int, set[int]] = {}

    def is_foreign(note: Note) -> bool:
        slot = note.onset // step
        if slot not in around:
            near = (plan.chord_at((slot + way) * step) for way in (-1, 0, 1))
            around[slot] = {tone for chord in near if chord for tone in chord.pitch_classes}
        return note.pitch % 12 not in around[slot]

    listed = list(notes)
    outside = [note for note in listed if note.pitch % 12 not in scale]
    return sum(map(is_foreign, outside)) / len(listed) if listed else 0.0


def measure_consonance(notes: Sequence[Note], others: Sequence[Note], *, ticks: Sequence[int]) -> float:
    """Share of pairs, one note of each side, sounding together at the given ticks, that are consonant."""
    return _share(
        (one.pitch - other.pitch) % 12 in CONSONANT_INTERVALS
        for mine, theirs in zip(sweep_sounding(notes, ticks=ticks), sweep_sounding(others, ticks=ticks), strict=True)
        for one in mine
        for other in theirs
    )


def measure_room(notes: Sequence[Note], lead: Sequence[Note], *, ticks: Sequence[int]) -> float:
    """Share of the given ticks at which no note lies above the lead by more than a tone."""
    together = zip(sweep_sounding(notes, ticks=ticks), sweep_sounding(lead, ticks=ticks), strict=True)
    return _share(
        max([note.pitch for note in mine]) <= max([note.pitch for note in theirs]) + 2
        for mine, theirs in together
        if mine and theirs
    )


def find_longest_run(notes: Sequence[Note]) -> int:
    """Most notes in a row with the same pitch; a chord counts with its highest note."""
    longest, run, before = 0, 0, -1
    for pitch in list_top_line(notes):
        run = run + 1 if pitch == before else 1
        before = pitch
        if run > longest:
            longest = run
    return longest


def list_top_line(notes: Iterable[Note]) -> list[int]:
    """The highest pitch of each onset, in time order."""
    tops: dict[int, int] = {}
    for note in notes:
        if note.pitch >= tops.get(note.onset, 0):
            tops[note.onset] = note.pitch
    return [tops[onset] for onset in sorted(tops)]


def list_silent_bars(notes: Sequence[Note], *, plan: Plan, start: int = 0, stop: int | None = None) -> list[int]:
    """Bars in [start, stop) in which nothing sounds."""
    stop = plan.length if stop is None else stop
    size = plan.metre.bar_ticks
    sounding = set[int]()
    for note in notes:
        first, last = note.onset // size, (note.onset + note.duration - 1) // size
        sounding.add(first)
        if last > first:
            sounding.update(range(first + 1, last + 1))
    return [bar for bar in range(start // size, -(-stop // size)) if bar not in sounding]


def find_longest_silence(notes: Sequence[Note], *, start: int, stop: int) -> int:
    """Ticks of the longest stretch of [start, stop) in which nothing sounds; `notes` in score order."""
    reached, longest = start, 0
    for note in notes:
        if note.onset > reached:
            longest = max(longest, min(note.onset, stop) - reached)
        end = note.onset + note.duration
        if end > reached:
            reached = end
    return max(longest, stop - reached)


def measure_pulse(notes: Sequence[Note], *, metre: Metre, start: int, stop: int) -> float:
    """Share of the felt beats in [start, stop) on which anything is struck."""
    onsets = {note.onset for note in notes}
    return _share(tick in onsets for tick in list_beats(metre, start=start, stop=stop))


def measure_downbeats(notes: Sequence[Note], *, metre: Metre, keys: frozenset[int], start: int, stop: int) -> float:
    """Share of the bars that begin in [start, stop) on whose first beat one of the drums `keys` is struck."""
    onsets = {note.onset for note in notes if note.pitch in keys}
    first = -(-start // metre.bar_ticks) * metre.bar_ticks
    return _share(tick in onsets for tick in range(first, stop, metre.bar_ticks))


def measure_sounding(notes: Sequence[Note], *, start: int, stop: int) -> float:
    """Share of the time in [start, stop) in which anything sounds."""
    reached, sounding = start, 0
    for note in notes:
        last = note.onset + note.duration
        if last > reached:
            last = min(last, stop)
            sounding += max(last - max(note.onset, reached), 0)
            reached = max(reached, last)
    return sounding / (stop - start)


def measure_foundation(notes: Sequence[Note], *, plan: Plan, start: int, stop: int) -> float:
    """Share of the bars in [start, stop) in which a low note is struck or held."""
    low = [note for note in notes if note.pitch <= LOW_PITCH]
    bars = -(-stop // plan.metre.bar_ticks) - start // plan.metre.bar_ticks
    return 1.0 - len(list_silent_bars(low, plan=plan, start=start, stop=stop)) / bars


def measure_roots(notes: Sequence[Note], *, plan: Plan, start: int, stop: int) -> float:
    """Share of the places in [start, stop) where a chord begins at which the lowest sounding note is its root."""
    step = plan.metre.chord_ticks
    slots = range(-(-start // step) * step, stop, step)
    begun = [tick for tick in slots if plan.chord_at(tick) and (tick == start or _changes(plan, tick=tick))]
    sounding = zip(begun, sweep_sounding(notes, ticks=begun), strict=True)
    return _share(
        min(note.pitch for note in heard) % 12 == chord.root
        for tick, heard in sounding
        if heard and (chord := plan.chord_at(tick)) is not None
    )


def _changes(plan: Plan, *, tick: int) -> bool:
    return plan.chord_at(tick) != plan.chord_at(tick - 1)


def count_notes_per_bar(notes: Iterable[Note], *, metre: Metre, start: int, stop: int) -> float:
    inside = sum([start <= note.onset < stop for note in notes])
    return inside * metre.bar_ticks / max(stop - start, 1)


def measure_likeness_of_rhythm(notes: Sequence[Note], *, metre: Metre, start: int, stop: int) -> float:
    """How much bars share their onsets with the bar before: intersection over union, averaged over bars."""
    size = metre.bar_ticks
    bars = [{note.onset % size for note in bar} for bar in _split_bars(notes, size=size, start=start, stop=stop)]
    shares = _list_shares(bars)
    return sum(shares) / len(shares) if shares else 1.0


def measure_echo(notes: Sequence[Note], *, metre: Metre, start: int, stop: int) -> float:
    """How much bars share with the bar before, place and pitch: intersection over union, averaged over bars."""
    shares = _list_shares(_list_strokes(notes, size=metre.bar_ticks, start=start, stop=stop))
    return sum(shares) / len(shares) if shares else math.nan


def _list_strokes(notes: Sequence[Note], *, size: int, start: int, stop: int) -> list[set[tuple[int, int]]]:
    """Place and pitch of every note of each bar."""
    bars = _split_bars(notes, size=size, start=start, stop=stop)
    return [{((note.onset - start) % size, note.pitch) for note in bar} for bar in bars]


def _split_bars(notes: Iterable[Note], *, size: int, start: int, stop: int) -> list[list[Note]]:
    """The notes of each bar, counted from `start` on; the last bar is a whole one."""
    bars: list[list[Note]] = [[] for _ in range(start, stop, size)]
    for note in notes:
        place = (note.onset - start) // size
        if 0 <= place < len(bars):
            bars[place].append(note)
    return bars


def _list_shares(bars: Sequence[AbstractSet[object]]) -> list[float]:
    """What bars have in common with the bar before, but for pairs of empty ones."""
    return [len(one & two) / len(one | two) for one, two in pairwise(bars) if one or two]


def measure_phrasing(notes: Sequence[Note], *, metre: Metre, start: int, stop: int, bars: int = 4) -> float:
    """Share of phrases of so many bars that end with a breath: a note of a beat and more, or a rest, in the last half
    bar."""
    size = metre.bar_ticks
    ends = range(start + bars * size, stop + 1, bars * size)
    return _share(_is_breathing(notes, end=end, metre=metre) for end in ends)


def _is_breathing(notes: Sequence[Note], *, end: int, metre: Metre) -> bool:
    last = [note for note in notes if end - metre.bar_ticks // 2 <= note.end and note.onset < end]
    sounding = [note for note in last if note.end > end - metre.beat_ticks // 2]
    return not sounding or max(note.end for note in sounding) - max(note.onset for note in sounding) >= metre.beat_ticks


def measure_fill(notes: Sequence[Note], *, metre: Metre, stop: int) -> float:
    """How much the last bar differs from the one before it: 1 minus the share of strokes they have in common."""
    size = metre.bar_ticks
    shares = _list_shares(_list_strokes(notes, size=size, start=stop - 2 * size, stop=stop))
    return 1.0 - shares[0] if shares else 0.0


def _share(verdicts: Iterable[bool]) -> float:
    listed = list(verdicts)
    return sum(listed) / len(listed) if listed else 1.0
