"""Writing the plan: key, metre, tempo, form, chords and energies, all from the brief and its seed."""

from random import Random

from generator.engine.brief import METRES, TEMPO_RANGE, Brief
from generator.engine.conductor.energies import draw_energies, shape_sections, spread_energies
from generator.engine.conductor.forms import choose_sections
from generator.engine.conductor.harmony import write_chords
from generator.engine.conductor.lengths import Frame, fit_frame
from generator.engine.conductor.network import load_network
from generator.engine.conductor.palettes import find_palette
from generator.engine.conductor.ratings import HarmonyTask
from generator.engine.controls.motif import place_motif
from generator.engine.moods import MOODS
from generator.engine.plan import Key, Metre, Mode, Plan, Role
from generator.engine.score import TICKS_PER_QUARTER, Part
from generator.engine.styles import STYLES
from generator.engine.theory.keys import estimate_key

_TONIC_WEIGHTS = (6, 1, 6, 3, 3, 5, 1, 6, 2, 5, 4, 1)
"""Keys with few accidentals are drawn more often; strings and guitar sound best in them. Index: tonic of the major
key with the same signature."""


def write_plan(brief: Brief) -> Plan:
    """The plan of a brief: the same for the same brief and seed, lasting exactly `brief.seconds`.

    `Plan.tempo` is the tempo that sounds: within 3 % of the one asked for (see `lengths`).
    """
    key = brief.key or (estimate_key(place_motif(brief.motif)) if brief.motif else _draw_key(brief))
    frame = _fit_frame(brief)
    sizes = choose_sections(bars=frame.bars, family=STYLES[brief.style].form, draw=brief.draw("form"))
    sections = shape_sections(sizes, style=STYLES[brief.style], mood=MOODS[brief.mood])
    bars_begun = -(-frame.length // frame.metre.bar_ticks)
    energies = spread_energies(sections, bars=bars_begun)
    if brief.energy:
        sections, energies = draw_energies(sections, points=brief.energy, bars=bars_begun)
    task = HarmonyTask(
        frame=frame,
        sections=sections,
        mode=key.mode,
        style=STYLES[brief.style],
        palette=find_palette(brief.style, instruments=brief.instruments),
        tune=_find_tune(brief, key=key),
    )
    per_second = frame.tempo * TICKS_PER_QUARTER / 60
    return Plan(
        style=brief.style,
        mood=brief.mood,
        key=key,
        metre=frame.metre,
        tempo=frame.tempo,
        length=frame.length,
        sections=sections,
        chords=write_chords(task, network=load_network(), draw=brief.draw("chords")),
        energies=energies,
        hits=tuple(round(hit * per_second, 3) for hit in brief.hits),
        density=brief.density,
        is_drawn=bool(brief.energy),
    )


def _find_tune(brief: Brief, *, key: Key) -> Part | None:
    """The brief's motif as key-normalised notes, for chords that carry it."""
    if not brief.motif:
        return None
    return Part("", Role.LEAD, place_motif(brief.motif)).transposed(-key.shift)


def _draw_key(brief: Brief) -> Key:
    draw = brief.draw("key")
    mode = Mode.MINOR if draw.random() < MOODS[brief.mood].minor else Mode.MAJOR
    relative_major = draw.choices(range(12), weights=_TONIC_WEIGHTS)[0]
    return Key(tonic=(relative_major + (9 if mode is Mode.MINOR else 0)) % 12, mode=mode)


def _fit_frame(brief: Brief) -> Frame:
    draw = brief.draw("tempo")
    metre = brief.metre or _draw_metre(brief)
    tempo = brief.tempo or _draw_tempo(brief, metre=metre, draw=draw)
    return fit_frame(seconds=brief.seconds, metre=metre, tempo=tempo, is_asked=brief.tempo is not None, hits=brief.hits)


def _draw_metre(brief: Brief) -> Metre:
    names, weights = zip(*STYLES[brief.style].metres, strict=True)
    return METRES[brief.draw("metre").choices(names, weights=weights)[0]]


def _draw_tempo(brief: Brief, *, metre: Metre, draw: Random) -> float:
    """A tempo of the style, paced by the mood. Compound metres feel slower by the dotted beat, so they go faster."""
    low, high = STYLES[brief.style].tempo
    tempo = draw.uniform(low, high) * MOODS[brief.mood].pace * (1.15 if metre.is_compound else 1.0)
    return min(max(tempo, TEMPO_RANGE[0]), TEMPO_RANGE[1])
