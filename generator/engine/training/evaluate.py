"""Bits per note of a network on held-out pieces."""

import keras
import numpy as np
import numpy.typing as npt

from generator.engine.training.baseline import Figures
from generator.engine.training.batches import cut_windows
from generator.engine.training.dataset import Stream

WINDOW = 512
BATCH = 64


def measure_network(network: keras.Model, *, stream: Stream, heads: tuple[str, ...]) -> Figures:
    """Bits per note by head. The state runs through windows of up to 512 rows from each sequence's start."""
    nats = dict.fromkeys(heads, 0.0)
    starts, lengths = _window_spans(stream)
    for begin in range(0, len(starts), BATCH):
        some, long = starts[begin : begin + BATCH], lengths[begin : begin + BATCH]
        inputs, symbols, weights = cut_windows(stream, starts=some, window=int(long.max()))
        inside = np.arange(long.max())[None, :] < long[:, None]
        logits = network.predict_on_batch(inputs)
        for head in heads:
            logs = np.asarray(keras.ops.convert_to_numpy(keras.ops.log_softmax(logits[head])))
            picked = np.take_along_axis(logs, symbols[head][..., None].astype(np.int64), axis=-1)[..., 0]
            nats[head] -= float((picked * weights[head] * inside).sum())
    return {head: round(total / float(np.log(2)) / stream.note_count, 4) for head, total in nats.items()}


def _window_spans(stream: Stream) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where windows begin and how many rows each predicts, the shortest first, so that a batch wastes little."""
    spans = [
        (start, min(WINDOW, stop - 1 - start))
        for begin, stop in zip(stream.starts.tolist(), stream.stops.tolist(), strict=True)
        for start in range(begin, stop - 1, WINDOW)
    ]
    spans.sort(key=lambda span: span[1])
    starts, lengths = np.array(spans, np.int64).T
    return starts, lengths
