"""The critic: rates candidates for a stretch of a part, so that the best of a batch is kept.

Where more is not better it asks for what people do: see `people`. What a listener needs (no hole, no endless note, the
right register, room for the lead) it asks for as such.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from generator.engine.composing.habits import HOMES, find_density, find_drive, find_manner, find_target_density
from generator.engine.composing.leanings import lean_model
from generator.engine.composing.people import People, find_people
from generator.engine.composing.traits import Traits, measure_traits
from generator.engine.metrics import (
    count_notes_per_bar,
    find_longest_run,
    find_longest_silence,
    list_beats,
    list_silent_bars,
    list_top_line,
    measure_downbeats,
    measure_fill,
    measure_foundation,
    measure_likeness_of_rhythm,
    measure_phrasing,
    measure_pulse,
    measure_room,
    measure_roots,
)
from generator.engine.moods import MOODS
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part
from generator.engine.styles import STYLES

_ALL = {"likelihood": 0.3, "silence": 1.5, "breath": 1.5, "repetition": 2.5}
_PLAYING = {
    "chord_tones": 2.5,
    "foreign": 1.0,
    "chromatic": 5.0,
    "steps": 0.8,
    "repeats": 0.6,
    "range": 0.6,
    "rhythm": 0.7,
    "length": 0.8,
    "variety": 0.5,
    "echo": 1.0,
    "busyness": 1.4,
    "presence": 1.0,
    "register": 1.2,
}
_FOLLOWING = _ALL | _PLAYING | {"chord_tones": 4.0, "chromatic": 6.0, "consonance": 8.0, "rhythm": 1.4, "leaps": 0.8}
_TEXTURE = {"fullness": 2.5, "leaps": 1.5, "repeats": 1.5, "contrast": 0.8, "echo": 1.8}
WEIGHTS: dict[str, dict[str, float]] = {
    "lead": _ALL | _PLAYING | {"breath": 3.0, "phrasing": 1.0},
    "solo": _ALL | _PLAYING | _TEXTURE | {"phrasing": 0.4, "foundation": 1.0},
    "counter": _FOLLOWING | {"room": 0.8},
    "harmony": _FOLLOWING | _TEXTURE | {"consonance": 5.5, "room": 0.8, "foundation": 0.8},
    "bass": _FOLLOWING | {"roots": 1.5},
    "rhythm": {
        "likelihood": 0.3,
        "density": 1.0,
        "silence": 2.0,
        "rhythm": 1.0,
        "fill": 1.4,
        "pulse": 2.0,
        "downbeats": 1.2,
    },
}
"""What matters for each manner; every measure lies between 0 and 1, 1 is best. Traits are rated by how near they come
to those of people."""

_LONGEST_RUN = {"lead": 3, "solo": 3, "counter": 4, "harmony": 6, "bass": 5}
_TOLERANCE = 2.5
"""Standard deviations of people's phrases from its model at which a trait is rated 0."""

_RATES = frozenset(
    {"chord_tones", "consonance", "foreign", "chromatic", "steps", "repeats", "rhythm", "presence", "echo", "leaps"}
)
"""Traits that are stored as they are; the others as rated."""

_KICKS = frozenset({35, 36})
_LONGEST_BREATH = 0.75
"""Bars for which a part may rest; from one and a half on it is rated 0."""

_ROOTS = (0.7, 1.0)
"""Share of the chords whose root the bass has where they begin: what holds a piece together."""

_FILL = (0.45, 0.85)
"""How much the last bar of a section differs from the one before it."""

_PULSE, _DOWNBEATS = (0.8, 1.0), (0.5, 1.0)
"""Shares of the beats that have a stroke and of the bars that begin with the bass drum: from what three in four and two
in three drummers reach. Who asks for all of them gets drumming that is squarer than people's."""

