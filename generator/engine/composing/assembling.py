"""Assembling: the parts become one piece."""

from collections.abc import Iterable
from dataclasses import replace

from generator.engine.brief import Brief
from generator.engine.composing.accents import strike_hits
from generator.engine.composing.clashes import mend_clashes
from generator.engine.composing.orchestrating import orchestrate
from generator.engine.composing.swinging import swing_part
from generator.engine.composing.thinning import thin_parts
from generator.engine.composing.titles import write_title
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Piece, Plan
from generator.engine.score import Part
from generator.engine.sounds import choose_sound


def assemble(brief: Brief, plan: Plan, parts: Iterable[Part]) -> Piece:
    """The piece: parts in score order, shared out among sections, clashes on beats mended, hits struck, sounds chosen,
    titled."""
    order = list(INSTRUMENTS)
    listed = sorted(parts, key=lambda part: order.index(part.instrument))
    shared = orchestrate(thin_parts(listed, plan=plan), plan=plan)
    swung = [swing_part(part, plan=plan) for part in shared]
    mended = mend_clashes(swung, plan=plan)
    voiced = (_voice_part(part, brief=brief) for part in strike_hits(mended, plan=plan))
    return Piece(plan=plan, parts=tuple(voiced), title=write_title(brief))


def _voice_part(part: Part, *, brief: Brief) -> Part:
    chosen = dict(brief.sounds).get(part.instrument)
    return replace(part, sound=chosen or choose_sound(brief.style, instrument=part.instrument))


def assemble_edit(brief: Brief, origin: Piece, fresh: Iterable[Part]) -> Piece:
    """The piece with some parts replaced; the others stay as they are, to the note, and so does the title."""
    replaced = {part.instrument: part for part in fresh}
    kept = {part.instrument for part in origin.parts} - set(replaced)
    parts = [replace(replaced.get(part.instrument, part), sound=part.sound) for part in origin.parts]
    mended = mend_clashes(parts, plan=origin.plan, locked=kept)
    return replace(origin, parts=mended)
