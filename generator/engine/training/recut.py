"""How well drums know metres that hardly anybody in the corpus plays in: test performances, recut as for training."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras

from generator.engine.corpora.metres import shorten_bars, unfold_beats
from generator.engine.corpora.views import TrainingView, training_views
from generator.engine.instruments import INSTRUMENTS
from generator.engine.training.baseline import total_bits
from generator.engine.training.dataset import LEAST_NOTES, SPLITS, build_dataset
from generator.engine.training.evaluate import measure_network


def measure_recut(network: keras.Model, *, heads: tuple[str, ...], corpora: Path, work: Path) -> dict[str, float]:
    """Bits per note by metre."""
    cache = work / "cache" / "corpora"
    views = training_views("drums", root=corpora, cache=cache, progress=False)
    by_metre: dict[str, list[TrainingView]] = {}
    for view in _recut(view for view in views if view.split == "test"):
        by_metre.setdefault(str(view.plan.metre), []).append(view)
    return {metre: _measure(network, found, heads=heads) for metre, found in sorted(by_metre.items())}


def _recut(views: Iterator[TrainingView]) -> Iterator[TrainingView]:
    for view in views:
        for remake in (shorten_bars, unfold_beats):
            remade = remake(view.target.notes, plan=view.plan)
            if remade is not None and len(remade[0]) >= LEAST_NOTES:
                yield replace(view, plan=remade[1], target=replace(view.target, notes=remade[0]))


def _measure(network: keras.Model, views: list[TrainingView], *, heads: tuple[str, ...]) -> float:
    every = [replace(view, split=split) for split in SPLITS for view in views]  # a dataset has three splits
    stream = build_dataset(every, instrument=INSTRUMENTS["drums"]).splits["test"]
    return total_bits(measure_network(network, stream=stream, heads=heads))
