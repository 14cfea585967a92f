"""Assembling: the parts become one piece."""

from collections.abc import Iterable

from generator.engine.brief import Brief
from generator.engine.composing.clashes import mend_clashes
from generator.engine.composing.titles import write_title
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Piece, Plan
from generator.engine.score import Part


def assemble(brief: Brief, plan: Plan, parts: Iterable[Part]) -> Piece:
    """The piece: parts in score order, clashes on beats mended, titled."""
    order = list(INSTRUMENTS)
    listed = sorted(parts, key=lambda part: order.index(part.instrument))
    return Piece(plan=plan, parts=mend_clashes(listed, plan=plan), title=write_title(brief))
