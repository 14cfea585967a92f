"""The music that benchmarks compare: parts of human pieces held out of training, and parts composed now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from generator.engine.brief import parse_brief
from generator.engine.composing.piece import compose_piece
from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.options import Options
from generator.engine.network.store import available_instruments
from generator.engine.plan import Piece, Plan, Role
from generator.engine.score import Note, Part
from generator.engine.styles import STYLES
from generator.engine.tokens.events import single_line, snap_notes

EXCERPT_BARS = 8
SECONDS = 40

_ENSEMBLES = (
    ("piano", "violin", "bass", "drums"),
    ("guitar", "flute", "cello"),
    ("violin", "viola", "cello"),
    ("piano", "flute", "bass", "drums"),
    ("guitar", "violin", "bass", "drums"),
    ("piano",),
    ("flute", "viola", "cello", "piano"),
    ("guitar",),
    ("violin", "strings", "harp"),
    ("epiano", "organ", "clarinet", "bass", "drums"),
    ("clarinet", "organ", "strings", "cello"),
    ("flute", "harp", "epiano", "bass"),
)
"""Each of the thirteen instruments in two ensembles and more: in four of twenty-four pieces at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part, or some bars of it, with the plan it follows, both from tick 0."""

    instrument: str
    role: Role
    plan: Plan
    notes: tuple[Note, ...]
    lead: tuple[Note, ...] | None
    piece: str
    """Which piece it belongs to."""


def list_human_parts(slug: str, *, options: Options, split: str = "test") -> list[Stretch]:
    """Parts of one instrument in pieces that no network learned from, as networks would write them."""
    return list(_read_human_parts(slug, options=options, split=split))


@cache
def _read_human_parts(slug: str, *, options: Options, split: str) -> tuple[Stretch, ...]:
    from generator.engine.corpora.views import training_views

    cache_folder = options.work / "cache" / "corpora"
    views = training_views(slug, root=options.need_corpora(), cache=cache_folder, progress=False)
    return tuple(
        Stretch(
            instrument=slug, role=Role(view.role), plan=view.plan, notes=_playable(view.target),
            lead=view.lead.notes if view.lead else None, piece=f"{view.source}/{view.plan.length}",
        )
        for view in views
        if view.split == split
    )  # fmt: skip


def _playable(part: Part) -> tuple[Note, ...]:
    instrument = INSTRUMENTS[part.instrument]
    notes = snap_notes(part.notes, drums=instrument.is_drums)
    return tuple(single_line(notes) if instrument.voices == 1 else notes)


def list_briefs(count: int, *, seed: int) -> list[dict[str, object]]:
    """Briefs over ensembles and styles in turn, the styles one further with each round, so that each of twelve
    ensembles meets each of nine styles; those of instruments that are not installed are left out."""
    styles = list(STYLES)
    here = set(available_instruments())
    ensembles = [each for each in _ENSEMBLES if set(each) <= here]
    return [
        {
            "instruments": ",".join(ensembles[number % len(ensembles)]),
            "style": styles[(number + number // len(ensembles)) % len(styles)],
            "seconds": SECONDS,
            "seed": seed * 10_000 + number,
        }
        for number in range(count)
    ]


@cache
def compose_pieces(count: int, *, seed: int, network: str = "lstm") -> tuple[Piece, ...]:
    """So many pieces, composed as customers' are."""
    return tuple(compose_piece(parse_brief(brief), network=network).piece for brief in list_briefs(count, seed=seed))


def list_composed_parts(pieces: Sequence[Piece]) -> dict[str, list[Stretch]]:
    """By instrument."""
    found: dict[str, list[Stretch]] = {}
    for number, piece in enumerate(pieces):
        for part in piece.parts:
            lead = None if piece.lead is None or piece.lead is part else piece.lead.notes
            stretch = Stretch(
                instrument=part.instrument, role=Role(part.role), plan=piece.plan, notes=part.notes, lead=lead,
                piece=str(number),
            )  # fmt: skip
            found.setdefault(part.instrument, []).append(stretch)
    return found


def cut_stretch(stretch: Stretch, *, bars: int = EXCERPT_BARS, fewest: int = 8) -> Iterator[Stretch]:
    """Excerpts of so many whole bars with a few notes in each."""
    size = stretch.plan.metre.bar_ticks
    for first in range(0, stretch.plan.length // size - bars + 1, bars):
        start, stop = first * size, (first + bars) * size
        notes = _move(stretch.notes, start=start, stop=stop)
        if len(notes) >= fewest:
            lead = None if stretch.lead is None else _move(stretch.lead, start=start, stop=stop)
            yield replace(stretch, plan=cut_plan(stretch.plan, first=first, bars=bars), notes=notes, lead=lead)


def _move(notes: Sequence[Note], *, start: int, stop: int) -> tuple[Note, ...]:
    return tuple(replace(note, onset=note.onset - start) for note in notes if start <= note.onset < stop)


def cut_plan(plan: Plan, *, first: int, bars: int) -> Plan:
    """The plan of some bars; sections are left as they were, for nothing here asks for them."""
    per_bar = plan.metre.bar_ticks // plan.metre.chord_ticks
    return replace(
        plan,
        length=bars * plan.metre.bar_ticks,
        chords=plan.chords[first * per_bar : (first + bars) * per_bar],
        energies=plan.energies[first : first + bars],
    )


def choose(stretches: Sequence[Stretch], *, most: int, seed: int) -> list[Stretch]:
    """At most so many, drawn from a seed, so that long pieces do not drown the short ones."""
    if len(stretches) <= most:
        return list(stretches)
    picked = np.random.default_rng(seed).permutation(len(stretches))[:most]
    return [stretches[index] for index in sorted(picked)]