_DRUM_RHYTHM = (0.5, 0.95)
"""Likeness of one bar's rhythm to the next: first and last decile of drummers."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """What candidates for one stretch are heard against."""

    plan: Plan
    instrument: str
    role: Role
    lead: Part | None
    start: int
    stop: int
    model: Traits | None = None
    """A phrase of people's to come near to; None: their mean."""

    @cached_property
    def manner(self) -> str:
        return find_manner(self.instrument, role=self.role)

    @cached_property
    def heard(self) -> list[Note]:
        """The lead's notes that sound in the stretch."""
        notes = self.lead.notes if self.lead else ()
        return [note for note in notes if note.end > self.start and note.onset < self.stop]

    @cached_property
    def usual(self) -> float:
        """Notes per bar that are asked for."""
        return find_target_density(
            self.plan, instrument=self.instrument, role=self.role, start=self.start, stop=self.stop
        )

    @cached_property
    def people(self) -> People:
        """Those of the corpus that the style names for the instrument; a style without a corpus of its own leans on
        all."""
        style = STYLES.get(self.plan.style)
        label = style.network_label(self.instrument, role=self.role) if style else ""
        is_named = style is not None and (self.instrument in style.labels or label == style.slug)
        return find_people(self.instrument, manner=self.manner, label=label if is_named else "")


