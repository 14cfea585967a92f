"""What two melodies have in common in one stretch, note by note, and how to draw it."""

from dataclasses import dataclass
from typing import Any

from generator.engine.originality.lines import Line
from generator.engine.originality.passages import PASSAGE_NOTES, find_ends, hash_melody
from generator.engine.plan import PITCH_CLASS_NAMES

_AROUND = 1
"""Bars that a picture shows before and after the stretch."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    first: int
    """Index of its first note in the first line, and in the second."""
    second: int
    notes: int
    ticks: int
    """In the first line, from the first note's onset to the last one's end."""


def find_stretch(one: Line, other: Line) -> Stretch | None:
    """The longest by time; None where no passage is common."""
    places: dict[int, list[int]] = {}
    for place, passage in enumerate(hash_melody(other).tolist()):
        places.setdefault(passage, []).append(place)
    ends = find_ends(one).tolist()
    best: Stretch | None = None
    before: dict[int, int] = {}
    for place, passage in enumerate(hash_melody(one).tolist()):
        before = {there: before.get(there - 1, PASSAGE_NOTES - 1) + 1 for there in places.get(passage, ())}
        for there, notes in before.items():
            last = place + PASSAGE_NOTES - 1
            first = last - notes + 1
            ticks = ends[last] - one[first][0]
            if best is None or ticks > best.ticks:
                best = Stretch(first=first, second=there + PASSAGE_NOTES - notes, notes=notes, ticks=ticks)
    return best


def draw_stretch(line: Line, *, first: int, notes: int, bar_ticks: int, other_pitch: int) -> Json:
    """What a picture of both melodies needs, as JSON. Of the other it holds the common stretch, at its own pitch: that
    is the same notes moved, so that nothing of it is drawn that is not in this line too.

    A note is [onset, pitch, length], onsets in ticks from `first_bar`'s start, bars from 1.
    """
    stop = first + notes
    start_bar = max(line[first][0] // bar_ticks - _AROUND, 0)
    end_bar = line[stop - 1][0] // bar_ticks + 1 + _AROUND
    shift = other_pitch - line[first][1]
    since, until = start_bar * bar_ticks, end_bar * bar_ticks
    ends = find_ends(line).tolist()
    placed = [[onset - since, pitch, end - onset] for (onset, pitch), end in zip(line, ends, strict=True)]
    return {
        "first_bar": start_bar + 1,
        "bars": end_bar - start_bar,
        "bar_ticks": bar_ticks,
        "notes": [note for note in placed if 0 <= note[0] < until - since],
        "common": placed[first:stop],
        "shift": shift,
    }


def name_pitch(pitch: int) -> str:
    """Scientific: MIDI 60 is C4."""
    return f"{PITCH_CLASS_NAMES[pitch % 12]}{pitch // 12 - 1}"
