"""The reference's architecture and our network, trained on the same files for the same CPU time, compared on pitch.

    nice python -m tests.benchmarks.reference_training --corpora DIR --instrument guitar --seconds 600

Both predict the pitch of every note of the held-out pieces, notes of a chord from the lowest up. The reference sees the
last hundred pitches, as it does; ours sees what it always sees. Writes var/reference/INSTRUMENT.json.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.architecture import Architecture
from generator.engine.network.build import build_network
from generator.engine.tokens.vocabulary import PITCH_COUNT
from generator.engine.training.batches import WindowBatches
from generator.engine.training.dataset import Dataset, Stream
from generator.engine.training.evaluate import measure_network
from generator.engine.training.loading import load_dataset
from tests.benchmarks.reference_method import build_reference, cut_windows

WINDOW = 100
BATCH = 64
MOST_TEST_NOTES = 1_500


class Deadline(keras.callbacks.Callback):
    """Stops training when so many CPU seconds are spent, from the first batch on, which compiles; notes the loss.

    CPU time, so that whatever else the machine does favours neither side.
    """

    def __init__(self, *, seconds: float) -> None:
        super().__init__()
        self.seconds, self.batches = seconds, 0
        self.curve: list[tuple[float, float]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        if self.batches == 1:
            self.began = time.process_time()
        spent = time.process_time() - self.began
        if self.batches % 5 == 0:
            self.curve.append((round(spent, 1), round(float(logs["loss"]), 4)))
        if spent > self.seconds:
            self.model.stop_training = True


def list_pitches(stream: Stream) -> list[npt.NDArray[np.int64]]:
    """The pitches of each part, in the order in which rows hold them."""
    parts = [stream.rows[a:b, 1] for a, b in zip(stream.starts, stream.stops, strict=True)]
    return [part[part < PITCH_COUNT].astype(np.int64) for part in parts]


def pad_parts(parts: list[npt.NDArray[np.int64]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All parts end to end, each after a window of rests (0), and where each note's window starts."""
    padded, starts, at = [], [], 0
    for part in parts:
        padded += [np.zeros(WINDOW, np.int64), part + 1]
        starts.append(at + np.arange(len(part)))
        at += WINDOW + len(part)
    return np.concatenate(padded), np.concatenate(starts)


def train_reference(dataset: Dataset, *, seconds: float) -> tuple[float, Deadline]:
    """Bits per note on the test pieces, on pitch."""
    keras.utils.set_random_seed(0)
    symbols = PITCH_COUNT + 1
    network = build_reference(window=WINDOW, symbols=symbols)
    network.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy")
    numbers, starts = pad_parts(list_pitches(dataset.splits["train"]))
    starts = np.random.default_rng(0).permutation(starts)
    deadline = Deadline(seconds=seconds)

    class Windows(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(starts) // BATCH

        def __getitem__(self, index: int) -> tuple[Any, Any]:
            some = starts[index * BATCH : (index + 1) * BATCH]
            return cut_windows(numbers, window=WINDOW, symbols=symbols, starts=some)

    network.fit(Windows(), epochs=1000, verbose=0, callbacks=[deadline])
    numbers, starts = pad_parts(list_pitches(dataset.splits["test"]))
    chosen = np.random.default_rng(1).permutation(starts)[:MOST_TEST_NOTES]
    inputs, wanted = cut_windows(numbers, window=WINDOW, symbols=symbols, starts=chosen)
    likely = network.predict(inputs, batch_size=256, verbose=0)
    bits = -np.log2(np.maximum(likely[np.arange(len(wanted)), wanted], 1e-12))
    return round(float(bits.mean()), 4), deadline


def train_ours(dataset: Dataset, *, seconds: float, heads: tuple[str, ...]) -> tuple[float, Deadline]:
    keras.utils.set_random_seed(0)
    network = build_network(Architecture(heads=heads), dropout=0.2)
    batches = WindowBatches(dataset.splits["train"], heads=heads, batch=32, window=128, most_batches=10**6)
    losses = {head: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for head in heads}
    network.compile(optimizer=keras.optimizers.Adam(2e-3, clipnorm=1.0), loss=losses, jit_compile=False)
    deadline = Deadline(seconds=seconds)
    network.fit(batches, epochs=1000, verbose=0, callbacks=[deadline])
    return measure_network(network, stream=dataset.splits["test"], heads=heads)["pitch"], deadline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("var"))
    parser.add_argument("--instrument", default="guitar")
    parser.add_argument("--seconds", type=float, default=600, help="of CPU time for each")
    options = parser.parse_args()
    instrument = INSTRUMENTS[options.instrument]
    dataset = load_dataset(instrument, corpora=options.corpora, work=options.work)
    load = os.getloadavg()[0]
    theirs, their_run = train_reference(dataset, seconds=options.seconds)
    heads = Architecture.for_instrument(drums=instrument.is_drums).heads
    ours, our_run = train_ours(dataset, seconds=options.seconds, heads=heads)
    found = {
        "instrument": instrument.slug, "seconds": options.seconds,
        "load": [round(each, 2) for each in (load, os.getloadavg()[0])],
        "pitch_bits_per_note": {"reference": theirs, "ours": ours}, "ratio": round(theirs / ours, 4),
        "batches": {"reference": their_run.batches, "ours": our_run.batches},
        "notes_seen": {"reference": their_run.batches * BATCH, "ours": our_run.batches * 32 * 128},
        "curve": {"reference": their_run.curve, "ours": our_run.curve},
    }  # fmt: skip
    folder = options.work / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{instrument.slug}.json").write_text(json.dumps(found, indent=1) + "\n")
    print({name: value for name, value in found.items() if name != "curve"})


if __name__ == "__main__":
    main()
