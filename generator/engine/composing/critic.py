"""The critic: rates candidates for a stretch of a part, so that the best of a batch is kept, and says why."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from generator.engine.composing.habits import HOMES, SOLO, find_density, find_manner, find_target_density
from generator.engine.metrics import (
    count_notes_per_bar,
    find_longest_run,
    list_beats,
    list_silent_bars,
    list_top_line,
    measure_chord_tones,
    measure_consonance,
    measure_fill,
    measure_foundation,
    measure_in_scale,
    measure_leaps,
    measure_likeness_of_rhythm,
    measure_phrasing,
    measure_room,
    measure_sounding,
    measure_steps,
)
from generator.engine.moods import MOODS
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part

_ALL = {"likelihood": 0.6, "in_scale": 1.5, "silence": 2.0}
_LEAD = _ALL | {"chord_tones": 3.5, "density": 1.2, "repetition": 1.5, "presence": 1.0, "shape": 0.8}
_FOLLOWING = _ALL | {"consonance": 2.0, "density": 1.0, "repetition": 0.7, "presence": 1.5, "register": 1.2}
WEIGHTS: dict[str, dict[str, float]] = {
    "lead": _LEAD | {"phrasing": 1.0, "range": 0.8, "rhythm": 0.5, "register": 1.2},
    "solo": _LEAD | {"phrasing": 0.4, "range": 0.5, "rhythm": 0.8, "register": 1.0, "foundation": 1.0},
    "counter": _FOLLOWING | {"chord_tones": 1.5, "room": 0.8, "range": 0.4, "shape": 0.4},
    "harmony": _FOLLOWING | {"chord_tones": 3.5, "room": 0.8, "rhythm": 0.8, "foundation": 0.8},
    "bass": _FOLLOWING | {"chord_tones": 3.0, "rhythm": 0.6},
    "rhythm": {"likelihood": 1.0, "density": 1.5, "silence": 2.0, "rhythm": 1.0, "fill": 0.5},
}
"""What matters for each manner; every measure lies between 0 and 1, 1 is best."""

_LONGEST_RUN = {"lead": 4, "solo": 4, "counter": 5, "harmony": 8, "bass": 8}
_ENOUGH = {"chord_tones": 0.9, "in_scale": 0.93, "consonance": 0.9}
"""A little above what human parts reach: more is not better."""

_PRESENCE = {"lead": 0.65, "solo": 0.9, "counter": 0.6, "harmony": 0.8, "bass": 0.7}
"""Share of the time in which a part should sound: whoever carries the chords leaves no holes."""

_RHYTHMS = {
    "lead": (0.3, 0.8),
    "solo": (0.5, 0.95),
    "counter": (0.3, 0.8),
    "harmony": (0.5, 1.0),
    "bass": (0.35, 0.95),
    "rhythm": (0.5, 0.95),
}
"""Likeness of one bar's rhythm to the next: first and last decile of human parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What candidates for one stretch are heard against."""

    plan: Plan
    instrument: str
    role: Role
    lead: Part | None
    start: int
    stop: int

    @property
    def manner(self) -> str:
        return find_manner(self.instrument, role=self.role)


def rate_notes(notes: Sequence[Note], *, listening: Listening, likelihood: float) -> dict[str, float]:
    """Every measure of the role, and their weighted mean as 'total'. `likelihood` is in nats per note."""
    measures = _measure(notes, listening=listening) | {"likelihood": _rate_likelihood(likelihood)}
    weights = WEIGHTS[listening.manner]
    rated = {name: min(1.0, measures[name] / _ENOUGH.get(name, 1.0)) for name in weights}
    total = sum(weight * rated[name] for name, weight in weights.items()) / sum(weights.values())
    return {name: round(measures[name], 4) for name in weights} | {"total": round(total, 4)}


