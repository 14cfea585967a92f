"""Lines taken out of a texture: its melody, its bass, one voice of it, moved into an instrument's range."""

from bisect import bisect_left, bisect_right
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


def fit_range(notes: Sequence[Note], *, slug: str) -> tuple[Note, ...]:
    """Move a line by whole octaves so that most of it fits the instrument, then single notes that still do not."""
    instrument = INSTRUMENTS[slug]
    if not notes:
        return ()
    centre = sorted(note.pitch for note in notes)[len(notes) // 2]
    middle = (instrument.lowest + instrument.highest) / 2
    octaves = {octave: _count_outside(notes, shift=12 * octave, slug=slug) for octave in range(-4, 5)}
    best = min(octaves, key=lambda octave: (octaves[octave], abs(octave), abs(centre + 12 * octave - middle)))
    return tuple(replace(note, pitch=_fold(note.pitch + 12 * best, slug=slug)) for note in notes)


def _count_outside(notes: Sequence[Note], *, shift: int, slug: str) -> int:
    instrument = INSTRUMENTS[slug]
    return sum(not instrument.lowest <= note.pitch + shift <= instrument.highest for note in notes)


def _fold(pitch: int, *, slug: str) -> int:
    instrument = INSTRUMENTS[slug]
    while pitch < instrument.lowest:
        pitch += 12
    while pitch > instrument.highest:
        pitch -= 12
    return pitch


def _end_before_next(line: Sequence[Note]) -> tuple[Note, ...]:
    cut = [replace(note, duration=min(note.duration, after.onset - note.onset)) for note, after in pairwise(line)]
    return (*cut, *line[-1:])
