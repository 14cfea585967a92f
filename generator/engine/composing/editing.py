"""Edits: what a person changes about a finished piece. Some parts are kept to the note, the others written anew, whole
or for a range of bars between what stands before and after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from generator.engine.brief import Brief, InvalidBriefs
from generator.engine.composing.accents import strike_hits
from generator.engine.composing.assembling import assemble_edit
from generator.engine.composing.parts import PartResult, compose_part, revise_part
from generator.engine.composing.swinging import swing_part
from generator.engine.composing.thinning import thin_parts
from generator.engine.errors import InvalidBriefError
from generator.engine.fields import list_words, read_number, refuse_value
from generator.engine.plan import Piece, Plan, Role
from generator.engine.score import Part
from generator.engine.tokens.vocabulary import snap_onset


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A checked edit. Build one with `parse_edit`."""

    keep: tuple[str, ...]
    """Instruments that stay as they are."""
    bars: tuple[int, int] | None
    """First and last bar written anew, counted from 1; None for all of the parts that are not kept."""

    @property
    def span(self) -> tuple[int, int] | None:
        """The same as [first, past the last), counted from 0."""
        return (self.bars[0] - 1, self.bars[1]) if self.bars else None

    def to_json(self) -> dict[str, Any]:
        return {"keep": list(self.keep), "bars": list(self.bars) if self.bars else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Edit":
        bars = data["bars"]
        return cls(keep=tuple(data["keep"]), bars=(bars[0], bars[1]) if bars else None)


def parse_edit(values: Mapping[str, object], *, instruments: tuple[str, ...], bars: int) -> Edit:
    """Read an edit of a piece with these instruments and bars. Raises InvalidBriefs with one error per field."""
    errors: list[InvalidBriefError] = []
    keep: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    try:
        keep = _read_kept(values.get("keep"), instruments=instruments)
    except InvalidBriefError as error:
        errors.append(error)
    try:
        span = _read_bars(values.get("bars"), last=bars)
    except InvalidBriefError as error:
        errors.append(error)
    if errors:
        raise InvalidBriefs(errors)
    return Edit(keep=keep, bars=span)


def _read_kept(value: object, *, instruments: tuple[str, ...]) -> tuple[str, ...]:
    remedy = "Name the parts to keep; at least one part must be left to write anew."
    words = list_words("keep", value, remedy=remedy) if value is not None else []
    unknown = [word for word in words if word not in instruments]
    if unknown:
        raise refuse_value("keep", unknown[0], "No such part plays here.", allowed=instruments)
    if len(set(words)) == len(instruments):
        raise refuse_value("keep", ", ".join(instruments), remedy)
    return tuple(slug for slug in instruments if slug in words)


def _read_bars(value: object, *, last: int) -> tuple[int, int] | None:
    if value in (None, "", []):
        return None
    remedy = f"Give the first and the last bar, from 1 to {last}, for example 5-8; leave it empty for the whole part."
    words = list_words("bars", value.replace("-", " ") if isinstance(value, str) else value, remedy=remedy)
    if len(words) not in (1, 2):
        raise refuse_value("bars", value, remedy)
    first, final = (read_number("bars", word, unit="", limits=(1, last)) for word in (words[0], words[-1]))
    if first != int(first) or final != int(final) or first > final:
        raise refuse_value("bars", value, remedy)
    return int(first), int(final)


def edit_part(
    brief: Brief,
    origin: Piece,
    edit: Edit,
    *,
    instrument: str,
    lead: Part | None,
    on_progress: Callable[[float], None] | None = None,
) -> PartResult:
    """One part that the edit does not keep, as it goes into the piece. `brief.seed` decides which of all versions."""
    before = next(part for part in origin.parts if part.instrument == instrument)
    heard = lead if before.role != Role.LEAD else None
    if edit.span is None:
        plan = origin.plan
        result = compose_part(
            brief, plan, instrument=instrument, role=Role(before.role), lead=heard, on_progress=on_progress
        )
        (thinned,) = thin_parts([result.part], plan=plan)
        (part,) = strike_hits([swing_part(thinned, plan=plan)], plan=plan)
        return replace(result, part=part)
    result = revise_part(
        brief,
        origin.plan,
        part=before,
        lead=heard,
        bars=edit.span,
        take=str(brief.seed),
        on_progress=on_progress,
    )
    swung = _swing_within(result.part, plan=origin.plan, span=edit.span)
    return replace(result, part=_strike_within(swung, plan=origin.plan, span=edit.span))


def edit_piece(brief: Brief, origin: Piece, edit: Edit) -> Piece:
    """The edited piece in one process: the lead first, if it is written anew, then the others."""
    lead = origin.lead
    fresh: list[Part] = []
    todo = [part for part in origin.parts if part.instrument not in edit.keep]
    for part in sorted(todo, key=lambda part: part.role != Role.LEAD):
        written = edit_part(brief, origin, edit, instrument=part.instrument, lead=lead).part
        lead = written if part.role == Role.LEAD else lead
        fresh.append(written)
    return assemble_edit(brief, origin, fresh)


def _swing_within(part: Part, *, plan: Plan, span: tuple[int, int]) -> Part:
    """The bars written anew in the swing of the rest, which stays to the note."""
    start, stop = (bar * plan.metre.bar_ticks for bar in span)
    fresh = swing_part(replace(part, notes=part.between(start, stop)), plan=plan)
    return replace(part, notes=(*part.between(0, start), *fresh.notes, *part.between(stop, plan.length)))


def _strike_within(part: Part, *, plan: Plan, span: tuple[int, int]) -> Part:
    """Hits that lie in the bars written anew; those outside were struck before, and what stands there stays."""
    start, stop = (bar * plan.metre.bar_ticks for bar in span)
    inside = tuple(hit for hit in plan.hits if start <= snap_onset(round(hit)) < stop)
    (struck,) = strike_hits([part], plan=replace(plan, hits=inside))
    return replace(part, notes=(*part.between(0, start), *(note for note in struck.notes if note.onset >= start)))
