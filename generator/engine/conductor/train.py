"""Training the chord network: `python -m generator.engine.conductor.train --root DIR --cache DIR`.

Keras alone, whatever its backend; what it learns is saved as arrays that `network` runs in numpy.
"""

import argparse
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.conductor.baseline import measure_baseline
from generator.engine.conductor.bill import LIST, list_files
from generator.engine.conductor.features import FEATURE_COUNT, FEATURES, OFFSETS
from generator.engine.conductor.lessons import Lesson, batch_lessons, make_lessons
from generator.engine.conductor.network import PRETRAINED
from generator.engine.corpora.reading import CorpusPiece, read_corpus
from generator.engine.errors import CorpusError
from generator.engine.plan import CHORD_COUNT, Plan

CORPORA = ("mcgill-billboard", "openscore-lieder", "openscore-string-quartets", "music21", "mutopia-guitar")
_EMBEDDING, _UNITS, _WINDOW, _BATCH, _PATIENCE = 48, 128, 96, 48, 3


def build_network() -> Any:
    """Categories (batch, time, features) -> logits (batch, time, chords)."""
    import keras

    rows = keras.Input((None, len(FEATURES)), dtype="int32")
    offsets = keras.ops.convert_to_tensor(OFFSETS.astype("int32"))
    seen = keras.layers.Embedding(FEATURE_COUNT, _EMBEDDING, name="embedding")(rows + offsets)
    summed = keras.ops.sum(seen, axis=2)
    hidden = keras.layers.LSTM(_UNITS, return_sequences=True, dropout=0.2, name="lstm")(summed)
    logits = keras.layers.Dense(CHORD_COUNT, name="output")(keras.layers.Dropout(0.3)(hidden))
    model = keras.Model(rows, logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(2e-3, clipnorm=1.0), loss=loss, weighted_metrics=[])
    return model


def fit_network(model: Any, *, train: Sequence[Lesson], validation: Sequence[Lesson], epochs: int) -> list[float]:
    """Train until the validation loss has stood still for `_PATIENCE` epochs; its curve in bits per chord."""
    held = batch_lessons(validation, window=_WINDOW, seed=0)
    best, curve, weights = np.inf, [], model.get_weights()
    for epoch in range(epochs):
        rows, chords, counted = batch_lessons(train, window=_WINDOW, seed=epoch + 1)
        model.fit(rows, chords, sample_weight=counted, batch_size=_BATCH, epochs=1, verbose=0)
        curve.append(measure_bits(model, held))
        print(f"epoch {epoch + 1}: {curve[-1]:.4f} bits per chord on validation", flush=True)
        if curve[-1] < best:
            best, weights = curve[-1], model.get_weights()
        elif epoch - int(np.argmin(curve)) >= _PATIENCE:
            break
        if epoch - int(np.argmin(curve)) >= 1:
            model.optimizer.learning_rate.assign(float(model.optimizer.learning_rate) / 2)
    model.set_weights(weights)
    return curve


def measure_bits(model: Any, batch: tuple[npt.NDArray[Any], ...]) -> float:
    """Mean bits per chord slot."""
    rows, chords, counted = batch
    logits = np.asarray(model.predict(rows, batch_size=128, verbose=0), np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    surprise = np.log(np.exp(logits).sum(axis=-1)) - np.take_along_axis(logits, chords[..., None], axis=-1)[..., 0]
    return float((surprise * counted).sum() / counted.sum() / np.log(2.0))


def save_network(model: Any, *, folder: Path, facts: dict[str, object]) -> str:
    """Write weights.npz and manifest.json, each whole or not at all; returns the digest of the weights."""
    kernel, recurrent, bias = model.get_layer("lstm").get_weights()
    output, output_bias = model.get_layer("output").get_weights()
    (embedding,) = model.get_layer("embedding").get_weights()
    arrays = {
        "embedding": embedding,
        "kernel": kernel,
        "recurrent": recurrent,
        "bias": bias,
        "output": output,
        "output_bias": output_bias,
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: array.astype(np.float16) for name, array in arrays.items()})
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    architecture = {"embedding": _EMBEDDING, "units": _UNITS, "features": FEATURES, "chords": CHORD_COUNT}
    manifest = {"instrument": "conductor", "digest": digest, "architecture": architecture, **facts}
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(folder / "weights.npz", buffer.getvalue())
    _write_whole(folder / "manifest.json", (json.dumps(manifest, indent=1) + "\n").encode())
    return digest


