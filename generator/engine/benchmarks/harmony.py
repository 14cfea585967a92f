"""Chord tones on strong beats, notes in the key, and agreement between parts, beside human pieces."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from generator.engine.measuring.music import (
    Stretch,
    choose,
    compose_pieces,
    list_composed_parts,
    list_human_parts,
)
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.metrics import list_beats, measure_chord_tones, measure_consonance, measure_in_scale
from generator.engine.plan import Chord, Role
from generator.engine.theory.chords import analyse_chords

POINTS = {"chord tones": 5.0, "in scale": 3.0, "consonance": 5.0}
"""How far from people's rate, in points."""
MOST = 120
NOTE = (
    "Chords are heard alike on both sides: by the analysis that labels the corpora, over the part and the lead beside "
    "it. The last column holds composed parts against the chords that were planned. Value: the greatest share of its "
    "allowance by which a rate differs from people's, above or below. Plans leave the key by their style's palette; "
    "semitones between parts on a beat are mended unless the foreign note goes on by step."
)


def run(options: Options) -> Result:
    pieces = compose_pieces(options.size(64), seed=options.seed, network=options.network)
    by_instrument = list_composed_parts(pieces)
    rows: list[list[object]] = []
    differences: dict[str, list[float]] = {name: [] for name in POINTS}
    for slug, parts in sorted(by_instrument.items()):
        if slug == "drums":
            continue
        human = measure_side(choose(list_human_parts(slug, options=options), most=MOST, seed=options.seed))
        ours = measure_side(parts)
        planned = measure_side(parts, heard=False)["chord tones"]
        rows.append(
            [slug, *(cell for name in POINTS for cell in (_show(human[name]), _show(ours[name]))), _show(planned)]
        )
        for name in POINTS:
            if not np.isnan(human[name] + ours[name]):
                differences[name].append((ours[name] - human[name]) * 100)
    means = {name: round(float(np.mean(found)), 2) for name, found in differences.items()}
    worst = round(max(abs(means[name]) / POINTS[name] for name in POINTS), 4)
    said = ", ".join(f"{name} {mean:+.1f}" for name, mean in means.items())
    return make_result(
        claim=f"Points from human rates, mean over instruments: {said}",
        target="within 5 (chord tones), 3 (in scale) and 5 points (consonance) of them",
        met=worst <= 1.0,
        value=worst,
        points=means,
        within={name: bool(abs(mean) <= POINTS[name]) for name, mean in means.items()},
        tables=[make_table("Rates, in per cent", columns=_COLUMNS, rows=rows)],
        notes=[
            NOTE,
        ],
    )


_COLUMNS = (
    "Instrument", "Chord tones, human", "composed", "In scale, human", "composed", "Consonance with the lead, human",
    "composed", "Chord tones of the plan",
)  # fmt: skip


def _show(rate: float) -> str:
    return "–" if np.isnan(rate) else f"{100 * rate:.1f}"


def measure_side(stretches: Sequence[Stretch], *, heard: bool = True) -> dict[str, float]:
    """Mean rates; with chords as they are `heard`, else as they stand in the plan."""
    found: dict[str, list[float]] = {name: [] for name in POINTS}
    for each in stretches:
        plan = replace(each.plan, chords=_hear_chords(each)) if heard else each.plan
        found["chord tones"].append(measure_chord_tones(each.notes, plan=plan))
        found["in scale"].append(measure_in_scale(each.notes, mode=plan.key.mode))
        if each.lead and each.role is not Role.LEAD:
            ticks = list_beats(plan.metre, start=0, stop=plan.length)
            found["consonance"].append(measure_consonance(each.notes, each.lead, ticks=ticks))
    return {name: float(np.mean(rates)) if rates else float("nan") for name, rates in found.items()}


def _hear_chords(stretch: Stretch) -> tuple[Chord | None, ...]:
    notes = tuple(sorted((*stretch.notes, *(stretch.lead or ()))))
    return analyse_chords(notes, metre=stretch.plan.metre, length=stretch.plan.length)
