"""The training loop: Adam with a cosine decay, early stopping, a CSV log, checkpoints that resume."""

import shutil
import sys
from pathlib import Path

import keras

from generator.engine.training.batches import WindowBatches
from generator.engine.training.dataset import Dataset
from generator.engine.training.settings import Settings


def fit_network(
    network: keras.Model, *, dataset: Dataset, heads: tuple[str, ...], settings: Settings, folder: Path, resume: bool
) -> list[float]:
    """Train in place, end on the best weights, return the validation curve (nats per row). `folder` keeps the state."""
    train = _batches(dataset, split="train", heads=heads, settings=settings)
    validation = _batches(dataset, split="validation", heads=heads, settings=settings)
    return fit_batches(
        network, train=train, validation=validation, heads=heads, settings=settings, folder=folder, resume=resume
    )


def fit_batches(
    network: keras.Model,
    *,
    train: WindowBatches,
    validation: WindowBatches,
    heads: tuple[str, ...],
    settings: Settings,
    folder: Path,
    resume: bool,
) -> list[float]:
    """The same from any batches."""
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _compile(network, heads=heads, steps=settings.epochs * len(train), rate=settings.rate)
    if resume and (folder / "log.csv").exists():
        train.begin_epoch(len(read_curve(folder)))
    best = folder / "best.weights.h5"
    network.fit(
        train,
        validation_data=validation,
        epochs=settings.epochs,
        verbose=1 if sys.stdout.isatty() else 2,
        callbacks=[
            keras.callbacks.BackupAndRestore(str(folder / "state"), delete_checkpoint=False),
            keras.callbacks.CSVLogger(str(folder / "log.csv"), append=resume),
            keras.callbacks.ModelCheckpoint(
                str(best), save_best_only=True, save_weights_only=True, initial_value_threshold=_best_so_far(folder)
            ),
            keras.callbacks.EarlyStopping(patience=settings.patience),
        ],
    )
    network.load_weights(str(best))
    return read_curve(folder)


def _batches(dataset: Dataset, *, split: str, heads: tuple[str, ...], settings: Settings) -> WindowBatches:
    most = settings.most_batches if split == "train" else max(settings.most_batches // 6, 8)
    return WindowBatches(
        dataset.splits[split],
        heads=heads,
        batch=settings.batch,
        window=settings.window,
        most_batches=most,
        loudness_shift=settings.loudness_shift if split == "train" else 0,
        seed=settings.seed,
        anew=split == "train",
    )


def _compile(network: keras.Model, *, heads: tuple[str, ...], steps: int, rate: float) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20, decay_steps=steps, alpha=0.03, warmup_target=rate, warmup_steps=min(100, max(steps // 20, 1))
    )
    losses = {head: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for head in heads}
    network.compile(optimizer=keras.optimizers.Adam(schedule, clipnorm=1.0), loss=losses, jit_compile=False)


def read_curve(folder: Path) -> list[float]:
    """Validation losses by epoch, from the CSV log."""
    lines = (folder / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index("val_loss")
    return [round(float(line.split(",")[column]), 4) for line in lines[1:]]


def _best_so_far(folder: Path) -> float | None:
    return min(read_curve(folder), default=None) if (folder / "log.csv").exists() else None
