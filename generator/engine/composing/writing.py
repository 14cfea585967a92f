"""Writing a part stretch by stretch: sixteen ways to go on, the critic's best kept, motifs and repeats put in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from generator.engine.brief import Brief
from generator.engine.composing.borrowing import FAVOURITES, MOST_BARS, MOST_DRAWS, measure_phrase
from generator.engine.composing.critic import Listening, choose_model, find_density_lean, measure_owed, rate_notes
from generator.engine.composing.development import CYCLE, Statement, write_statement
from generator.engine.composing.habits import HOMES, SOLO, find_drive, find_manner
from generator.engine.composing.hearing import Ear
from generator.engine.composing.ranking import level_ranks
from generator.engine.composing.restating import is_restated, restate_notes
from generator.engine.composing.segments import Segment, divide_plan
from generator.engine.composing.statements import place_statements
from generator.engine.composing.traits import Traits
from generator.engine.controls.motif import measure_motif
from generator.engine.plan import Plan, Role
from generator.engine.score import TICKS_PER_QUARTER, Note
from generator.engine.styles import STYLES

if TYPE_CHECKING:
    from generator.engine.network.foresight import Foresight
    from generator.engine.network.sheet import Sheet
    from generator.engine.network.store import InstrumentModel

CANDIDATES = 16
_FOLLOWING_BARS = 2
"""Bars after a gap whose likelihood tells how well it leads there."""
_FOLLOWING_WEIGHT = 0.15
"""What a nat per following note is worth beside the critic's mean, which lies between 0 and 1."""

_FAVOURITES = 8
"""Candidates of a batch that are heard together with what follows."""

_COMING_BACK = {"piano": 0.9, "bass": 0.9, "strings": 0.15}
_MOSTLY_BACK = 0.6
"""Share of the stretches that could be restated in which an accompaniment is, by instrument and for all others: with it
their large form comes near to people's."""

_DEPARTING = 0.8
_OPENING_BARS = 2
"""Share of a lead's longer returns of which it plays the opening alone before it goes on anew, and how long that is."""

_TENOR = 48
"""The C from which chords under a solo's motif are built."""


@dataclass(slots=True)
class Log:
    """What the choice heard: nats per note and notes of each stretch chosen, and the means of those not chosen."""

    likelihoods: list[tuple[float, int]] = field(default_factory=list)
    margins: list[float] = field(default_factory=list)
    """By how much the best total exceeds the mean of its batch, per stretch."""
    owed: Traits = field(default_factory=dict)
    """How far the stretches so far fell short of their models, by trait."""

    @property
    def likelihood(self) -> float:
        """Mean nats per note."""
        total = sum(count for _, count in self.likelihoods)
        return sum(value * count for value, count in self.likelihoods) / total if total else 0.0

    @property
    def margin(self) -> float:
        return sum(self.margins) / len(self.margins) if self.margins else 0.0


@dataclass(frozen=True, slots=True)
class _Choice:
    """One candidate: its notes, its nats per note, and how far its total lies above the mean of its batch."""

    notes: tuple[Note, ...]
    likelihood: float
    margin: float
    listening: Listening

    def note_down(self, log: Log) -> tuple[Note, ...]:
        log.owed = measure_owed(self.notes, listening=self.listening, owed=log.owed)
        log.likelihoods.append((self.likelihood, len(self.notes)))
        log.margins.append(self.margin)
        return self.notes


