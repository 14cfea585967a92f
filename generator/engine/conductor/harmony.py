"""Chords for a form: drawn section by section from the chord network, with a cadence at the end of the piece.

Of `CANDIDATES` chord sequences for a new section, the one that the network likes and that makes a section is kept:
it stands in the key, moves, and is no copy of the sections before it. A section that comes back keeps its chords, or
opens with them and goes another way.
"""

import math
from random import Random

import numpy as np
import numpy.typing as npt

from generator.engine.conductor.cadences import find_approach, find_tonic
from generator.engine.conductor.colouring import colour_section, draw_key_away, move_section
from generator.engine.conductor.features import describe_slots
from generator.engine.conductor.network import BLOCK, ChordNetwork, ChordWalk
from generator.engine.conductor.ratings import HarmonyTask, Indices, rate_section
from generator.engine.plan import CHORD_COUNT, NO_CHORD, Chord, Section, list_phrase_ends

CANDIDATES = 32
_NUCLEUS = 0.95
_STRICTNESS = 5.0
"""A sequence rated one nat lower is drawn exp(-6) times as often."""

_PERIODS = 0.7
"""Share of eight-bar sections built as a period."""

_VARIED = 0.25
"""Share of the sections that come back of which the second half goes another way."""

_TUNE = 5.0
"""Nats by which a chord is preferred that carries a given tune through its slot."""

_FREE = -1
"""A slot that the network may decide."""


def write_chords(task: HarmonyTask, *, network: ChordNetwork, draw: Random) -> tuple[Chord, ...]:
    """A chord for every slot of the piece."""
    fixed = _fix_cadence(task, draw=draw)
    table = describe_slots(
        sections=task.sections,
        slots=task.slots,
        bars=task.frame.bars,
        metre=task.frame.metre,
        mode=task.mode,
        harmony=task.style.harmony,
    )
    chords = np.full(task.slots, _FREE)
    known: dict[str, Indices] = {}
    aways: dict[str, int] = {}
    for section in _without_intro(task.sections):
        start, stop = _find_slots(section, task=task)
        is_free = fixed[start:stop] == _FREE
        wanted = _repeat_section(known.get(section.name), slots=stop - start, is_varied=draw.random() < _VARIED)
        found = np.where(is_free, wanted, fixed[start:stop])
        if (found == _FREE).any():
            drawn = _draw_section(
                found, table=table[start:stop], task=task, network=network, draw=draw, known=known, name=section.name
            )
            found = _colour(drawn, is_free=found == _FREE, task=task, known=known, section=section, draw=draw)
        if section.name not in known:
            known[section.name] = found
            aways[section.name] = _draw_away(section, slots=len(found), task=task, draw=draw)
        chords[start:stop] = _move(found, is_free=is_free, semitones=aways[section.name], task=task)
    _fill_intro(chords, task=task, known=known)
    return tuple(Chord.from_index(int(index)) for index in chords)


