"""Spans of a track, set one after the other, become a piece with a plan of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from generator.engine.composing.finishing import clip_notes, finish_part
from generator.engine.composing.melody import take_melody
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Piece, Plan, Role, Section
from generator.engine.score import Note, Part

INTRO = "intro"


@dataclass(frozen=True, slots=True)
class Span:
    """So many ticks of the track from `source` on."""

    source: int
    ticks: int
    without: frozenset[str] = frozenset()
    """Roles that keep silent."""
    name: str = ""
    """Of the section that it makes; the track's own where empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The clockwork of a version."""

    tempo: float
    length: int
    closes: bool = True
    """Whether it ends on its last chord, held. A loop does not."""


def arrange(piece: Piece, spans: Sequence[Span], *, shape: Shape, title: str) -> Piece:
    """The piece that the spans make. Parts that have nothing to play in it are left out."""
    joined = _join(spans)
    plan = _write_plan(piece.plan, spans, shape=shape)
    parts = [_arrange_part(part, joined, source=piece, plan=plan, closes=shape.closes) for part in piece.parts]
    return Piece(plan=plan, parts=tuple(part for part in parts if part.notes), title=title, source=piece.source)


def mute_roles(part: Part, roles: Iterable[str], *, is_alone: bool) -> Part:
    """The part, silent if its role is among those. One that plays alone loses its melody and keeps its chords."""
    if part.role not in roles:
        return part
    if not is_alone or INSTRUMENTS[part.instrument].voices == 1:
        return replace(part, notes=())
    struck = {(note.onset, note.pitch) for note in take_melody(part.notes)}
    return replace(part, notes=tuple(note for note in part.notes if (note.onset, note.pitch) not in struck))


def _join(spans: Sequence[Span]) -> list[Span]:
    """Neighbours that were neighbours in the track are one span: notes held across their border stay whole."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.source + last.ticks == span.source and last.without == span.without:
            joined[-1] = replace(last, ticks=last.ticks + span.ticks)
        else:
            joined.append(span)
    return joined


def _arrange_part(part: Part, spans: Sequence[Span], *, source: Piece, plan: Plan, closes: bool) -> Part:
    notes: list[Note] = []
    start = 0
    for span in spans:
        heard = mute_roles(part, span.without, is_alone=len(source.parts) == 1)
        notes += _move_span(heard, span, to=start, beat=plan.metre.beat_ticks)
        start += span.ticks
    player = INSTRUMENTS[part.instrument]
    if closes and notes:
        return replace(part, notes=finish_part(notes, plan=plan, instrument=part.instrument, role=Role(part.role)))
    return replace(part, notes=clip_notes(notes, plan=plan, player=player))


def _move_span(part: Part, span: Span, *, to: int, beat: int) -> list[Note]:
    """The span's notes at their new place, none longer than the span. What was held into it is struck again."""
    stop = span.source + span.ticks
    notes = list(part.between(span.source, stop))
    if part.role != Role.RHYTHM and not any(note.onset < span.source + beat for note in notes):
        held = (note for note in part.notes if note.onset < span.source and note.end - span.source >= beat)
        notes += [replace(note, onset=span.source, duration=note.end - span.source, micro=0) for note in held]
    shift = to - span.source
    return [
        Note(note.onset + shift, note.pitch, min(note.end, stop) - note.onset, note.velocity, note.micro)
        for note in notes
    ]


def _write_plan(source: Plan, spans: Sequence[Span], *, shape: Shape) -> Plan:
    step, bar = source.metre.chord_ticks, source.metre.bar_ticks
    origins = _map_ticks(spans, length=shape.length, step=step)
    chords = [source.chord_at(tick) for tick in origins]
    bars = [origins[place * bar // step] for place in range(-(-shape.length // bar))]
    energies = tuple(source.energies[min(tick // bar, len(source.energies) - 1)] for tick in bars)
    return replace(
        source,
        tempo=shape.tempo,
        length=shape.length,
        chords=tuple(chords),
        energies=energies,
        sections=_name_sections(source, spans, bars=len(bars), energies=energies),
        hits=(),  # struck in the notes already, and elsewhere now
    )


def _map_ticks(spans: Sequence[Span], *, length: int, step: int) -> list[int]:
    """For every `step` of the new piece the tick of the track that is played there."""
    found: list[int] = []
    start = 0
    for span in spans:
        while len(found) * step < min(start + span.ticks, length):
            found.append(span.source + len(found) * step - start)
        start += span.ticks
    return found


def _name_sections(source: Plan, spans: Sequence[Span], *, bars: int, energies: Sequence[float]) -> tuple[Section, ...]:
    """A section starts where the track's own does, and at every cut."""
    size = source.metre.bar_ticks
    marks: list[tuple[int, str]] = []
    start = 0
    for span in spans:
        for tick in range(0, span.ticks, size):
            name = span.name or source.section_at(span.source + tick).name
            is_cut = tick == 0 and start > 0 and not _continues(spans, start=start)
            bar = -(-(start + tick) // size)
            if bar < bars and (not marks or name != marks[-1][1] or is_cut) and (not marks or bar > marks[-1][0]):
                marks.append((bar, name))
        start += span.ticks
    edges = [bar for bar, _ in marks] + [bars]
    return tuple(
        Section(name, bar, stop - bar, round(sum(energies[bar:stop]) / (stop - bar), 4))
        for (bar, name), (_, stop) in zip(marks, pairwise(edges), strict=True)
    )


def _continues(spans: Sequence[Span], *, start: int) -> bool:
    place = 0
    for one, other in pairwise(spans):
        place += one.ticks
        if place == start:
            return one.source + one.ticks == other.source
    return False
