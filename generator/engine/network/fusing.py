"""Weights rearranged for sampling: whatever does not depend on the LSTM's state is multiplied out beforehand.

An embedding times the rows of a kernel that read it is a table to look up; the context's share of every kernel is one
product per place, made before the loop starts. What is left for each step is three products with the state.
"""

import numpy as np
import numpy.typing as npt

from generator.engine.network.store import Weights
from generator.engine.tokens.vocabulary import HEADS, LOWEST_PITCH, PITCH_COUNT


def list_heads(weights: Weights) -> tuple[str, ...]:
    return tuple(head for head in HEADS if f"{head}_dense/kernel" in weights)


def fuse_weights(weights: Weights) -> Weights:
    """For u units, c context units, heads of k hidden units each:

    context/kernel, context/bias    categories -> context                                  (categories, c), (c,)
    mix, mix/bias                   context -> gates of layer 1 and every head's hidden    (c, 4u + heads * k)
    HEAD/gates                      symbol of the last row -> gates of layer 1             (symbols, 4u)
    lstm_1/recurrent, lstm_2/both   state -> gates                                         (u, 4u), (2u, 4u)
    mind                            state -> every head's hidden                           (u, heads * k)
    HEAD/after/EARLIER              symbol drawn in this row -> hidden                     (symbols, k)
    HEAD/kernel, HEAD/bias          hidden -> logits                                       (k, symbols)
    """
    heads, kernel = list_heads(weights), weights["lstm_1/kernel"]
    units = len(weights["lstm_1/recurrent_kernel"])
    fused: Weights = {
        "context/kernel": weights["context_dense/kernel"],
        "context/bias": weights["context_dense/bias"],
        "lstm_1/recurrent": weights["lstm_1/recurrent_kernel"],
        "lstm_2/both": np.concatenate([weights["lstm_2/kernel"], weights["lstm_2/recurrent_kernel"]]),
        "lstm_2/bias": weights["lstm_2/bias"],
    }
    at = 0
    for head in heads:
        fused[f"{head}/gates"], at = _multiply_table(weights, head=head, kernel=kernel, at=at)
    mixes, minds = [kernel[at:]], []
    for place, head in enumerate(heads):
        hidden = weights[f"{head}_dense/kernel"]
        at = units + len(weights["context_dense/bias"])
        minds.append(hidden[:units])
        mixes.append(hidden[units:at])
        for earlier in heads[:place]:
            fused[f"{head}/after/{earlier}"], at = _multiply_table(weights, head=earlier, kernel=hidden, at=at)
        fused[f"{head}/kernel"], fused[f"{head}/bias"] = weights[f"{head}/kernel"], weights[f"{head}/bias"]
    fused["mind"], fused["mix"] = np.concatenate(minds, axis=1), np.concatenate(mixes, axis=1)
    fused["mix/bias"] = np.concatenate([weights["lstm_1/bias"], *(weights[f"{head}_dense/bias"] for head in heads)])
    classes = weights["pitch/classes"][:, (np.arange(PITCH_COUNT) + LOWEST_PITCH) % 12]
    fused["pitch/kernel"] = fused["pitch/kernel"] + classes
    return {name: np.ascontiguousarray(array, np.float32) for name, array in fused.items()}


def _multiply_table(
    weights: Weights, *, head: str, kernel: npt.NDArray[np.float32], at: int
) -> tuple[npt.NDArray[np.float32], int]:
    """The head's embeddings times the rows of a kernel that read them, and the row after those."""
    table = weights[f"{head}_embedding/embeddings"]
    stop = at + table.shape[1]
    return table @ kernel[at:stop], stop


def embed_context(fused: Weights, table: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """The network's dense layer over the categories: (places, c)."""
    mixed = np.tile(fused["context/bias"], (len(table), 1))
    for column in table.T:
        mixed += fused["context/kernel"][column]
    return np.maximum(mixed, 0.0)


def sum_gates(fused: Weights, rows: npt.NDArray[np.int32], context: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The input's share of layer 1's gates for known rows (n, 5) in mixed context: (n, 4u)."""
    gates = context[:, : fused["time/gates"].shape[1]].copy()
    for column, head in enumerate(HEADS):
        if f"{head}/gates" in fused:
            gates += fused[f"{head}/gates"][rows[:, column]]
    return gates