def _fix_cadence(task: HarmonyTask, *, draw: Random) -> Indices:
    """The closing tonic from its tick to the end, and the chord that leads to it; everything else is free."""
    fixed = np.full(task.slots, _FREE)
    close = task.frame.closing // task.slot_ticks
    weights = [2.0**-place for place in range(len(task.style.cadences))]
    cadence = draw.choices(task.style.cadences, weights=weights)[0]
    seventh = draw.random() < (0.15, 0.45, 0.9)[task.style.harmony.sevenths]
    longest = min(task.per_bar, close)
    width = max(1, longest if draw.random() < 0.4 or task.per_bar > 2 else longest // 2)
    fixed[max(close - width, 0) : close] = find_approach(cadence, mode=task.mode, with_seventh=seventh).index
    fixed[close:] = find_tonic(task.mode).index
    return fixed


def _without_intro(sections: tuple[Section, ...]) -> list[Section]:
    return [section for section in sections if section.name != "intro"]


def _find_slots(section: Section, *, task: HarmonyTask) -> tuple[int, int]:
    """First and past-the-end slot; what is left over after the form belongs to the last section."""
    last = section is task.sections[-1]
    stop = task.slots if last else (section.start_bar + section.bars) * task.per_bar
    return section.start_bar * task.per_bar, stop


def _repeat_section(known: Indices | None, *, slots: int, is_varied: bool) -> Indices:
    """The chords of a section heard before, as far as they go, or their first half alone; free where it is new."""
    wanted = np.full(slots, _FREE)
    if known is not None:
        length = min(slots, len(known))
        kept = length // 2 if is_varied else length
        wanted[:kept] = known[:kept]
    return wanted


def _draw_section(
    wanted: Indices,
    *,
    table: Indices,
    task: HarmonyTask,
    network: ChordNetwork,
    draw: Random,
    known: dict[str, Indices],
    name: str,
) -> Indices:
    memory = ChordWalk(network, candidates=BLOCK)  # in products of the size that candidates are worked out in
    for row, chord in _recall(known, task=task):
        memory.look(row)
        memory.take(np.full(BLOCK, chord))
    walk = memory.fork(CANDIDATES)
    if name == "A" and wanted[0] == _FREE and task.tune is None and draw.random() < 0.85:
        wanted = wanted.copy()
        wanted[0] = find_tonic(task.mode).index
    restated = _plan_period(wanted, task=task, draw=draw)
    favour = _favour_tune(task, slots=len(wanted) if not known else 0)
    drawn = np.zeros((CANDIDATES, len(wanted)), np.int64)
    likelihood = np.zeros(CANDIDATES)
    for slot, row in enumerate(table):
        odds = walk.look(row) * favour[min(slot, len(favour) - 1)]
        picks = _pick(odds, draw=draw) if wanted[slot] == _FREE else np.full(CANDIDATES, wanted[slot])
        if slot in restated:
            picks = drawn[:, restated[slot]]
        likelihood += np.log(odds[np.arange(CANDIDATES), picks] + 1e-9)
        drawn[:, slot] = picks
        walk.take(picks)
    return _choose(drawn, likelihood=likelihood / len(wanted), task=task, known=known, draw=draw)


def _colour(
    drawn: Indices, *, is_free: Indices, task: HarmonyTask, known: dict[str, Indices], section: Section, draw: Random
) -> Indices:
    """What leaves the key, by the style's palette, and phrases that come to rest on one chord where the style is sung;
    chords that carry a given tune stay."""
    if task.tune is not None and not known:
        return drawn
    coloured = colour_section(
        drawn, is_free=is_free, mode=task.mode, palette=task.palette, per_bar=task.per_bar, draw=draw
    )
    for bar in sorted(list_phrase_ends([section])) if task.style.is_chorale else ():
        first = (bar - section.start_bar) * task.per_bar
        slots = slice(first, first + task.per_bar)
        if is_free[slots].all():
            coloured[slots] = coloured[first]
    return coloured


def _draw_away(section: Section, *, slots: int, task: HarmonyTask, draw: Random) -> int:
    """Semitones by which a section stands away from home, whenever it is heard."""
    return draw_key_away(name=section.name, slots=slots, palette=task.palette, per_bar=task.per_bar, draw=draw)


def _move(found: Indices, *, is_free: Indices, semitones: int, task: HarmonyTask) -> Indices:
    if not semitones:
        return found
    return move_section(found, is_free=is_free, mode=task.mode, semitones=semitones, per_bar=task.per_bar)


def _favour_tune(task: HarmonyTask, *, slots: int) -> npt.NDArray[np.float64]:
    """How much each chord is preferred in each slot, (slots + 1, chords): those that carry the given tune there. The
    last row prefers none."""
    favour = np.ones((slots + 1, CHORD_COUNT))
    for note in task.tune.notes if task.tune else ():
        slot = note.onset // task.slot_ticks
        if slot < slots:
            weight = _TUNE * note.duration / task.slot_ticks
            fits = [
                chord < NO_CHORD and note.pitch % 12 in Chord.from_index(chord).pitch_classes
                for chord in range(CHORD_COUNT)
            ]
            favour[slot] *= np.exp(weight * np.array(fits))
    return favour


def _plan_period(wanted: Indices, *, task: HarmonyTask, draw: Random) -> dict[int, int]:
    """In most new sections of eight bars the second phrase opens with the first two bars of the first: slots that
    take their chord from an earlier one."""
    half = 4 * task.per_bar
    if len(wanted) != 2 * half or draw.random() > _PERIODS:
        return {}
    return {half + slot: slot for slot in range(2 * task.per_bar) if wanted[half + slot] == _FREE}


def _choose(
    drawn: Indices,
    *,
    likelihood: npt.NDArray[np.float64],
    task: HarmonyTask,
    known: dict[str, Indices],
    draw: Random,
) -> Indices:
    """One of the candidates, well-made ones far more often, and among those the likelier: the likeliest of all is the
    same few chords each time."""
    ratings = [rate_section(chords, task=task, known=known) for chords in drawn]
    odds = [math.exp(_STRICTNESS * rating + float(nats)) for rating, nats in zip(ratings, likelihood, strict=True)]
    return np.asarray(drawn[draw.choices(range(len(drawn)), weights=odds)[0]])


def _recall(known: dict[str, Indices], *, task: HarmonyTask) -> list[tuple[Indices, int]]:
    """What the network should remember: each section once, in the order of their first appearance."""
    if not known:
        return []
    chords = np.concatenate(list(known.values()))
    sizes = [len(part) // task.per_bar or 1 for part in known.values()]
    starts = np.cumsum([0, *sizes])
    sections = tuple(
        Section(name, int(start), size, 0.5) for name, start, size in zip(known, starts[:-1], sizes, strict=True)
    )
    table = describe_slots(
        sections=sections,
        slots=len(chords),
        bars=int(starts[-1]) + task.frame.bars,
        metre=task.frame.metre,
        mode=task.mode,
        harmony=task.style.harmony,
    )
    return [(row, int(chord)) for row, chord in zip(table, chords, strict=True)]


def _pick(odds: npt.NDArray[np.float64], *, draw: Random) -> Indices:
    """One chord per candidate from the likeliest that make up `_NUCLEUS` of the odds."""
    order = np.argsort(-odds, axis=1, kind="stable")
    ranked = np.take_along_axis(odds, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < _NUCLEUS, ranked, 0.0)
    marks = np.array([draw.random() for _ in range(len(odds))]) * ranked.sum(axis=1)
    places = (np.cumsum(ranked, axis=1) <= marks[:, None]).sum(axis=1)
    return np.take_along_axis(order, np.minimum(places, odds.shape[1] - 1)[:, None], axis=1)[:, 0]


def _fill_intro(chords: Indices, *, task: HarmonyTask, known: dict[str, Indices]) -> None:
    """An intro plays over the chords that the first section opens with."""
    intro = task.sections[0]
    if intro.name == "intro":
        slots = intro.bars * task.per_bar
        chords[:slots] = np.resize(next(iter(known.values())), slots)
