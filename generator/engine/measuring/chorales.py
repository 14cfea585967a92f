"""The published Bach chorale frames (Boulanger-Lewandowski, Bengio, Vincent 2012) as symbols for a network.

A frame of 88 keys is its notes from low to high, then END_FRAME. A network that gives each symbol a probability given
all before it gives each frame one, so that nats per frame compare with the published figures. Every frame is scored,
the first of a piece too.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generator.engine.errors import CorpusError

KEYS = 88
END_FRAME = 88
START = 89
SYMBOLS = 89
METRE = 16
"""Frames are quarter notes: the place within four bars is seen."""

Frames = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Batch:
    """b pieces, t symbols, the longest piece deciding t."""

    before: npt.NDArray[np.int32]
    """The symbol before each (b, t)."""
    place: npt.NDArray[np.int32]
    """The frame's number modulo METRE (b, t)."""
    seen: npt.NDArray[np.float32]
    """Keys of the frame so far, of the last frame, how long each has been held, of the frame before (b, t, 352)."""
    symbols: npt.NDArray[np.int32]
    """To predict (b, t)."""
    weights: npt.NDArray[np.float32]
    """1 where a symbol stands, 0 beyond the piece (b, t)."""


def read_chorales(path: Path) -> dict[str, list[Frames]]:
    """Pieces (frames, 88) by split. Raises CorpusError."""
    from scipy.io import loadmat

    try:
        stored = loadmat(path)
        names = {"train": "traindata", "validation": "validdata", "test": "testdata"}
        return {split: [np.asarray(piece, np.uint8) for piece in stored[name][0]] for split, name in names.items()}
    except (OSError, KeyError, ValueError) as error:
        raise CorpusError(
            f"chorales: {path} is not the published JSB_Chorales.mat ({error}). Name that file."
        ) from error


def transpose(frames: Frames, *, semitones: int) -> Frames:
    """Moved by so many keys; pieces that would leave the keyboard stay."""
    used = np.flatnonzero(frames.any(axis=0))
    if not len(used) or used[0] + semitones < 0 or used[-1] + semitones >= KEYS:
        return frames
    return np.roll(frames, semitones, axis=1)


def serialise(frames: Frames) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Symbols and the frame to which each belongs: (t,), (t,)."""
    closed = np.concatenate([frames, np.ones((len(frames), 1), np.uint8)], axis=1)
    owners, symbols = np.nonzero(closed)
    return symbols.astype(np.int32), owners.astype(np.int32)


def make_batch(pieces: list[Frames]) -> Batch:
    read = [_see(frames) for frames in pieces]
    longest = max(len(symbols) for symbols, _, _ in read)
    shape = (len(read), longest)
    batch = Batch(
        np.full(shape, START, np.int32), np.zeros(shape, np.int32), np.zeros((*shape, 4 * KEYS), np.float32),
        np.zeros(shape, np.int32), np.zeros(shape, np.float32),
    )  # fmt: skip
    for row, (symbols, owners, seen) in enumerate(read):
        size = len(symbols)
        batch.before[row, 1:size] = symbols[:-1]
        batch.place[row, :size] = owners % METRE
        batch.seen[row, :size] = seen
        batch.symbols[row, :size] = symbols
        batch.weights[row, :size] = 1.0
    return batch


def _see(frames: Frames) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    symbols, owners = serialise(frames)
    so_far = np.zeros((len(symbols), KEYS), np.float32)
    keys = np.arange(KEYS)
    so_far[:] = frames[owners] * (keys[None, :] < np.where(symbols == END_FRAME, KEYS, symbols)[:, None])
    past = np.concatenate([np.zeros((2, KEYS), np.float32), frames.astype(np.float32)])
    seen = np.concatenate([so_far, past[owners + 1], _measure_holds(frames)[owners], past[owners]], axis=1)
    return symbols, owners, seen


def _measure_holds(frames: Frames) -> npt.NDArray[np.float32]:
    """For each frame, how long each key had sounded up to the frame before, 1 - 1/2^frames: (frames, 88)."""
    holds = np.zeros((len(frames), KEYS), np.float32)
    for index in range(1, len(frames)):
        holds[index] = frames[index - 1] * (0.5 + holds[index - 1] / 2)
    return holds
