"""Smoothing: a bass leaps by an octave and more as often as bassists do. The lines that basses learned from are the
lowest notes of pianos, folded into a bass's range: some of their leaps nobody played."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Plan
from generator.engine.score import Note

_OCTAVE = 12
_MOST = 1 / 14
"""Leaps of an octave and more per move of the line: cellists in quartets make as many."""


def smooth_line(notes: Sequence[Note], *, plan: Plan, instrument: str) -> tuple[Note, ...]:
    """The line, `notes` in score order, one at a time, with notes and figures of at most a bar moved by an octave
    until it leaps no more often than people's. What saves most leaps goes first, then what was widest."""
    player, shift = INSTRUMENTS[instrument], plan.key.shift
    low, high = player.lowest - shift, player.highest - shift
    line = list(notes)
    while len(leaps := _list_leaps(line)) > _MOST * (len(line) - 1):
        moves = [
            (gain, first, stop, way)
            for first, stop in _list_figures(line, leaps=leaps, longest=plan.metre.bar_ticks)
            for way in (_OCTAVE, -_OCTAVE)
            if all(low <= note.pitch + way <= high for note in line[first:stop])
            and (gain := _find_gain(line, first=first, stop=stop, way=way)) > (0, 0)
        ]
        if not moves:
            break
        _, first, stop, way = max(moves, key=lambda move: (move[0], -move[1], move[3]))
        line[first:stop] = [replace(note, pitch=note.pitch + way) for note in line[first:stop]]
    return tuple(line)


def _list_leaps(line: Sequence[Note]) -> list[int]:
    """Places of the notes that are reached by a leap."""
    return [place for place, (one, other) in enumerate(pairwise(line), 1) if _is_leap(other.pitch - one.pitch)]


def _is_leap(move: int) -> bool:
    return abs(move) >= _OCTAVE


def _list_figures(line: Sequence[Note], *, leaps: Sequence[int], longest: int) -> list[tuple[int, int]]:
    """Stretches [first, stop) between two leaps, no longer than `longest` ticks."""
    ends = [0, *leaps, len(line)]
    return [(one, other) for one, other in pairwise(ends) if line[other - 1].end - line[one].onset <= longest]


def _find_gain(line: Sequence[Note], *, first: int, stop: int, way: int) -> tuple[int, int]:
    """Leaps saved by moving a figure, and semitones saved on the way to it and from it."""
    saved = [0, 0]
    for one, other, moved in ((first - 1, first, way), (stop - 1, stop, -way)):
        if one >= 0 and other < len(line):
            before = line[other].pitch - line[one].pitch
            after = before + moved
            saved[0] += _is_leap(before) - _is_leap(after)
            saved[1] += abs(before) - abs(after)
    return saved[0], saved[1]
