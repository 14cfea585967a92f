"""Composing one part: segment by segment, sixteen candidates each, the critic's best kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.engine.brief import Brief
from generator.engine.composing.borrowing import FAVOURITES, MOST_BARS, MOST_DRAWS, measure_borrowing, measure_phrase
from generator.engine.composing.codec import decode_part, encode_part
from generator.engine.composing.critic import Listening, explain_scores, find_density_lean, rate_notes
from generator.engine.composing.dynamics import shape_loudness
from generator.engine.composing.finishing import finish_part
from generator.engine.composing.melody import is_melody_enough, take_melody
from generator.engine.composing.registers import is_above_a_bass, lift_line
from generator.engine.composing.restating import is_restated, restate_notes
from generator.engine.composing.resting import begin_plan_at, find_entry, move_part
from generator.engine.composing.segments import Segment, divide_plan
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part
from generator.engine.styles import STYLES

if TYPE_CHECKING:
    from generator.engine.network.store import InstrumentModel

CANDIDATES = 16


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

    def to_json(self) -> dict[str, Any]:
        return {
            "part": encode_part(self.part),
            "scores": self.scores,
            "explanation": self.explanation,
            "candidates": self.candidates,
            "digest": self.digest,
            "borrowed_bars": self.borrowed_bars,
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
    lead: Part | None,
    network: str = "lstm",
    on_progress: Callable[[float], None] | None = None,
) -> PartResult:
    """Let an instrument's network write its part over the plan, listening to the lead if it is not the lead itself.

    The same brief, plan, lead and checkpoint give the same part. `network` "none" leaves the grammar alone.
    `on_progress` gets shares from 0.0 to 1.0. Raises ModelError when the instrument's checkpoint is missing or altered.
    """
    from generator.engine.network.sampling import load_grammar, load_model

    entry = find_entry(brief, plan, role=Role(role))
    writer = _Writer(
        brief=brief,
        plan=begin_plan_at(plan, tick=entry),
        instrument=instrument,
        role=Role(role),
        lead=move_part(lead, ticks=-entry) if lead else None,
    )
    model = load_grammar(instrument) if network == "none" else load_model(instrument)
    report = on_progress or (lambda share: None)
    result = writer.compose(model=model, report=report)
    return replace(result, part=move_part(result.part, ticks=entry))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """One part under way, in ticks from its entry."""

    brief: Brief
    plan: Plan
    instrument: str
    role: Role
    lead: Part | None

    @property
    def segments(self) -> tuple[Segment, ...]:
        return divide_plan(self.plan)

    @property
    def sampled_plan(self) -> Plan:
        """The plan under the style label that the instrument's network knows."""
        return replace(self.plan, style=STYLES[self.plan.style].network_label(self.instrument))

    def compose(self, *, model: "InstrumentModel", report: Callable[[float], None]) -> PartResult:
        """A lead that borrows too much when it is finished is drawn again as a whole; the least borrowed one stays."""
        results = []
        for draw in range(MOST_DRAWS if self.role is Role.LEAD else 1):
            results.append(self._compose_once(model=model, report=report, draw=draw))
            if results[-1].borrowed_bars <= MOST_BARS:
                return results[-1]
        return min(results, key=lambda result: result.borrowed_bars)

    def _compose_once(self, *, model: "InstrumentModel", report: Callable[[float], None], draw: int) -> PartResult:
        notes: tuple[Note, ...] = ()
        likelihoods: list[tuple[float, int]] = []
        report(0.0)
        for segment in self.segments:
            written, likelihood = self.write(segment, history=notes, model=model, draw=draw)
            notes += written
            if likelihood is not None:
                likelihoods.append((likelihood, len(written)))
            report(segment.stop / self.plan.length)
        return self.finish(notes, likelihood=_average(likelihoods), digest=model.digest)

    def write(
        self, segment: Segment, *, history: tuple[Note, ...], model: "InstrumentModel", draw: int = 0
    ) -> tuple[tuple[Note, ...], float | None]:
        """The notes of one segment and, if they are new, their likelihood in nats per note."""
        if is_restated(segment, plan=self.plan, role=self.role):
            restated = restate_notes(history, segment=segment, plan=self.plan)
            if restated:
                return restated, None
        return self._choose(segment, history=history, model=model, draw=draw)

    def _choose(
        self, segment: Segment, *, history: tuple[Note, ...], model: "InstrumentModel", draw: int
    ) -> tuple[tuple[Note, ...], float]:
        """The critic's first choice that borrows little: of a lead out of further batches if need be, of what follows
        it among the favourites. Drums borrow less than people do by themselves."""

        def borrow(candidate: tuple[tuple[Note, ...], float]) -> float:
            return measure_phrase(candidate[0], history=history, start=segment.start, plan=self.plan)

        if self.role is not Role.LEAD:
            drawn = self._draw(segment, history=history, model=model, draw=draw)
            asked = FAVOURITES if self.role is not Role.RHYTHM else 0
            return next((each for each in drawn[:asked] if borrow(each) <= MOST_BARS), drawn[0])
        heard: list[tuple[float, tuple[tuple[Note, ...], float]]] = []
        for batch in range(MOST_DRAWS):
            for candidate in self._draw(segment, history=history, model=model, draw=draw * MOST_DRAWS + batch):
                bars = borrow(candidate)
                if bars <= MOST_BARS:
                    return candidate
                heard.append((bars, candidate))
        return min(heard, key=lambda each: each[0])[1]

    def _draw(
        self, segment: Segment, *, history: tuple[Note, ...], model: "InstrumentModel", draw: int
    ) -> list[tuple[tuple[Note, ...], float]]:
        """A batch of candidates with their likelihoods, the critic's favourite first."""
        from generator.engine.network.sampling import sample_notes

        listening = self._listen(segment.start, segment.stop)
        candidates = sample_notes(
            model,
            plan=self.sampled_plan,
            role=self.role,
            lead=self.lead,
            start=segment.start,
            stop=segment.stop,
            history=history,
            seed=self.brief.seed,
            stream=f"{self.instrument}/{segment.start}" + (f"/{draw}" if draw else ""),
            candidates=CANDIDATES,
            density=find_density_lean(listening),
        )
        heard = [
            (tuple(candidate.notes), candidate.log_likelihood / max(len(candidate.notes), 1))
            for candidate in candidates
        ]
        totals = [rate_notes(notes, listening=listening, likelihood=nats)["total"] for notes, nats in heard]
        order = sorted(range(len(heard)), key=lambda place: -totals[place])  # stable: of equals the first drawn
        return [heard[place] for place in order]

    def finish(self, notes: Sequence[Note], *, likelihood: float, digest: str) -> PartResult:
        if is_melody_enough(self.brief, instrument=self.instrument, role=self.role):
            notes = take_melody(notes)
        if is_above_a_bass(self.brief, instrument=self.instrument, role=self.role):
            notes = lift_line(notes, plan=self.plan, instrument=self.instrument)
        shaped = shape_loudness(notes, plan=self.plan)
        closed = finish_part(shaped, plan=self.plan, instrument=self.instrument, role=self.role)
        part = Part(instrument=self.instrument, role=self.role, notes=closed)
        scores = rate_notes(part.notes, listening=self._listen(0, self.plan.length), likelihood=likelihood)
        sentence = explain_scores(scores, candidates=CANDIDATES)
        borrowed = measure_borrowing(part.notes, plan=self.plan) if self.role is Role.LEAD else 0.0
        return PartResult(
            part=part,
            scores=scores,
            explanation=sentence,
            candidates=CANDIDATES,
            digest=digest,
            borrowed_bars=round(borrowed, 3),
        )

    def _listen(self, start: int, stop: int) -> Listening:
        return Listening(
            plan=self.plan, instrument=self.instrument, role=self.role, lead=self.lead, start=start, stop=stop
        )


def _average(likelihoods: Sequence[tuple[float, int]]) -> float:
    """Mean nats per note over segments of so many notes."""
    total = sum(count for _, count in likelihoods)
    return sum(value * count for value, count in likelihoods) / total if total else 0.0
