"""Bits per note of a network on held-out pieces."""

import keras
import numpy as np

from generator.engine.training.baseline import Figures
from generator.engine.training.batches import cut_windows
from generator.engine.training.dataset import Stream

WINDOW = 512
BATCH = 16


def measure_network(network: keras.Model, *, stream: Stream, heads: tuple[str, ...]) -> Figures:
    """Bits per note by head. The state runs through windows of 512 rows from each sequence's start."""
    nats = dict.fromkeys(heads, 0.0)
    owner = _sequence_of_row(stream)
    starts = np.array(_aligned_starts(stream), np.int64)
    for begin in range(0, len(starts), BATCH):
        some = np.resize(starts[begin : begin + BATCH], BATCH)
        inputs, symbols, weights = cut_windows(stream, starts=some, window=WINDOW)
        inside = _inside_sequence(owner, starts=some)
        inside[len(starts) - begin :] = False
        logits = network(inputs, training=False)
        for head in heads:
            logs = np.asarray(keras.ops.log_softmax(logits[head]))
            picked = np.take_along_axis(logs, symbols[head][..., None].astype(np.int64), axis=-1)[..., 0]
            nats[head] -= float((picked * weights[head] * inside).sum())
    return {head: round(float(total / np.log(2) / stream.note_count), 4) for head, total in nats.items()}


def _aligned_starts(stream: Stream) -> list[int]:
    spans = zip(stream.starts.tolist(), stream.stops.tolist(), strict=True)
    return [start for begin, stop in spans for start in range(begin, stop - 1, WINDOW)]


def _sequence_of_row(stream: Stream) -> np.ndarray:
    return np.searchsorted(stream.starts, np.arange(len(stream.rows)), side="right")


def _inside_sequence(owner: np.ndarray, *, starts: np.ndarray) -> np.ndarray:
    """Which of a window's targets belong to the sequence that it starts in: (b, t)."""
    at = np.minimum(starts[:, None] + np.arange(1, WINDOW + 1), len(owner) - 1)
    return np.asarray(owner[at] == owner[starts][:, None], np.float32)
