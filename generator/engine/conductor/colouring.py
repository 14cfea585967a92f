"""Colouring: secondary dominants, borrowed and passing chords, contrasting sections in another key.

It works on a section's chords as the network drew them and changes only slots that the network was free to decide, so
that cadences and given tunes keep their chords. One change of chord is coloured alike wherever it comes in a section.
"""

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np

from generator.engine.conductor.cadences import find_tonic
from generator.engine.conductor.palettes import Palette
from generator.engine.conductor.ratings import Indices
from generator.engine.plan import Chord, Mode

_MAJ, _MIN, _SEVENTH, _DIM = "maj", "min", "dom7", "dim"

_BORROWED: dict[Mode, dict[Chord, tuple[tuple[Chord, frozenset[int]], ...]]] = {
    Mode.MAJOR: {
        Chord(5, _MAJ): ((Chord(5, _MIN), frozenset({0, 7})),),
        Chord(2, _MIN): ((Chord(5, _MIN), frozenset({0, 7})), (Chord(10, _MAJ), frozenset({0, 5}))),
        Chord(9, _MIN): ((Chord(8, _MAJ), frozenset({0, 5, 7})),),
        Chord(4, _MIN): ((Chord(3, _MAJ), frozenset({0, 2, 5, 9})),),
        Chord(7, _MAJ): ((Chord(10, _MAJ), frozenset({0, 5})),),
    },
    Mode.MINOR: {
        Chord(2, _MIN): ((Chord(2, _MAJ), frozenset({9, 5, 7})),),
        Chord(5, _MAJ): ((Chord(10, _MAJ), frozenset({9, 4, 5, 0})),),
        Chord(0, _MAJ): ((Chord(5, _MIN), frozenset({9, 7})), (Chord(0, _MIN), frozenset({9, 7, 5}))),
        Chord(4, _MIN): ((Chord(4, _MAJ), frozenset({9, 5})),),
        Chord(7, _MAJ): ((Chord(7, _MIN), frozenset({2, 9, 5, 0})),),
    },
}
"""By mode, what may stand for a chord, and before which roots."""


class _Run(NamedTuple):
    start: int
    stop: int
    chord: Chord
    following: Chord

    @property
    def slots(self) -> int:
        return self.stop - self.start


def colour_section(
    chords: Indices, *, is_free: Indices, mode: Mode, palette: Palette, per_bar: int, draw: Random
) -> Indices:
    """The section with some of its free slots coloured. `is_free` (slots,) says which; the section after it is taken to
    begin at home."""
    coloured = chords.copy()
    settled: dict[tuple[Chord, Chord, int], tuple[Chord, ...]] = {}
    for run in _list_runs(chords, home=find_tonic(mode)):
        if run.start == 0 and run.slots == len(chords):
            continue
        kind = (run.chord, run.following, run.slots)
        if kind not in settled:
            settled[kind] = _colour_run(run, mode=mode, palette=palette, per_bar=per_bar, draw=draw)
        if is_free[run.start : run.stop].all():
            coloured[run.start : run.stop] = [chord.index for chord in settled[kind]]
    return coloured


def move_section(chords: Indices, *, is_free: Indices, mode: Mode, semitones: int, per_bar: int) -> Indices:
    """The section in another key, all but its last bar, in which a dominant seventh leads home."""
    moved = chords.copy()
    until = max(len(chords) - per_bar, 0)
    for slot in range(until):
        if is_free[slot]:
            chord = Chord.from_index(int(chords[slot]))
            moved[slot] = Chord((chord.root + semitones) % 12, chord.quality).index
    for slot in range(until, len(chords)):
        if is_free[slot]:
            moved[slot] = _lead_to(find_tonic(mode)).index
    return moved


def draw_key_away(*, name: str, slots: int, palette: Palette, per_bar: int, draw: Random) -> int:
    """Semitones by which a contrasting section of at least four bars is moved; 0 for staying at home."""
    if name not in ("B", "bridge") or slots < 4 * per_bar or draw.random() >= palette.away:
        return 0
    return draw.choice(palette.keys)


def _list_runs(chords: Indices, *, home: Chord) -> Iterator[_Run]:
    edges = [0, *(np.flatnonzero(chords[1:] != chords[:-1]) + 1).tolist(), len(chords)]
    for start, stop in pairwise(edges):
        following = Chord.from_index(int(chords[stop])) if stop < len(chords) else home
        yield _Run(start, stop, Chord.from_index(int(chords[start])), following)


def _colour_run(run: _Run, *, mode: Mode, palette: Palette, per_bar: int, draw: Random) -> tuple[Chord, ...]:
    """The chords of the run's slots; every chance is drawn, so that one device does not move the others' luck."""
    lucks = {name: draw.random() for name in ("borrowed", "passing", "applied", "related", "dominants")}
    plain = [run.chord] * run.slots
    swaps = [swap for swap, before in _BORROWED[mode].get(run.chord, ()) if run.following.root in before]
    if swaps and lucks["borrowed"] < palette.borrowed:
        swap = swaps[draw.randrange(len(swaps))]
        kept = run.slots // 2 if swap.root == run.chord.root else 0
        return (*plain[:kept], *[swap] * (run.slots - kept))
    tail = max(1, min(run.slots // 2, per_bar))
    rises = (run.following.root - run.chord.root) % 12 == 2 and run.chord.quality in (_MAJ, _MIN)
    if rises and run.slots > 1 and lucks["passing"] < palette.passing:
        return (*plain[:-tail], *[Chord((run.chord.root + 1) % 12, _DIM)] * tail)
    if _can_lead(run) and lucks["applied"] < palette.applied:
        return _apply_dominant(run, tail=tail, is_related=lucks["related"] < palette.related)
    if run.chord.quality == _MAJ and _falls_by_fifth(run) and lucks["dominants"] < palette.dominants:
        return tuple([Chord(run.chord.root, _SEVENTH)] * run.slots)
    return tuple(plain)


def _can_lead(run: _Run) -> bool:
    return run.slots > 1 and run.following.quality != _DIM and _lead_to(run.following).root != run.chord.root


def _falls_by_fifth(run: _Run) -> bool:
    return (run.chord.root - run.following.root) % 12 == 7


def _apply_dominant(run: _Run, *, tail: int, is_related: bool) -> tuple[Chord, ...]:
    dominant, second = _lead_to(run.following), Chord((run.following.root + 2) % 12, _MIN)
    prepared = [second] * tail if is_related and run.slots >= 3 * tail and second != run.chord else []
    kept = run.slots - tail - len(prepared)
    return (*[run.chord] * kept, *prepared, *[dominant] * tail)


def _lead_to(chord: Chord) -> Chord:
    return Chord((chord.root + 7) % 12, _SEVENTH)
