"""Lines taken out of a texture: its melody, its bass, one voice of it, moved into an instrument's range."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from generator.engine.instruments import INSTRUMENTS
from generator.engine.score import Note

_NEAR = 24
_NEAR_TOP = 7


def take_single_voice(notes: Sequence[Note], *, keep: str = "highest") -> tuple[Note, ...]:
    """One note at a time: of notes struck together the highest (or lowest), each ending where the next begins."""
    pick = max if keep == "highest" else min
    struck: dict[int, list[Note]] = {}
    for note in notes:
        struck.setdefault(note.onset, []).append(note)
    line = [pick(struck[onset], key=lambda note: note.pitch) for onset in sorted(struck)]
    return _end_before_next(line)


def split_skyline(notes: Sequence[Note]) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """The melody on top, and all the rest. A note is melody when nothing higher sounds as it begins and it lies within
    a fifth of the highest note struck a quarter before or after: the low notes of an arpeggio are not melody."""
    ordered = sorted(notes)
    onsets = [note.onset for note in ordered]
    melody: list[Note] = []
    rest: list[Note] = []
    sounding: list[Note] = []
    for note in ordered:
        near = ordered[bisect_left(onsets, note.onset - _NEAR) : bisect_right(onsets, note.onset + _NEAR)]
        sounding = [each for each in sounding if each.end > note.onset]
        sounding += [each for each in near if each.onset == note.onset and each not in sounding]
        covered = any(each.pitch > note.pitch for each in sounding)
        high = note.pitch + _NEAR_TOP >= max(each.pitch for each in near)
        (melody if high and not covered else rest).append(note)
    return _end_before_next(melody), tuple(rest)


def take_bass_line(notes: Sequence[Note], *, beat_ticks: int) -> tuple[Note, ...]:
    """The lowest line: per beat the lowest note struck, unless something lower still sounds."""
    lowest: dict[int, Note] = {}
    for note in notes:
        beat = note.onset // beat_ticks
        if beat not in lowest or (note.pitch, note.onset) < (lowest[beat].pitch, lowest[beat].onset):
            lowest[beat] = note
    line: list[Note] = []
    for beat in sorted(lowest):
        note = lowest[beat]
        if line and line[-1].end > note.onset and line[-1].pitch < note.pitch:
            continue
        line.append(note)
    return _end_before_next(line)


def fit_range(notes: Sequence[Note], *, slug: str, shift: int = 0) -> tuple[Note, ...]:
    """Move a line by whole octaves so that most of it fits the instrument, then single notes that still do not. The
    range holds in the sounding key: `shift` semitones above the notes as they stand."""
    if not notes:
        return ()
    lowest, highest = INSTRUMENTS[slug].lowest - shift, INSTRUMENTS[slug].highest - shift
    pitches = Counter(note.pitch for note in notes)

    def count_outside(octave: int) -> tuple[int, int]:
        outside = (n for pitch, n in pitches.items() if not lowest <= pitch + 12 * octave <= highest)
        return sum(outside), abs(octave)

    move = 12 * min(range(-4, 5), key=count_outside)
    fitted = {pitch: _fold(pitch + move, lowest=lowest, highest=highest) for pitch in pitches}
    return tuple(replace(note, pitch=fitted[note.pitch]) for note in notes)


def _fold(pitch: int, *, lowest: int, highest: int) -> int:
    if pitch < lowest:
        return pitch + -(-(lowest - pitch) // 12) * 12
    return pitch - -(-(pitch - highest) // 12) * 12 if pitch > highest else pitch


def _end_before_next(line: Sequence[Note]) -> tuple[Note, ...]:
    cut = [replace(note, duration=min(note.duration, after.onset - note.onset)) for note, after in pairwise(line)]
    return (*cut, *line[-1:])
