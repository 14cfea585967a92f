"""Structureness and grooving similarity beside human pieces; runs of one note; whether any two pieces are alike."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from generator.engine.measuring.music import (
    Stretch,
    choose,
    compose_pieces,
    cut_plan,
    list_composed_parts,
    list_human_parts,
)
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.measuring.structure import INDICATORS, measure_grooving, measure_structureness
from generator.engine.metrics import find_longest_run
from generator.engine.originality.fingerprint import make_fingerprint
from generator.engine.originality.likeness import compare
from generator.engine.plan import Piece

ALLOWED = 0.20
"""Share by which an indicator may differ from people's."""
SECONDS = (25.0, 60.0)
"""Human parts that are compared with pieces of 40 s."""
MOST = 8
"""Parts of each instrument whose structure is measured: the fitness of every segment takes time."""

NOTE = (
    "Human parts of 25 to 60 s; excerpts of pieces with one key and one metre. Structureness from the fitness of "
    "segments of 3 to 8, 8 to 15 and 15 s and more on chroma at one frame a second. The human parts are art songs, "
    "quartets and guitar pieces, written out and read without their repeats; composed sections come back in their "
    "first half and go on anew."
)


def run(options: Options) -> Result:
    pieces = compose_pieces(options.size(64), seed=options.seed, network=options.network)
    by_instrument = list_composed_parts(pieces)
    rows: list[list[object]] = []
    runs: dict[str, dict[str, int]] = {}
    sides: dict[str, list[dict[str, float]]] = {"human": [], "composed": []}
    for slug, parts in sorted(by_instrument.items()):
        human = list_human_parts(slug, options=options)
        if slug != "drums":
            found = {
                side: measure_forms(each, seed=options.seed) for side, each in (("human", human), ("composed", parts))
            }
            for side, forms in found.items():
                sides[side].append(forms)
            rows.append([slug, *(f"{found[side][name]:.3f}" for name in _NAMES for side in ("human", "composed"))])
            runs[slug] = compare_runs(human, parts)
    means = {
        side: {name: float(np.mean([each[name] for each in found])) for name in _NAMES} for side, found in sides.items()
    }
    shifts = {name: round(means["composed"][name] / max(means["human"][name], 1e-9) - 1, 4) for name in _NAMES}
    too_long = sum(each["longer"] for each in runs.values())
    alike = count_alike(pieces)
    lengths = [[slug, *each.values()] for slug, each in runs.items()]
    worst = max(abs(shift) for shift in shifts.values())
    return make_result(
        claim=f"Indicators of form differ from people's by {worst:.0%} at most ({_say(shifts)}); {too_long} parts "
        f"repeat a note longer than 99 of 100 human ones; {alike} pairs of {len(pieces)} pieces are alike",
        target="within 20 % of human parts; no longer run; no two pieces alike",
        met=worst <= ALLOWED and too_long == 0 and alike == 0,
        value=round(worst, 4),
        shifts=shifts,
        means=means,
        runs=runs,
        alike=alike,
        tables=[
            make_table("Form, part by part", columns=_COLUMNS, rows=rows),
            make_table("Longest run of one note", columns=_RUN_COLUMNS, rows=lengths),
        ],
        notes=[NOTE],
    )  # fmt: skip


_NAMES = (*INDICATORS, "grooving")
_COLUMNS = ("Instrument", *(f"{name}, {side}" for name in _NAMES for side in ("human", "composed")))
_RUN_COLUMNS = ("Instrument", "99 of 100 human parts: at most", "longest composed", "composed parts beyond it")


def _say(shifts: dict[str, float]) -> str:
    return ", ".join(f"{name} {shift:+.0%}" for name, shift in shifts.items())


def measure_forms(parts: Sequence[Stretch], *, seed: int) -> dict[str, float]:
    """Mean indicators over some of the parts."""
    lasting = [each for each in parts if SECONDS[0] <= each.plan.seconds and len(each.notes) >= 16]
    some = [_shorten(each) for each in choose(lasting, most=MOST, seed=seed)]
    found = [
        {**measure_structureness(each.notes, plan=each.plan), "grooving": measure_grooving(each.notes, plan=each.plan)}
        for each in some
    ]
    return {name: float(np.mean([each[name] for each in found])) for name in _NAMES}


def _shorten(stretch: Stretch) -> Stretch:
    """The first 60 s of a longer part, in whole bars."""
    bars = int(stretch.plan.bars * min(1.0, SECONDS[1] / stretch.plan.seconds))
    plan = cut_plan(stretch.plan, first=0, bars=max(bars, 1))
    return replace(stretch, plan=plan, notes=tuple(note for note in stretch.notes if note.onset < plan.length))


def compare_runs(human: Sequence[Stretch], composed: Sequence[Stretch]) -> dict[str, int]:
    limit = int(np.ceil(np.percentile([find_longest_run(each.notes) for each in human], 99)))
    found = [find_longest_run(each.notes) for each in composed]
    return {"limit": limit, "longest": max(found), "longer": sum(run > limit for run in found)}


def count_alike(pieces: Sequence[Piece]) -> int:
    """Pairs of pieces that the register would call too close."""
    prints = [make_fingerprint(piece) for piece in pieces]
    return sum(compare(one, other).is_too_close for one, other in combinations(prints, 2))
