"""Two hands on two staves: where they part, bar by bar, so that figures and chords stay on one staff."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from generator.engine.plan import Plan
from generator.engine.score import Note

_SPLITS = range(53, 69)
"""MIDI pitches from which on the right hand plays: F3 to A flat 4."""
_USUAL = 60
_TORN, _STRETCHED, _CROSSED, _MOVED, _UNUSUAL = 3.0, 6.0, 1.5, 1.5, 0.15
"""What it costs to tear a chord that one hand can take, to ask a hand for more than it can take, to hand a figure over
within a beat, to move the split from bar to bar, and each semitone away from middle C; beside a ledger line each."""
_ONE_HAND, _WIDEST, _NEAR = 12, 15, 12
"""Semitones that a hand spans with ease, and at most, and ticks within which two onsets are one figure."""


def share_hands(notes: Sequence[Note], *, plan: Plan) -> tuple[list[Note], list[Note]]:
    """Right and left. The splits of all bars together are read most easily (dynamic programming)."""
    size = plan.metre.bar_ticks
    bars: dict[int, list[Note]] = {}
    for bar, inside in groupby(sorted(notes), key=lambda note: note.onset // size):
        bars[bar] = list(inside)
    splits = dict(zip(bars, _choose_splits(list(bars.values())), strict=True))
    right = [note for note in notes if note.pitch >= splits[note.onset // size]]
    left = [note for note in notes if note.pitch < splits[note.onset // size]]
    return right, left


def _choose_splits(bars: Sequence[Sequence[Note]]) -> list[int]:
    best: dict[int, tuple[float, tuple[int, ...]]] = dict.fromkeys(_SPLITS, (0.0, ()))
    for bar in bars:
        groups = [[note.pitch for note in group] for _, group in groupby(bar, key=lambda note: note.onset)]
        onsets = sorted({note.onset for note in bar})
        joined = [late - early <= _NEAR for early, late in pairwise(onsets)]
        following: dict[int, tuple[float, tuple[int, ...]]] = {}
        for split in _SPLITS:
            former = min(_SPLITS, key=lambda other: best[other][0] + _price_move(other, split))
            price, path = best[former]
            price += _price_move(former, split) + _price_bar(groups, joined, split=split)
            following[split] = price, (*path, split)
        best = following
    return list(min(best.values())[1])


def _price_move(split: int, other: int) -> float:
    return (_MOVED + 0.1 * abs(split - other)) if split != other else 0.0


def _price_bar(groups: Sequence[Sequence[int]], joined: Iterable[bool], *, split: int) -> float:
    price = _UNUSUAL * abs(split - _USUAL)
    for pitches in groups:
        price += sum(_count_ledgers(pitch, is_right=pitch >= split) for pitch in pitches)
        is_torn = min(pitches) < split <= max(pitches) and max(pitches) - min(pitches) <= _ONE_HAND
        price += _TORN * is_torn
        hands = ([pitch for pitch in pitches if pitch >= split], [pitch for pitch in pitches if pitch < split])
        price += _STRETCHED * sum(bool(hand) and max(hand) - min(hand) > _WIDEST for hand in hands)
    for (early, late), is_near in zip(pairwise(groups), joined, strict=True):
        price += _CROSSED * (is_near and (max(early) < split <= min(late) or max(late) < split <= min(early)))
    return price


def _count_ledgers(pitch: int, *, is_right: bool) -> int:
    """Lines between the staff and a note that lies on the other hand's side: a letter is 12/7 semitones."""
    beyond = 62 - pitch if is_right else pitch - 59
    return max((round(beyond * 7 / 12) + 1) // 2, 0)
