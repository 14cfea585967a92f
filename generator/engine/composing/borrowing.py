"""How much of a line stands, note by note, in a work that was trained on; leads that borrow are drawn again."""

from collections.abc import Sequence

from generator.engine.originality.corpus_index import open_index
from generator.engine.originality.lines import take_line
from generator.engine.plan import Plan
from generator.engine.score import Note

MOST_BARS = 2.0
"""Of a lead in one stretch that may stand in one work: what half of human melodies keep to."""

MOST_DRAWS = 4
"""Times that a phrase, and then the whole lead, is drawn before the least borrowed one is kept."""

FAVOURITES = 4
"""Candidates for an accompaniment among which one that borrows little is preferred: music comes first there."""

_CONTEXT_BARS = 4


def measure_borrowing(notes: Sequence[Note], *, plan: Plan) -> float:
    """Bars of the longest stretch that the top line has in common with any one training work."""
    matches = open_index().match_melody(take_line((note.onset, note.pitch) for note in notes))
    return matches[0].ticks / plan.metre.bar_ticks if matches else 0.0


def measure_phrase(notes: Sequence[Note], *, history: Sequence[Note], start: int, plan: Plan) -> float:
    """The same for a phrase from `start` on, joined to the bars before it."""
    since = start - _CONTEXT_BARS * plan.metre.bar_ticks
    return measure_borrowing([*(note for note in history if note.onset >= since), *notes], plan=plan)
