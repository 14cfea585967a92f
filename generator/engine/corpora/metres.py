"""Drumming in three and in six, made from drumming in four: few performances are played in 3/4 or 6/8.

Only training pieces are treated so; what a network is measured on was played as it stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from generator.engine.plan import Metre, Plan, Section
from generator.engine.score import Note

FOUR, THREE, SIX = Metre(4, 4), Metre(3, 4), Metre(6, 8)
_BEAT = 24
_THREE_SIXTEENTHS = 18
_LEAST_TRIPLETS = 0.2
_MOST_OTHERS = 0.1
"""Shares of a shuffle's strokes that lie on triplets, and between beats elsewhere."""


def shorten_bars(notes: Sequence[Note], *, plan: Plan) -> tuple[tuple[Note, ...], Plan] | None:
    """4/4 without the last beat of each bar: 3/4."""
    if plan.metre != FOUR:
        return None
    kept = [note for note in notes if note.onset % FOUR.bar_ticks < THREE.bar_ticks]
    lost = FOUR.bar_ticks - THREE.bar_ticks
    moved = tuple(replace(note, onset=note.onset - note.onset // FOUR.bar_ticks * lost) for note in kept)
    return moved, _remake_plan(plan, metre=THREE, energies=plan.energies, tempo=plan.tempo)


def unfold_beats(notes: Sequence[Note], *, plan: Plan) -> tuple[tuple[Note, ...], Plan] | None:
    """Each bar of 4/4 as two of 6/8: a shuffle's triplets become eighths, or three sixteenths of each beat."""
    if plan.metre != FOUR:
        return None
    if is_shuffle(notes):
        moved = tuple(replace(note, onset=note.onset * 3 // 2) for note in notes)
    else:
        kept = [note for note in notes if note.onset % _BEAT < _THREE_SIXTEENTHS]
        moved = tuple(
            replace(note, onset=note.onset // _BEAT * SIX.beat_ticks + note.onset % _BEAT * 2) for note in kept
        )
    energies = tuple(energy for energy in plan.energies for _ in range(2))
    return moved, _remake_plan(plan, metre=SIX, energies=energies, tempo=plan.tempo * 1.5)


def is_shuffle(notes: Iterable[Note]) -> bool:
    places = [note.onset % _BEAT for note in notes]
    triplets = sum(place in (8, 16) for place in places)
    others = sum(place not in (0, 8, 16) for place in places)
    return bool(places) and triplets / len(places) >= _LEAST_TRIPLETS and others / len(places) <= _MOST_OTHERS


def _remake_plan(plan: Plan, *, metre: Metre, energies: tuple[float, ...], tempo: float) -> Plan:
    length = len(energies) * metre.bar_ticks
    sections = (Section(name="A", start_bar=0, bars=len(energies), energy=sum(energies) / max(len(energies), 1)),)
    slots = -(-length // metre.chord_ticks)
    return replace(
        plan, metre=metre, tempo=tempo, length=length, sections=sections, chords=(None,) * slots, energies=energies
    )
