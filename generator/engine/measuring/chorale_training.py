"""Training for the chorale benchmark: each piece transposed anew each epoch, weights averaged, early stopping.

`python -m generator.engine.measuring.chorale_training --chorales FILE --work DIR` goes on where it stopped.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from generator.engine.measuring.chorale_network import build_chorale_network
from generator.engine.measuring.chorales import Frames, make_batch, read_chorales, transpose

MOST_SEMITONES = 6
BATCH = 16


class ChoraleBatches(keras.utils.PyDataset):
    """The training pieces in batches of like lengths, transposed and shuffled anew each epoch."""

    def __init__(self, pieces: list[Frames], *, seed: int, epoch: int = 0) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.pieces, self.seed, self.epoch = pieces, seed, epoch
        self._shuffle()

    def _shuffle(self) -> None:
        random = np.random.default_rng([self.seed, self.epoch])
        noisy = np.array([len(piece) for piece in self.pieces]) * random.uniform(0.8, 1.25, len(self.pieces))
        order = np.argsort(noisy)
        groups = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        self.groups = [groups[i] for i in random.permutation(len(groups))]
        self.moves = random.integers(-MOST_SEMITONES, MOST_SEMITONES, len(self.pieces), endpoint=True)

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        batch = make_batch([transpose(self.pieces[i], semitones=int(self.moves[i])) for i in self.groups[index]])
        return {"before": batch.before, "place": batch.place, "seen": batch.seen}, batch.symbols, batch.weights

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()


def measure_frames(network: keras.Model, pieces: list[Frames]) -> float:
    """Nats per frame."""
    ordered = sorted(pieces, key=len)
    nats = 0.0
    for begin in range(0, len(ordered), BATCH):
        batch = make_batch(ordered[begin : begin + BATCH])
        logits = np.asarray(keras.ops.convert_to_numpy(network([batch.before, batch.place, batch.seen])), np.float64)
        top = logits.max(axis=-1, keepdims=True)
        norm = np.log(np.exp(logits - top).sum(axis=-1)) + top[..., 0]
        picked = np.take_along_axis(logits, batch.symbols[..., None].astype(np.int64), axis=-1)[..., 0]
        nats += float(((norm - picked) * batch.weights).sum())
    return nats / sum(len(piece) for piece in pieces)


class _Watch(keras.callbacks.Callback):
    """Measures the averaged weights on the validation pieces after each epoch and keeps the best."""

    def __init__(self, *, pieces: list[Frames], folder: Path, twin: keras.Model, patience: int) -> None:
        super().__init__()
        self.pieces, self.folder, self.twin, self.patience = pieces, folder, twin, patience
        self.curve: list[dict[str, float]] = _read_curve(folder)
        self.spent = self.curve[-1]["cpu_seconds"] if self.curve else 0.0
        self.since = time.process_time()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        averages = self.model.optimizer._model_variables_moving_average
        for variable, average in zip(self.twin.trainable_variables, averages, strict=True):
            variable.assign(average)
        nats = measure_frames(self.twin, self.pieces)
        if nats < min((row["validation_nats"] for row in self.curve), default=np.inf):
            self.twin.save_weights(str(self.folder / "best.weights.h5"))
        spent = self.spent + time.process_time() - self.since
        self.curve.append({"epoch": epoch + 1, "validation_nats": round(nats, 4), "cpu_seconds": round(spent, 1)})
        partial = self.folder / "curve.part"
        partial.write_text(json.dumps(self.curve))
        os.replace(partial, self.folder / "curve.json")
        print(f"epoch {epoch + 1}: {nats:.4f} nats per frame, {spent:.0f} CPU s", flush=True)
        best = min(self.curve, key=lambda row: row["validation_nats"])["epoch"]
        self.model.stop_training = epoch + 1 - best >= self.patience


def _read_curve(folder: Path) -> list[dict[str, float]]:
    path = folder / "curve.json"
    return list(json.loads(path.read_text())) if path.exists() else []


def train_chorales(chorales: Path, *, folder: Path, epochs: int, dropout: float = 0.4, seed: int = 0) -> keras.Model:
    """Train, or go on training, in `folder`; the network with the best averaged weights."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = read_chorales(chorales)
    keras.utils.set_random_seed(seed)
    network = build_chorale_network(dropout=dropout)
    twin = build_chorale_network(dropout=0.0)
    train = ChoraleBatches(pieces["train"], seed=seed, epoch=len(_read_curve(folder)))
    steps = epochs * len(train)
    rate = keras.optimizers.schedules.CosineDecay(2e-4, steps, alpha=0.02, warmup_target=3e-3, warmup_steps=100)
    network.compile(
        optimizer=keras.optimizers.Adam(rate, clipnorm=1.0, use_ema=True, ema_momentum=0.995),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    watch = _Watch(pieces=pieces["validation"], folder=folder, twin=twin, patience=40)
    backup = keras.callbacks.BackupAndRestore(str(folder / "state"), delete_checkpoint=False)
    network.fit(train, epochs=epochs, verbose=0, callbacks=[backup, watch])
    twin.load_weights(str(folder / "best.weights.h5"))
    return twin


def load_chorale_network(folder: Path) -> keras.Model | None:
    """The best network so far; None where none was trained yet."""
    best = folder / "best.weights.h5"
    if not best.exists():
        return None
    network = build_chorale_network(dropout=0.0)
    network.load_weights(str(best))
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chorales", type=Path, required=True, help="the published JSB_Chorales.mat")
    parser.add_argument("--work", type=Path, default=Path("var/jsb"), help="checkpoints (%(default)s)")
    parser.add_argument("--epochs", type=int, default=85)
    parser.add_argument("--dropout", type=float, default=0.4)
    options = parser.parse_args()
    twin = train_chorales(options.chorales, folder=options.work, epochs=options.epochs, dropout=options.dropout)
    print(f"test: {measure_frames(twin, read_chorales(options.chorales)['test']):.4f} nats per frame")


if __name__ == "__main__":
    main()
