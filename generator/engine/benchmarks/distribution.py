"""How far composed parts lie among human ones: overlapped areas of six features, instrument by instrument."""

import numpy as np

from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.features import measure_overlaps
from generator.engine.measuring.music import (
    Stretch,
    choose,
    compose_pieces,
    cut_stretch,
    list_composed_parts,
    list_human_parts,
)
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table

TARGET = 0.80
MOST = 150
"""Excerpts of eight bars on each side."""


def run(options: Options) -> Result:
    pieces = compose_pieces(options.size(64), seed=options.seed, network=options.network)
    rows: list[list[object]] = []
    areas: dict[str, dict[str, float]] = {}
    reach: dict[str, dict[str, float]] = {}
    for slug, parts in sorted(list_composed_parts(pieces).items()):
        human = _cut(list_human_parts(slug, options=options), seed=options.seed)
        ours = _cut(parts, seed=options.seed)
        drums = INSTRUMENTS[slug].is_drums
        areas[slug] = measure_overlaps(human, ours, drums=drums)
        reach[slug] = measure_overlaps(*_halve(human), drums=drums)
        mean, best = (float(np.mean(list(found.values()))) for found in (areas[slug], reach[slug]))
        rows.append(
            [
                slug,
                len(human),
                len(ours),
                *("–" if np.isnan(area) else f"{area:.2f}" for area in _spread(areas[slug])),
                mean,
                best,
            ]
        )
    mean = round(float(np.mean([np.mean(list(found.values())) for found in areas.values()])), 4)
    best = round(float(np.mean([np.mean(list(found.values())) for found in reach.values()])), 4)
    return make_result(
        claim=f"The mean overlapped area between composed and held-out human parts is {mean:.2f} (two halves of the "
        f"human parts: {best:.2f})",
        target=f"at least {TARGET:.2f}",
        met=mean >= TARGET,
        value=mean,
        areas=areas,
        human_halves=reach,
        tables=[make_table("Overlapped area by feature", columns=_COLUMNS, rows=rows)],
        notes=[
            "Excerpts of eight bars, pieces of all styles; for drums the histogram is of drums, and has no lengths."
        ],
    )


_COLUMNS = (
    "Instrument", "Human excerpts", "Composed", "Pitch classes", "Range", "Lengths", "Distances", "Transitions",
    "Notes per bar", "Mean", "Human halves",
)  # fmt: skip


def _spread(found: dict[str, float]) -> list[float]:
    names = ("pitch-class histogram", "pitch range", "note length", "inter-onset interval", "pitch transition")
    first = found.get(names[0], found.get("drum histogram", float("nan")))
    return [first, *(found.get(name, float("nan")) for name in (*names[1:], "notes per bar"))]


def _cut(parts: list[Stretch], *, seed: int) -> list[Stretch]:
    return choose([each for part in parts for each in cut_stretch(part)], most=MOST, seed=seed)


def _halve(human: list[Stretch]) -> tuple[list[Stretch], list[Stretch]]:
    """By piece, so that no piece is on both sides."""
    pieces = sorted({each.piece for each in human})
    first = set(pieces[::2])
    return [each for each in human if each.piece in first], [each for each in human if each.piece not in first]
