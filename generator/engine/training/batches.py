"""Windows of a stream as arrays for Keras."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from generator.engine.tokens.context import CONTEXT_SIZE
from generator.engine.tokens.vocabulary import HEADS, PITCH_COUNT, START, VELOCITY_COUNT
from generator.engine.training.dataset import Stream


def window_starts(stream: Stream, *, window: int, shift: int = 0) -> npt.NDArray[np.int64]:
    """Where windows begin: at each sequence's first row and every `window` rows after it (the later ones moved by
    `shift`, so that epochs cut differently). A window may run on into the next sequence, whose START tells."""
    spans = zip(stream.starts.tolist(), stream.stops.tolist(), strict=True)
    found = [[begin, *range(begin + window - shift, stop - 1, window)] for begin, stop in spans]
    starts = np.array([start for sequence in found for start in sequence], np.int64)
    return np.minimum(starts, max(len(stream.rows) - window - 1, 0))


def cut_windows(
    stream: Stream, *, starts: npt.NDArray[np.int64], window: int, louder: npt.NDArray[np.int64] | None = None
) -> tuple[Any, Any, Any]:
    """Inputs, symbols to predict and weights (0 where nothing is drawn) of `window` rows from each start, each window
    made `louder` by so many velocity bands."""
    at = starts[:, None] + np.arange(window + 1)
    rows = stream.rows[np.minimum(at, len(stream.rows) - 1)].astype(np.int32)
    if louder is not None:
        velocity = np.clip(rows[..., 3] + louder[:, None], 0, VELOCITY_COUNT - 1)
        rows[..., 3] = np.where(rows[..., 3] < VELOCITY_COUNT, velocity, VELOCITY_COUNT)
    inputs = {
        "rows": rows[:, :-1],
        "targets": rows[:, 1:],
        "context": spread_context(stream.context[np.minimum(at, len(stream.rows) - 1)]),
    }
    return inputs, *_split_targets(rows[:, 1:], inside=at[:, 1:] < len(stream.rows))


def spread_context(categories: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """(..., features) of category numbers to (..., context_size) of zeros and ones."""
    spread = np.zeros((*categories.shape[:-1], CONTEXT_SIZE), np.float32)
    np.put_along_axis(spread, categories.astype(np.int64), 1.0, axis=-1)
    return spread


def _split_targets(rows: npt.NDArray[np.int32], *, inside: npt.NDArray[np.bool_]) -> tuple[Any, Any]:
    symbols: dict[str, npt.NDArray[np.int32]] = {}
    weights: dict[str, npt.NDArray[np.float32]] = {}
    is_note = rows[..., 1] < PITCH_COUNT
    for column, head in enumerate(HEADS):
        drawn = (rows[..., 0] != START if head == "time" else is_note) & inside
        symbols[head] = np.where(drawn, rows[..., column], 0)
        weights[head] = drawn.astype(np.float32)
    return symbols, weights


class WindowBatches(keras.utils.PyDataset):
    """Shuffled batches of windows, the same for the same seed; every epoch cuts and shuffles them `anew` or not."""

    def __init__(
        self,
        stream: Stream,
        *,
        heads: tuple[str, ...],
        batch: int,
        window: int,
        most_batches: int,
        loudness_shift: int = 0,
        seed: int = 0,
        anew: bool = True,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.stream, self.heads, self.batch, self.window = stream, heads, batch, window
        self.most_batches, self.loudness_shift = most_batches, loudness_shift
        self.seed, self.anew, self.epoch = seed, anew, 0
        self._shuffle()

    def _shuffle(self) -> None:
        random = np.random.default_rng([self.seed, self.epoch])
        starts = window_starts(self.stream, window=self.window, shift=int(random.integers(0, self.window // 2)))
        self.starts = random.permutation(starts)
        self.louder = random.integers(-self.loudness_shift, self.loudness_shift + 1, len(starts))

    def __len__(self) -> int:
        shortest = len(window_starts(self.stream, window=self.window))
        return max(1, min(shortest // self.batch, self.most_batches))

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        starts = self.starts[index * self.batch : (index + 1) * self.batch]
        louder = self.louder[index * self.batch : (index + 1) * self.batch]
        inputs, symbols, weights = cut_windows(self.stream, starts=starts, window=self.window, louder=louder)
        return inputs, {h: symbols[h] for h in self.heads}, {h: weights[h] for h in self.heads}

    def on_epoch_end(self) -> None:
        self.begin_epoch(self.epoch + 1)

    def begin_epoch(self, number: int) -> None:
        """Counted from 0. A run that is resumed begins where it stopped, so that it sees what it has not seen."""
        if self.anew:
            self.epoch = number
            self._shuffle()
