"""Composing one part: segment by segment, sixteen candidates each, the critic's best kept."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from generator.engine.brief import Brief
from generator.engine.composing.borrowing import MOST_BARS, MOST_DRAWS, measure_borrowing
from generator.engine.composing.breathing import WINDS, find_settled, take_breaths
from generator.engine.composing.bridging import bridge_silence, fill_pauses
from generator.engine.composing.chorale import choose_choir, is_chorale, set_chorale
from generator.engine.composing.codec import decode_part, encode_part
from generator.engine.composing.comping import comp_chords, is_comped
from generator.engine.composing.critic import rate_notes
from generator.engine.composing.dynamics import shape_loudness
from generator.engine.composing.explaining import explain_scores
from generator.engine.composing.extending import extend_chords, is_extended
from generator.engine.composing.finishing import find_closing, finish_part
from generator.engine.composing.habits import SOLO
from generator.engine.composing.hearing import FAR, LeadChangedError, UnfinishedLead, attend, find_horizon
from generator.engine.composing.melody import is_melody_enough, take_melody
from generator.engine.composing.phrase_ends import hold_ends, is_sung
from generator.engine.composing.registers import is_above_a_bass, lift_line
from generator.engine.composing.resting import begin_plan_at, find_entry, move_part
from generator.engine.composing.roles import LISTENING
from generator.engine.composing.smoothing import smooth_line
from generator.engine.composing.spacing import space_chords
from generator.engine.composing.steadying import steady_strokes
from generator.engine.composing.walking import is_walking, walk_line
from generator.engine.composing.writing import CANDIDATES, Log, Writer
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part

Tell = Callable[[Part, int], None]
"""Gets a lead as far as it will stay, and the tick before which it does."""

__all__ = ["CANDIDATES", "PartResult", "compose_part", "revise_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """A finished part and how it came about."""

    part: Part
    scores: dict[str, float]
    """The critic's measures of the whole part, each 0 to 1, and their weighted mean as 'total'."""
    explanation: str
    candidates: int
    """Candidates per new segment."""
    digest: str
    """Of the checkpoint that wrote it."""
    borrowed_bars: float = 0.0
    """Of a lead: its longest stretch that stands in one training work."""
    foresight: str = ""
    """Digest of the weights that saw the bars after a gap; empty where none did."""

    def to_json(self) -> dict[str, Any]:
        return {
            "part": encode_part(self.part),
            "scores": self.scores,
            "explanation": self.explanation,
            "candidates": self.candidates,
            "digest": self.digest,
            "borrowed_bars": self.borrowed_bars,
            "foresight": self.foresight,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "PartResult":
        return cls(**{**data, "part": decode_part(data["part"])})


def compose_part(
    brief: Brief,
    plan: Plan,
    *,
    instrument: str,
    role: Role,
    lead: Part | UnfinishedLead | None,
    network: str = "lstm",
    on_progress: Callable[[float], None] | None = None,
    candidates: int = CANDIDATES,
) -> PartResult:
    """Let an instrument's network write its part over the plan, listening to the lead, or telling an unfinished lead
    how far it is if it is the lead itself.

    The same brief, plan, lead and checkpoint give the same part, whether the lead is finished before or meanwhile.
    `network` "none" leaves the grammar alone. `on_progress` gets shares from 0.0 to 1.0. Raises ModelError when the
    instrument's checkpoint is missing or altered.
    """
    from generator.engine.network.sampling import load_grammar, load_model

    entry = find_entry(brief, plan, role=Role(role))
    writer = Writer(
        brief=brief,
        plan=begin_plan_at(plan, tick=entry),
        instrument=instrument,
        role=Role(role),
        hear=attend(None),
        model=load_grammar(instrument) if network == "none" else load_model(instrument),
        candidates=candidates,
    )
    report = on_progress or (lambda share: None)
    if writer.role is Role.LEAD:
        result = _compose_freely(writer, report=report, tell=_find_audience(lead, entry=entry))
    else:
        result = _compose_beside(writer, lead if writer.role in LISTENING else None, entry=entry, report=report)
    return replace(result, part=move_part(result.part, ticks=entry))


def _find_audience(lead: Part | UnfinishedLead | None, *, entry: int) -> Tell | None:
    """None where nobody listens while the lead is written: what it would be told costs a twentieth of the lead."""
    if not isinstance(lead, UnfinishedLead):
        return None

    def tell(part: Part, until: int) -> None:
        lead.settle(move_part(part, ticks=entry), until=until + entry)

    return tell


def _compose_freely(writer: Writer, *, report: Callable[[float], None], tell: Tell | None) -> PartResult:
    """A lead that borrows too much when it is finished is drawn again as a whole; the least borrowed one stays."""
    results: list[PartResult] = []
    while len(results) < MOST_DRAWS and not (results and results[-1].borrowed_bars <= MOST_BARS):
        results.append(_compose_once(replace(writer, draw=len(results)), report=report, tell=tell))
    kept = min(results, key=lambda result: result.borrowed_bars)
    if tell is not None:
        tell(kept.part, FAR)
    return kept


def _compose_beside(
    writer: Writer, lead: Part | UnfinishedLead | None, *, entry: int, report: Callable[[float], None]
) -> PartResult:
    """Begun anew whenever the lead goes another way than it was heard."""
    while True:
        with suppress(LeadChangedError):
            return _compose_once(replace(writer, hear=attend(lead, entry=entry)), report=report)


def _compose_once(writer: Writer, *, report: Callable[[float], None], tell: Tell | None = None) -> PartResult:
    notes: tuple[Note, ...] = ()
    log = Log()
    report(0.0)
    for segment in writer.segments:
        notes += writer.write(segment, history=notes, log=log)
        if tell is not None:
            until = find_settled(writer.plan, until=segment.stop) if _breathes(writer) else segment.stop
            _tell_settled(_shape(writer, notes, until=segment.stop), plan=writer.plan, until=until, tell=tell)
        report(segment.stop / writer.plan.length)
    return _finish(writer, notes, log=log)


def _tell_settled(part: Part, *, plan: Plan, until: int, tell: Tell) -> None:
    """What of a lead that is written up to `until`, finished as if it were whole, will stay: the closing chord, which
    hangs on all before it, comes last."""
    stop = min(until, find_closing(plan))
    settled = replace(part, notes=part.between(0, stop))
    tell(settled, find_horizon(settled))


def revise_part(
    brief: Brief,
    plan: Plan,
    *,
    part: Part,
    lead: Part | None,
    bars: tuple[int, int],
    take: str,
    on_progress: Callable[[float], None] | None = None,
) -> PartResult:
    """The part with the bars [first, past the last) written anew between what stands before and after them, which stays
    as it is. `take` names the random stream: another name, another version. Raises ModelError."""
    from generator.engine.network.foresight import read_foresight
    from generator.engine.network.sampling import load_model

    model = load_model(part.instrument)
    writer = Writer(
        brief=brief,
        plan=plan,
        instrument=part.instrument,
        role=Role(part.role),
        hear=attend(lead if Role(part.role) in LISTENING else None),
        model=model,
        foresight=read_foresight(model),
        stream=f"/{take}",
    )
    start, stop = bars[0] * plan.metre.bar_ticks, min(bars[1] * plan.metre.bar_ticks, plan.length)
    before = tuple(note for note in part.notes if note.onset < start)
    after = tuple(note for note in part.notes if note.onset >= stop)
    log = Log()
    gap = writer.write_gap(start, stop, history=before, following=after, log=log)
    result = _finish(writer, gap, log=log, around=(before, after), span=(start, stop))
    (on_progress or (lambda share: None))(1.0)
    return result


def _finish(
    writer: Writer,
    notes: Sequence[Note],
    *,
    log: Log,
    around: tuple[tuple[Note, ...], tuple[Note, ...]] = ((), ()),
    span: tuple[int, int] | None = None,
) -> PartResult:
    """The part, judged as a whole."""
    part = _shape(writer, notes, around=around, span=span)
    plan, after = writer.plan, around[1]
    listening = writer.listen(0, plan.length)
    scores = rate_notes(part.notes, listening=listening, likelihood=log.likelihood)
    scores["margin"] = round(log.margin, 4)
    borrowed = measure_borrowing(part.notes, plan=plan) if writer.role is Role.LEAD else 0.0
    return PartResult(
        part=part,
        scores=scores,
        explanation=explain_scores(scores, listening=listening, candidates=writer.candidates),
        candidates=writer.candidates,
        digest=writer.model.digest,
        borrowed_bars=round(borrowed, 3),
        foresight=writer.foresight.digest if writer.foresight and after else "",
    )


def _shape(
    writer: Writer,
    notes: Sequence[Note],
    *,
    around: tuple[tuple[Note, ...], tuple[Note, ...]] = ((), ()),
    span: tuple[int, int] | None = None,
    until: int | None = None,
) -> Part:
    """New notes, written up to `until` or to their end, made playable and shaped, and joined with what stands around
    them."""
    plan, instrument, role = writer.plan, writer.instrument, writer.role
    if is_melody_enough(writer.brief, instrument=instrument, role=role):
        notes = take_melody(notes)
    if is_above_a_bass(writer.brief, instrument=instrument, role=role):
        notes = lift_line(notes, plan=plan, instrument=instrument)
    start, stop = span or (0, plan.length)
    notes = _play_idiom(writer, notes, span=(start, stop))
    if role is Role.BASS:
        notes = smooth_line(notes, plan=plan, instrument=instrument)
    if role is Role.RHYTHM:
        notes = steady_strokes(notes, plan=plan, stop=stop)
    else:
        notes = space_chords(notes, plan=plan)
        until_close = min(stop, find_closing(plan))
        notes = bridge_silence(notes, plan=plan, instrument=instrument, start=start, stop=until_close)
        if len(writer.brief.instruments) == 1 and not writer.brief.motif:
            notes = fill_pauses(notes, plan=plan, instrument=instrument, start=start, stop=until_close)
    if _breathes(writer):
        written = stop if until is None else until
        notes = take_breaths(
            notes, plan=plan, instrument=instrument, start=start, stop=min(written, find_closing(plan))
        )
    shaped = shape_loudness(notes, plan=plan)
    before, after = around
    whole = [*before, *shaped, *after]
    closed = tuple(whole) if after else finish_part(whole, plan=plan, instrument=instrument, role=role)
    return Part(instrument=instrument, role=role, notes=closed)


def _breathes(writer: Writer) -> bool:
    """A motif is heard as it was given."""
    return writer.instrument in WINDS and not writer.brief.motif


def _play_idiom(writer: Writer, notes: Sequence[Note], *, span: tuple[int, int]) -> Sequence[Note]:
    """What the network wrote in [start, stop), as players of the style would play it."""
    plan, instrument, role = writer.plan, writer.instrument, writer.role
    start, stop = span
    lead = writer.hear(plan.length).lead
    carries_tune = writer.manner == SOLO and not is_melody_enough(writer.brief, instrument=instrument, role=role)
    sings = role is Role.HARMONY and choose_choir(writer.brief) == instrument
    if is_chorale(plan, instrument=instrument) and (sings or carries_tune):
        return set_chorale(
            notes,
            plan=plan,
            instrument=instrument,
            lead=lead.notes if lead else None,
            start=start,
            stop=stop,
            draw=writer.brief.draw(f"chorale/{instrument}{writer.stream}"),
            carries_tune=carries_tune,
        )
    if is_sung(plan) and role is not Role.RHYTHM and not writer.brief.motif:
        return hold_ends(notes, plan=plan, start=start, stop=stop)
    if is_walking(plan, role=role):
        return walk_line(notes, plan=plan, instrument=instrument, start=start, stop=stop)
    if is_comped(plan, role=role, instrument=instrument):
        draw = writer.brief.draw(f"comping/{instrument}{writer.stream}")
        return comp_chords(notes, plan=plan, instrument=instrument, start=start, stop=stop, draw=draw)
    if is_extended(plan, role=role, instrument=instrument):
        draw = writer.brief.draw(f"extending/{instrument}")
        return extend_chords(notes, plan=plan, lead=lead.notes if lead else (), start=start, stop=stop, draw=draw)
    return notes