def choose_model(listening: Listening, *, draw: Random, owed: Traits | None = None) -> Listening:
    """The same with a phrase of people's as its model, of about the energy asked for. Drummers have none.
    What the brief says of energy and density is not left to the phrase; what earlier stretches `owed` to their models
    is asked for again, so that a whole part comes as near to people as its phrases differ."""
    if listening.role is Role.RHYTHM:
        return listening
    size = listening.plan.metre.bar_ticks
    energies = listening.plan.energies[listening.start // size : -(-listening.stop // size)] or (0.5,)
    energy = find_drive(sum(energies) / len(energies), plan=listening.plan, instrument=listening.instrument)
    people = listening.people
    model = people.draw_model(energy=energy, draw=draw)
    model = lean_model(model, instrument=listening.instrument, manner=listening.manner)
    model |= {name: model[name] + debt for name, debt in (owed or {}).items()}
    is_asked = listening.plan.is_drawn or listening.plan.density != 1.0
    return replace(listening, model=model | {"busyness": 0.0} if is_asked else model)


def measure_owed(notes: Sequence[Note], *, listening: Listening, owed: Traits) -> Traits:
    """What a part owes to its models after these notes: by trait, at most a standard deviation of people's phrases."""
    if listening.model is None or not notes:
        return owed
    traits, found = _measure_traits(notes, listening=listening), dict(owed)
    for name, value in traits.items():
        if not math.isnan(value):
            most = listening.people.judged_spreads[name]
            found[name] = min(max(listening.model[name] - value, -most), most)
    return found


def rate_notes(notes: Sequence[Note], *, listening: Listening, likelihood: float) -> dict[str, float]:
    """Every measure of the role, and the weighted mean of their ratings as 'total'. `likelihood` is in nats per
    note."""
    rated = _rate(notes, listening=listening) | {"likelihood": _rate_likelihood(likelihood)}
    shown = dict(rated)
    if listening.role is not Role.RHYTHM:
        traits = _measure_traits(notes, listening=listening)
        rated |= _rate_traits(traits, listening=listening)
        shown = rated | {name: traits[name] for name in _RATES if not math.isnan(traits[name])}
    weights = {name: weight for name, weight in WEIGHTS[listening.manner].items() if name in rated}
    total = sum(weight * rated[name] for name, weight in weights.items()) / sum(weights.values())
    return {name: round(shown[name], 4) for name in weights} | {"total": round(total, 4)}


def _measure_traits(notes: Sequence[Note], *, listening: Listening) -> Traits:
    return measure_traits(
        notes,
        plan=listening.plan,
        lead=listening.heard or None,
        start=listening.start,
        stop=listening.stop,
        usual=listening.usual,
    )


def _rate_traits(traits: Traits, *, listening: Listening) -> Traits:
    """1 where a trait is that of the model, 0 from `_TOLERANCE` standard deviations on; none where there is nothing to
    judge. No notes at all are no playing."""
    model, spreads = listening.model or listening.people.usual, listening.people.judged_spreads
    if math.isnan(traits["presence"]):
        return dict.fromkeys(traits, 0.0)
    return {
        name: max(0.0, 1.0 - abs(value - model[name]) / (_TOLERANCE * spreads[name]))
        for name, value in traits.items()
        if not math.isnan(value)
    }


def find_density_lean(listening: Listening) -> float:
    """What the sampler is asked: 0 for few notes, 1 for many, 0.5 to leave the network alone."""
    plan = listening.plan
    asked = find_density(plan, instrument=listening.instrument) / plan.density
    lean = min(0.5 + 0.9 * math.log(asked), _BUSIEST) + 0.7 * math.log(plan.density)
    if plan.is_drawn:
        size = plan.metre.bar_ticks
        energies = plan.energies[listening.start // size : max(-(-listening.stop // size), 1)]
        lean += _DRAWN_LEAN * (sum(energies) / max(len(energies), 1) - 0.5)
    return min(max(lean, 0.0), 1.0)


_BUSIEST = 0.78
"""The farthest that style and mood lean together: beyond it parts run on without an accent."""
_DRAWN_LEAN = 0.8
"""How much a drawn energy of 0 or 1 moves the lean against its half."""


def _rate(notes: Sequence[Note], *, listening: Listening) -> dict[str, float]:
    """What a listener needs whatever people do."""
    plan, start, stop = listening.plan, listening.start, listening.stop
    bars = max((stop - start) / plan.metre.bar_ticks, 1.0)
    found = {
        "silence": 1.0 - len(list_silent_bars(notes, plan=plan, start=start, stop=stop)) / bars,
        "breath": _rate_silence(notes, listening=listening),
    }
    if listening.role is Role.RHYTHM:
        likeness = measure_likeness_of_rhythm(notes, metre=plan.metre, start=start, stop=stop)
        return found | {
            "density": _rate_density(notes, listening=listening),
            "rhythm": _rate_between(likeness, *_DRUM_RHYTHM),
            "fill": _rate_between(measure_fill(notes, metre=plan.metre, stop=stop), *_FILL),
            "pulse": _rate_between(measure_pulse(notes, metre=plan.metre, start=start, stop=stop), *_PULSE),
            "downbeats": _rate_between(
                measure_downbeats(notes, metre=plan.metre, keys=_KICKS, start=start, stop=stop), *_DOWNBEATS
            ),
        }
    ticks = list_beats(plan.metre, start=start, stop=stop)
    measures: dict[str, Callable[[], float]] = {
        "repetition": lambda: min(1.0, _LONGEST_RUN[listening.manner] / max(find_longest_run(notes), 1)),
        "register": lambda: _rate_register(notes, listening=listening),
        "foundation": lambda: measure_foundation(notes, plan=plan, start=start, stop=stop),
        "room": lambda: measure_room(notes, listening.heard, ticks=ticks),
        "roots": lambda: _rate_between(measure_roots(notes, plan=plan, start=start, stop=stop), *_ROOTS),
        "phrasing": lambda: measure_phrasing(notes, metre=plan.metre, start=start, stop=stop),
    }
    return found | {name: measure() for name, measure in measures.items() if name in WEIGHTS[listening.manner]}


def _rate_silence(notes: Sequence[Note], *, listening: Listening) -> float:
    """1 where no rest is longer than a breath."""
    silence = find_longest_silence(notes, start=listening.start, stop=listening.stop)
    return max(0.0, 1.0 - max(silence / listening.plan.metre.bar_ticks - _LONGEST_BREATH, 0.0) / _LONGEST_BREATH)


def _rate_likelihood(nats_per_note: float) -> float:
    """1 for certainty, 0 from 8 nats per note. In steps of a tenth of a nat: kernels of other processors differ in the
    last digits, which must not change the choice."""
    return max(0.0, 1.0 + round(nats_per_note, 1) / 8.0)


def _rate_density(notes: Sequence[Note], *, listening: Listening) -> float:
    """1 at the target, falling by the ratio either way."""
    plan, start, stop = listening.plan, listening.start, listening.stop
    found = count_notes_per_bar(notes, metre=plan.metre, start=start, stop=stop)
    target = listening.usual
    return max(0.0, 1.0 - 0.7 * abs(math.log(found / target))) if found else 0.0


def _rate_register(notes: Sequence[Note], *, listening: Listening) -> float:
    """1 where the line lies where such parts do; the mood moves the lead."""
    tops = list_top_line(notes)
    if not tops:
        return 0.0
    home = HOMES[listening.instrument, listening.manner]
    mood = MOODS[listening.plan.mood].register if listening.role is Role.LEAD else 0
    middle = sum(tops) / len(tops) + listening.plan.key.shift
    return max(0.0, 1.0 - max(abs(middle - home - mood) - 3.0, 0.0) / 9.0)


def _rate_between(value: float, low: float, high: float) -> float:
    """1 between the limits, falling linearly to 0 at 0 and at as far above `high` as `low` is from 0."""
    return max(0.0, value / low if value < low else 1.0 - max(value - high, 0.0) / low)
