"""Orchestration: of many who play chords, who plays in which section.

One or two fill any piece. Three and more at once are mud, and sound the same from beginning to end: so the one that the
style likes best carries the chords throughout, and the others take turns beside it, fewer where a section is quiet. The
fullest section and the closing chord have everybody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from generator.engine.composing.finishing import find_closing
from generator.engine.plan import Plan, Role, Section
from generator.engine.score import Note, Part
from generator.engine.styles import STYLES

_FEW = 2
"""Who plays chords together throughout."""
_FULL = 0.5
"""Energy from which on two take turns beside the first, below it one."""


def orchestrate(parts: Iterable[Part], *, plan: Plan) -> tuple[Part, ...]:
    """The parts; of more than two with chords, each with the sections in which it rests left out."""
    listed = tuple(parts)
    players = [part.instrument for part in listed if part.role == Role.HARMONY]
    turns = share_sections(players, plan=plan)
    return tuple(_leave_out(part, turns=turns.get(part.instrument), plan=plan) for part in listed)


def share_sections(players: Sequence[str], *, plan: Plan) -> dict[str, frozenset[int]]:
    """By player, the sections (counted from 0) in which it plays; empty where all play throughout."""
    if len(players) <= _FEW or len(plan.sections) < 2:
        return {}
    ranks = STYLES[plan.style].chords if plan.style in STYLES else tuple(players)
    first, *others = sorted(players, key=lambda slug: ranks.index(slug) if slug in ranks else len(ranks))
    fullest = max(range(len(plan.sections)), key=lambda place: (plan.sections[place].energy, place))
    turns: dict[str, set[int]] = {slug: {fullest} for slug in others}
    served = 0
    for place, section in enumerate(plan.sections):
        for _ in range(_count_beside(section, others=len(others))):
            turns[others[served % len(others)]].add(place)
            served += 1
    return {first: frozenset(range(len(plan.sections)))} | {slug: frozenset(taken) for slug, taken in turns.items()}


def _count_beside(section: Section, *, others: int) -> int:
    return min(2 if section.energy >= _FULL else 1, others)


def _leave_out(part: Part, *, turns: frozenset[int] | None, plan: Plan) -> Part:
    """Without the notes of sections that are not its turn; what is held into one ends at its bar line."""
    if turns is None or part.role != Role.HARMONY:
        return part
    size, closing = plan.metre.bar_ticks, find_closing(plan)
    starts = [section.start_bar * size for section in plan.sections]

    def plays_at(tick: int) -> bool:
        place = max((index for index, start in enumerate(starts) if start <= tick), default=0)
        return tick >= closing or place in turns

    rests = [start for start in starts if not plays_at(start)]
    return replace(part, notes=tuple(_end_before(note, rests) for note in part.notes if plays_at(note.onset)))


def _end_before(note: Note, rests: Sequence[int]) -> Note:
    stop = min((start for start in rests if note.onset < start < note.end), default=note.end)
    return replace(note, duration=stop - note.onset)
