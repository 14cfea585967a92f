"""The chord network at work: an LSTM over chord slots, in numpy, because a plan is a few hundred small steps."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generator.engine.conductor.features import FEATURE_COUNT, FEATURES, HELD, OFFSETS, PREVIOUS, START, Table
from generator.engine.errors import ModelError
from generator.engine.plan import CHORD_COUNT, NO_CHORD

PRETRAINED = Path(__file__).resolve().parents[2] / "pretrained" / "conductor"
_ARRAYS = ("embedding", "kernel", "recurrent", "bias", "output", "output_bias")

BLOCK = 4
"""Rows of a product."""

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ChordNetwork:
    """Weights: inputs (features, 4u), recurrent (u, 4u), bias (4u), output (u, chords)."""

    inputs: Array
    """The embedding of each category times the LSTM's kernel."""
    recurrent: Array
    bias: Array
    output: Array
    output_bias: Array
    digest: str = ""

    @property
    def units(self) -> int:
        return int(self.recurrent.shape[0])

    def step(self, rows: Table, *, hidden: Array, cell: Array) -> tuple[Array, Array, Array]:
        """One slot for a batch: rows (batch, features) -> logits (batch, chords) and the new state (batch, units)."""
        seen = self.inputs[rows + OFFSETS].sum(axis=1)
        gates = seen + _multiply(hidden, self.recurrent) + self.bias
        taken, kept, candidate, shown = np.split(gates, 4, axis=1)
        cell = _sigmoid(kept) * cell + _sigmoid(taken) * np.tanh(candidate)
        hidden = _sigmoid(shown) * np.tanh(cell)
        return _multiply(hidden, self.output) + self.output_bias, hidden, cell


class ChordWalk:
    """A batch of chord sequences under way: the network's state and what each has played so far."""

    def __init__(self, network: ChordNetwork, *, candidates: int) -> None:
        self.network = network
        self.hidden = np.zeros((candidates, network.units), np.float32)
        self.cell = np.zeros_like(self.hidden)
        self.previous = np.full(candidates, START)
        self.held = np.zeros(candidates, np.int64)

    def fork(self, candidates: int) -> "ChordWalk":
        """So many walks that have all come the way of this one's first."""
        forked = ChordWalk(self.network, candidates=candidates)
        forked.hidden, forked.cell = (np.repeat(part[:1], candidates, axis=0) for part in (self.hidden, self.cell))
        forked.previous, forked.held = (np.repeat(part[:1], candidates) for part in (self.previous, self.held))
        return forked

    def look(self, row: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Probabilities of the next chord, (candidates, chords); 'no chord' is never offered."""
        rows = np.repeat(row[None], len(self.previous), axis=0)
        rows[:, PREVIOUS], rows[:, HELD] = self.previous, np.minimum(self.held, FEATURES["held"] - 1)
        logits, self.hidden, self.cell = self.network.step(rows, hidden=self.hidden, cell=self.cell)
        logits[:, NO_CHORD] = -np.inf
        rounded = np.round(logits.astype(np.float64), 3)
        odds = np.exp(rounded - rounded.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def take(self, chords: npt.NDArray[np.int64]) -> None:
        """Settle the chord of the slot that was looked at."""
        self.held = np.where(chords == self.previous, self.held + 1, 1)
        self.previous = chords


@cache
def load_network(folder: Path = PRETRAINED) -> ChordNetwork:
    """The shipped network, checked against its digest. Raises ModelError."""
    try:
        data = (folder / "weights.npz").read_bytes()
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            weights = {name: arrays[name].astype(np.float32) for name in _ARRAYS}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"conductor: {folder} holds no readable network ({error}). Train it or restore it.") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != manifest.get("digest"):
        raise ModelError(f"conductor: the weights in {folder} are not those of the manifest. Restore them.")
    if weights["embedding"].shape[0] != FEATURE_COUNT or weights["output"].shape[1] != CHORD_COUNT:
        raise ModelError(f"conductor: the weights in {folder} are for other features. Train it anew.")
    inputs = weights.pop("embedding") @ weights.pop("kernel")
    return ChordNetwork(inputs=inputs, **weights, digest=digest)


def _multiply(rows: Array, weights: Array) -> Array:
    """A product in blocks too small for the BLAS library to share among threads: those cost more than they save, most
    of all beside TensorFlow's own, and the result would depend on the size of the batch."""
    blocks = [rows[start : start + BLOCK] @ weights for start in range(0, len(rows), BLOCK)]
    return np.concatenate(blocks)


def _sigmoid(values: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-values)), np.float32)
