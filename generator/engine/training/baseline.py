"""The n-gram figures that a network must beat: two 5-gram models over the very symbols that it draws."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generator.engine.tokens.vocabulary import HEADS, PITCH_COUNT, SIZES, START
from generator.engine.training.dataset import Dataset, Stream
from generator.engine.training.ngram import KneserNey

ORDER = 5

Figures = dict[str, float]


def measure_baselines(dataset: Dataset, *, heads: tuple[str, ...]) -> dict[str, Figures]:
    """Bits per note on the test split, by head and in total, of the flat 5-gram and of the 5-gram per attribute."""
    return {
        "flat 5-gram": _measure_flat(dataset, heads=heads),
        "5-gram per attribute": _measure_attributes(dataset, heads=heads),
    }


def total_bits(figures: Figures) -> float:
    return round(sum(figures.values()), 4)


def _measure_flat(dataset: Dataset, *, heads: tuple[str, ...]) -> Figures:
    """One stream of symbols, all attributes in turn."""
    train, _ = _flat_grams(dataset.splits["train"], heads=heads)
    test, owners = _flat_grams(dataset.splits["test"], heads=heads)
    bits = KneserNey(train, vocabulary=sum(SIZES[head] for head in heads)).bits(test)
    notes = dataset.splits["test"].note_count
    return {head: round(float(bits[owners == index].sum()) / notes, 4) for index, head in enumerate(heads)}


def _flat_grams(stream: Stream, *, heads: tuple[str, ...]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    grams, owners = [], []
    columns = [HEADS.index(head) for head in heads]
    offsets = np.cumsum([0] + [SIZES[head] for head in heads[:-1]])
    for begin, stop in zip(stream.starts, stream.stops, strict=True):
        rows = stream.rows[begin + 1 : stop].astype(np.int64)
        drawn = np.ones((len(rows), len(heads)), bool)
        drawn[:, 1:] = rows[:, 1:2] < PITCH_COUNT  # SHIFT and END are a single symbol
        padded = np.concatenate([np.full(ORDER - 1, -1), (rows[:, columns] + offsets)[drawn]])
        grams.append(np.lib.stride_tricks.sliding_window_view(padded, ORDER))
        owners.append(np.broadcast_to(np.arange(len(heads)), drawn.shape)[drawn])
    return np.concatenate(grams), np.concatenate(owners)


def _measure_attributes(dataset: Dataset, *, heads: tuple[str, ...]) -> Figures:
    """A model per attribute; of several ways to condition it, the one that does best on the validation split."""
    figures: Figures = {}
    for head in heads:
        train, valid, test = (_attribute_grams(dataset.splits[s], heads=heads, head=head) for s in dataset.splits)
        models = [KneserNey(grams, vocabulary=SIZES[head]) for grams in train]
        scores = [model.bits(grams).sum() for model, grams in zip(models, valid, strict=True)]
        best = int(np.argmin(scores))
        figures[head] = round(float(models[best].bits(test[best]).sum()) / dataset.splits["test"].note_count, 4)
    return figures


def _attribute_grams(stream: Stream, *, heads: tuple[str, ...], head: str) -> list[npt.NDArray[np.int64]]:
    """Ways to predict an attribute: from its own last four; from those and what is drawn of this row (nearest, or
    farthest); from its last two or one, the same of this row, and the rest of the last row."""
    own, rows = HEADS.index(head), stream.rows.astype(np.int64)
    earlier = [HEADS.index(name) for name in heads[: heads.index(head)]]
    targets = np.flatnonzero((rows[:, 0] != START) & ((head == "time") | (rows[:, 1] < PITCH_COUNT)))
    first = np.repeat(stream.starts, np.diff(np.append(stream.starts, len(rows))))

    def back(column: int, steps: int) -> npt.NDArray[np.int64]:
        at = targets - steps
        return np.where(at >= first[targets], rows[np.maximum(at, 0), column], -1)

    now = [rows[targets, column] for column in earlier]
    history = [back(own, steps) for steps in (4, 3, 2, 1)]
    others = [back(HEADS.index(name), 1) for name in heads if name != head]
    ways = [history, history + now, now + history, others + history[2:] + now, history[2:] + others + now]
    return [np.stack([*way, rows[targets, own]], axis=1) for way in ways]


def relative_gain(*, network: Figures, baselines: dict[str, Figures]) -> float:
    """Share of the best baseline's bits per note that the network saves."""
    best = min(total_bits(figures) for figures in baselines.values())
    return round(1.0 - total_bits(network) / best, 4)


def cached_baselines(dataset: Dataset, *, heads: tuple[str, ...], path: Path) -> dict[str, Figures]:
    """The n-gram figures depend on the data alone: keep them beside the checkpoints."""
    stamp = _digest_arrays(*(dataset.splits[split].rows for split in ("train", "validation", "test")))
    if path.exists():
        stored = json.loads(path.read_text())
        if stored["data"] == stamp:
            return dict(stored["baselines"])
    baselines = measure_baselines(dataset, heads=heads)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps({"data": stamp, "baselines": baselines}))
    os.replace(partial, path)
    return baselines


def _digest_arrays(*arrays: npt.NDArray[np.int16]) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