def find_density_lean(listening: Listening) -> float:
    """What the sampler is asked: 0 for few notes, 1 for many, 0.5 to leave the network alone."""
    plan = listening.plan
    lean = 0.5 + 0.7 * math.log(find_density(plan))
    if plan.is_drawn:
        size = plan.metre.bar_ticks
        energies = plan.energies[listening.start // size : max(-(-listening.stop // size), 1)]
        lean += _DRAWN_LEAN * (sum(energies) / max(len(energies), 1) - 0.5)
    return min(max(lean, 0.0), 1.0)


_DRAWN_LEAN = 0.8
"""How much a drawn energy of 0 or 1 moves the lean against its half."""


def explain_scores(scores: dict[str, float], *, candidates: int) -> str:
    """One sentence for people."""
    said = []
    if "chord_tones" in scores:
        said.append(f"{scores['chord_tones']:.0%} chord tones on the beats")
    if "consonance" in scores:
        said.append(f"{scores['consonance']:.0%} consonant with the lead")
    said.append("no empty bar" if scores["silence"] >= 1.0 else "with rests")
    weakest = min(_NAMES, key=lambda name: scores.get(name, 1.0))
    return f"The best of {candidates} candidates per phrase: {', '.join(said)}; weakest in {_NAMES[weakest]}."


_NAMES = {
    "chord_tones": "chord tones",
    "in_scale": "staying in the key",
    "consonance": "agreement with the lead",
    "density": "density",
    "repetition": "repeated notes",
    "silence": "rests",
    "range": "range",
    "shape": "melodic shape",
    "rhythm": "rhythmic unity",
    "register": "register",
    "presence": "sounding through",
    "foundation": "low notes under the chords",
    "room": "room for the lead",
    "phrasing": "breathing at phrase ends",
    "fill": "fills at section ends",
}


def _measure(notes: Sequence[Note], *, listening: Listening) -> dict[str, float]:
    plan, start, stop = listening.plan, listening.start, listening.stop
    bars = max((stop - start) / plan.metre.bar_ticks, 1.0)
    likeness = measure_likeness_of_rhythm(notes, metre=plan.metre, start=start, stop=stop)
    found = {
        "density": _rate_density(notes, listening=listening),
        "silence": 1.0 - len(list_silent_bars(notes, plan=plan, start=start, stop=stop)) / bars,
        "rhythm": _rate_between(likeness, *_RHYTHMS[listening.manner]),
    }
    if listening.role is Role.RHYTHM:
        return found | {"fill": _rate_between(measure_fill(notes, metre=plan.metre, stop=stop), 0.3, 0.8)}
    heard = listening.lead.notes if listening.lead else ()
    lead = [note for note in heard if note.end > start and note.onset < stop]
    ticks = list_beats(plan.metre, start=start, stop=stop)
    run = find_longest_run(notes)
    return found | {
        "chord_tones": measure_chord_tones(notes, plan=plan, start=start, stop=stop),
        "in_scale": measure_in_scale(notes, mode=plan.key.mode),
        "consonance": measure_consonance(notes, lead, ticks=ticks),
        "repetition": min(1.0, _LONGEST_RUN[listening.manner] / max(run, 1)),
        "range": _rate_between(_measure_top_range(notes) / 12.0, 0.5, 1.4),
        "shape": _rate_shape(notes, is_solo=listening.manner == SOLO),
        "register": _rate_register(notes, listening=listening),
        "foundation": measure_foundation(notes, plan=plan, start=start, stop=stop),
        "presence": _rate_presence(notes, listening=listening),
        "room": measure_room(notes, lead, ticks=ticks),
        "phrasing": measure_phrasing(notes, metre=plan.metre, start=start, stop=stop),
    }


def _rate_presence(notes: Sequence[Note], *, listening: Listening) -> float:
    """1 where the part sounds as much of the time as its manner asks."""
    sounding = measure_sounding(notes, start=listening.start, stop=listening.stop)
    return min(1.0, sounding / _PRESENCE[listening.manner])


def _rate_likelihood(nats_per_note: float) -> float:
    """1 for certainty, 0 from 8 nats per note. In steps of a tenth of a nat: kernels of other processors differ in the
    last digits, which must not change the choice."""
    return max(0.0, 1.0 + round(nats_per_note, 1) / 8.0)


def _measure_top_range(notes: Sequence[Note]) -> int:
    tops = list_top_line(notes)
    return max(tops) - min(tops) if tops else 0


def _rate_density(notes: Sequence[Note], *, listening: Listening) -> float:
    """1 at the target, falling by the ratio either way."""
    plan, start, stop = listening.plan, listening.start, listening.stop
    found = count_notes_per_bar(notes, metre=plan.metre, start=start, stop=stop)
    target = find_target_density(plan, instrument=listening.instrument, role=listening.role, start=start, stop=stop)
    return max(0.0, 1.0 - 0.7 * abs(math.log(found / target))) if found else 0.0


def _rate_shape(notes: Sequence[Note], *, is_solo: bool) -> float:
    """Melodies move mostly by step and leap rarely; the top of a solo texture leaps more."""
    steps = _rate_between(measure_steps(notes), 0.25 if is_solo else 0.45, 0.85)
    return steps * (1.0 - min(1.0, (2.0 if is_solo else 4.0) * measure_leaps(notes)))


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