@dataclass(frozen=True, kw_only=True)
class Writer:
    """One part under way, in ticks from its entry."""

    brief: Brief
    plan: Plan
    instrument: str
    role: Role
    hear: Ear
    """The lead, where one is listened to."""
    model: "InstrumentModel"
    foresight: "Foresight | None" = None
    """What the network sees of the bars after a gap; for edits alone."""
    candidates: int = CANDIDATES
    stream: str = ""
    """Added to the names of the random streams, so that another take of the same bars is another one."""
    draw: int = 0
    """How often the whole part was drawn before."""

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return divide_plan(self.plan)

    @cached_property
    def _sheet(self) -> "Sheet":
        from generator.engine.network.sheet import open_sheet

        return open_sheet(self.model, plan=self.sampled_plan, role=self.role)

    def read_sheet(self, stop: int) -> "Sheet":
        """What the network reads of the plan and the lead, at least up to the end of the quarter of `stop`."""
        heard = self.hear(min(-(-stop // TICKS_PER_QUARTER) * TICKS_PER_QUARTER, self.plan.length))
        self._sheet.read_on(heard.lead, until=heard.until // TICKS_PER_QUARTER * TICKS_PER_QUARTER)
        return self._sheet

    @property
    def sampled_plan(self) -> Plan:
        """The plan under the style label that the instrument's network knows, with the energy that drives it."""
        drives = (find_drive(energy, plan=self.plan, instrument=self.instrument) for energy in self.plan.energies)
        label = STYLES[self.plan.style].network_label(self.instrument, role=self.role)
        return replace(self.plan, style=label, energies=tuple(drives))

    @property
    def manner(self) -> str:
        return find_manner(self.instrument, role=self.role)

    @cached_property
    def statements(self) -> list[int]:
        """Ticks at which the lead states the brief's motif."""
        if self.role is not Role.LEAD or not self.brief.motif:
            return []
        return place_statements(self.segments, plan=self.plan, ticks=measure_motif(self.brief.motif))

    def write(self, segment: Segment, *, history: tuple[Note, ...], log: Log) -> tuple[Note, ...]:
        """The notes of one segment."""
        if is_restated(segment, plan=self.plan, role=self.role) and self._comes_back(segment):
            stop = self._find_departure(segment)
            restated = restate_notes(history, segment=replace(segment, stop=stop))
            if restated:
                return restated + self._go_on(stop, segment.stop, history=history + restated, log=log)
        written: tuple[Note, ...] = ()
        at = segment.start
        for start in [tick for tick in self.statements if segment.start <= tick < segment.stop]:
            written += self._go_on(at, start, history=history + written, log=log)
            statement = self._state(start, stop=segment.stop)
            written, at = written + self._dress(statement), start + statement.ticks
        return written + self._go_on(at, segment.stop, history=history + written, log=log)

    def _comes_back(self, segment: Segment) -> bool:
        """Leads and drums come back wherever they can; the others accompany anew now and then."""
        luck = self.brief.draw(f"return/{self.instrument}/{segment.start}").random()
        return self.role in (Role.LEAD, Role.RHYTHM) or luck < _COMING_BACK.get(self.instrument, _MOSTLY_BACK)

    def _find_departure(self, segment: Segment) -> int:
        """Tick at which a lead that comes back goes another way, if it does: people's tunes seldom repeat at length.
        One that was given a motif repeats it all."""
        luck = self.brief.draw(f"departure/{self.instrument}/{segment.start}").random()
        opening = _OPENING_BARS * self.plan.metre.bar_ticks
        is_loyal = self.role is not Role.LEAD or bool(self.brief.motif) or luck >= _DEPARTING
        return segment.stop if is_loyal or segment.ticks <= opening else segment.start + opening

    def write_gap(
        self, start: int, stop: int, *, history: tuple[Note, ...], following: Sequence[Note], log: Log
    ) -> tuple[Note, ...]:
        """Notes for [start, stop) that go on from what stands before and lead to what stands after."""
        after = sorted(note for note in following if stop <= note.onset)
        return self._choose(start, stop, history=history, following=after, log=log)

    def _go_on(self, start: int, stop: int, *, history: tuple[Note, ...], log: Log) -> tuple[Note, ...]:
        return self._choose(start, stop, history=history, following=(), log=log) if start < stop else ()

    def _state(self, start: int, *, stop: int) -> Statement:
        later = [tick for tick in self.statements if tick > start]
        return write_statement(
            self.brief.motif,
            treatment=CYCLE[self.statements.index(start) % len(CYCLE)],
            start=start,
            room=min([stop, *later]) - start,
            plan=self.plan,
            instrument=self.instrument,
            home=HOMES[self.instrument, self.manner],
        )

    def _dress(self, statement: Statement) -> tuple[Note, ...]:
        """A solo that states the motif holds a chord below it."""
        if self.manner != SOLO:
            return statement.notes
        size, stop = self.plan.metre.chord_ticks, statement.start + statement.ticks
        lowest = min(note.pitch for note in statement.notes)
        below = [
            Note(max(tick, statement.start), _TENOR + tone, min(tick + size, stop) - max(tick, statement.start), 64)
            for tick in range(statement.start // size * size, stop, size)
            if (chord := self.plan.chord_at(tick)) is not None
            for tone in chord.pitch_classes[:3]
        ]
        return tuple(sorted([*statement.notes, *(note for note in below if note.pitch < lowest)]))

    def _choose(
        self, start: int, stop: int, *, history: tuple[Note, ...], following: Sequence[Note], log: Log
    ) -> tuple[Note, ...]:
        """The critic's first choice that borrows little: of a lead out of further batches if need be, of what follows
        it among the favourites. Drums borrow less than people do by themselves."""

        def draw(batch: int) -> list[_Choice]:
            place = self.draw * MOST_DRAWS + batch
            return self._draw(start, stop, history=history, following=following, draw=place, owed=log.owed)

        def borrow(choice: _Choice) -> float:
            return measure_phrase(choice.notes, history=history, start=start, plan=self.plan)

        if self.role is not Role.LEAD:
            drawn = draw(0)
            asked = FAVOURITES if self.role is not Role.RHYTHM else 0
            kept = next((each for each in drawn[:asked] if borrow(each) <= MOST_BARS), drawn[0])
            return kept.note_down(log)
        heard: list[tuple[float, _Choice]] = []
        for batch in range(MOST_DRAWS):
            for choice in draw(batch):
                heard.append((borrow(choice), choice))
                if heard[-1][0] <= MOST_BARS:
                    return choice.note_down(log)
        return min(heard, key=lambda each: each[0])[1].note_down(log)

    def _draw(
        self, start: int, stop: int, *, history: tuple[Note, ...], following: Sequence[Note], draw: int, owed: Traits
    ) -> "list[_Choice]":
        """A batch of candidates, the critic's favourite first."""
        from generator.engine.network.foresight import Ahead
        from generator.engine.network.sampling import sample_stretch

        stream = f"{self.instrument}/{start}" + (f"/{draw}" if draw else "") + self.stream
        listening = choose_model(self.listen(start, stop), draw=self.brief.draw(f"model/{stream}"), owed=owed)
        candidates = sample_stretch(
            self.read_sheet(stop),
            start=start,
            stop=stop,
            history=history,
            ahead=Ahead(self.foresight, tuple(following)) if self.foresight and following else None,
            seed=self.brief.seed,
            stream=stream,
            candidates=self.candidates,
            density=find_density_lean(listening),
        )
        likelihoods = [candidate.log_likelihood / max(len(candidate.notes), 1) for candidate in candidates]
        totals = [
            rate_notes(candidate.notes, listening=listening, likelihood=likelihood)["total"]
            for candidate, likelihood in zip(candidates, likelihoods, strict=True)
        ]
        ranks = self._lead_on(totals, [candidate.notes for candidate in candidates], history, following)
        ranks = level_ranks(ranks, role=self.role)
        mean = sum(totals) / len(totals)
        order = sorted(range(len(ranks)), key=lambda place: -ranks[place])  # stable: of equals the first drawn
        return [_Choice(tuple(candidates[at].notes), likelihoods[at], totals[at] - mean, listening) for at in order]

    def _lead_on(
        self,
        totals: Sequence[float],
        gaps: Sequence[Sequence[Note]],
        history: tuple[Note, ...],
        following: Sequence[Note],
    ) -> list[float]:
        """The critic's totals, and for its favourites what the network thinks of the bars that follow after them."""
        if not following:
            return list(totals)
        from generator.engine.network.scoring import score_following

        until = following[0].onset + _FOLLOWING_BARS * self.plan.metre.bar_ticks
        nearest = [note for note in following if note.onset < until]
        favourites = sorted(range(len(totals)), key=lambda place: -totals[place])[:_FAVOURITES]
        nats = score_following(
            self.model,
            plan=self.sampled_plan,
            role=self.role,
            lead=self.hear(self.plan.length).lead,
            openings=[[*history, *gaps[place]] for place in favourites],
            following=nearest,
        )
        per_note = {place: float(value) / len(nearest) for place, value in zip(favourites, nats, strict=True)}
        least = min(per_note.values())
        return [
            total + _FOLLOWING_WEIGHT * round(per_note.get(place, least - 1.0), 1) for place, total in enumerate(totals)
        ]

    def listen(self, start: int, stop: int) -> Listening:
        lead = self.hear(stop).lead
        return Listening(plan=self.plan, instrument=self.instrument, role=self.role, lead=lead, start=start, stop=stop)