def train_conductor(*, root: Path, cache: Path, out: Path = PRETRAINED, epochs: int = 24) -> str:
    """Read the corpora, learn chords from their plans, save what was learned; returns its digest."""
    import keras

    pieces = read_pieces(root=root, cache=cache)
    lessons = {split: make_lessons(plans) for split, plans in split_plans(pieces).items()}
    keras.utils.set_random_seed(1)
    model = build_network()
    curve = fit_network(model, train=lessons["train"], validation=lessons["validation"], epochs=epochs)
    test = measure_bits(model, batch_lessons(lessons["test"], window=_WINDOW, seed=0))
    files, sources = list_files(pieces)
    baseline = measure_baseline(train=lessons["train"], test=lessons["test"])
    facts = {
        "split": {split: _count_lessons(found) for split, found in lessons.items()},
        "settings": {"epochs": epochs, "batch": _BATCH, "window": _WINDOW, "patience": _PATIENCE},
        **describe_fit(curve, test=test, baseline=baseline),
        "files": sources,
        "lineage": [],
    }
    digest = save_network(model, folder=out, facts=facts)
    _write_whole(out / LIST, files)
    return digest


def _count_lessons(lessons: Sequence[Lesson]) -> dict[str, int]:
    """A chord slot is to the conductor what a note is to an instrument."""
    return {"parts": len(lessons), "notes": int(sum(len(lesson.chords) for lesson in lessons))}


def describe_fit(curve: Sequence[float], *, test: float, baseline: float) -> dict[str, object]:
    """Bits per chord slot, under the names that every manifest has."""
    return {
        "epochs": len(curve),
        "validation_nats_per_row": [round(float(bits * np.log(2.0)), 4) for bits in curve],
        "bits_per_note": {"total": round(test, 4), "chord": round(test, 4)},
        "baselines": {"5-gram": {"total": round(baseline, 4)}},
        "gain": round(1.0 - test / baseline, 4),
    }


def read_pieces(*, root: Path, cache: Path) -> list[CorpusPiece]:
    """Every cleared piece that carries chords. Raises CorpusError when there is none."""
    readings = [read_corpus(name, root=root, cache=cache, progress=False) for name in CORPORA]
    pieces = [piece for reading in readings for piece in reading.pieces]
    if not any(piece.split == "train" for piece in pieces):
        raise CorpusError(f"{root}: no piece to learn chords from. Give the folder that holds the corpora.")
    return pieces


def split_plans(pieces: Sequence[CorpusPiece]) -> dict[str, list[Plan]]:
    splits: dict[str, list[Plan]] = {"train": [], "validation": [], "test": []}
    for piece in pieces:
        splits[piece.split].append(piece.piece.plan)
    return splits


def _write_whole(path: Path, data: bytes) -> None:
    unfinished = path.with_suffix(path.suffix + ".part")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the chord network of the conductor.")
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--cache", type=Path, default=Path("var/cache/corpora"))
    parser.add_argument("--out", type=Path, default=PRETRAINED)
    parser.add_argument("--epochs", type=int, default=24)
    arguments = parser.parse_args()
    digest = train_conductor(root=arguments.root, cache=arguments.cache, out=arguments.out, epochs=arguments.epochs)
    print(f"saved {arguments.out}, digest {digest}")


if __name__ == "__main__":
    main()
