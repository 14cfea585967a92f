"""How likely a network finds given notes: in numpy, for the few dozen rows that a choice hangs on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.fusing import embed_context, sum_gates
from generator.engine.network.sheet import fuse_once
from generator.engine.network.store import InstrumentModel, Weights
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part
from generator.engine.tokens.context import context_table
from generator.engine.tokens.events import encode_notes
from generator.engine.tokens.vocabulary import HEADS

MOST_ROWS = 64
"""Rows heard before the first one judged."""
_BLOCK = 4

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


def score_following(
    model: InstrumentModel,
    *,
    plan: Plan,
    role: Role,
    lead: Part | None,
    openings: Sequence[Sequence[Note]],
    following: Sequence[Note],
) -> npt.NDArray[np.float64]:
    """Nats of the `following` notes after each of the openings (all of whose notes come earlier), one per opening."""
    if not following:
        return np.zeros(len(openings))
    fused, heads = fuse_once(model)[0], model.architecture.heads
    drums = INSTRUMENTS[model.slug].is_drums
    table = context_table(plan, role=role, lead=lead)
    scores = np.zeros(len(openings))
    sequences = [_encode([*opening, *following], drums=drums, judged=len(following)) for opening in openings]
    longest = max(len(rows) for rows, _, _ in sequences)
    lanes = [_Lane(fused, table=table, rows=rows, ticks=ticks, room=longest) for rows, ticks, _ in sequences]
    minds = _run(fused, lanes=lanes)
    for place, (rows, ticks, first) in enumerate(sequences):
        states = minds[place, longest - len(rows) :]
        scores[place] = _score_rows(
            fused, heads, table=table, states=states[first - 1 : -1], rows=rows[first - 1 :], ticks=ticks[first - 1 :]
        )
    return scores


def _encode(notes: Sequence[Note], *, drums: bool, judged: int) -> tuple[Integers, Integers, int]:
    """Rows, their ticks, and the first row to judge; END and what lies too far back are left out."""
    rows, ticks = encode_notes(sorted(notes), drums=drums)
    rows, ticks = rows[:-1], ticks[:-1]
    _, unjudged = encode_notes(sorted(notes)[: len(notes) - judged], drums=drums)
    first = len(unjudged) - 1
    skipped = max(first - MOST_ROWS, 0)
    return rows[skipped:], ticks[skipped:], first - skipped


class _Lane:
    """One sequence's share of the first layer's gates, padded at the front: (room, 4u)."""

    def __init__(self, fused: Weights, *, table: npt.NDArray[np.int16], rows: Integers, ticks: Integers, room: int):
        gates = sum_gates(fused, rows, _mix(fused, table=table, ticks=ticks))
        self.gates = np.zeros((room, gates.shape[1]), np.float32)
        self.gates[room - len(rows) :] = gates
        self.begins = room - len(rows)


def _mix(fused: Weights, *, table: npt.NDArray[np.int16], ticks: Integers) -> Floats:
    return np.asarray(embed_context(fused, table[ticks]) @ fused["mix"] + fused["mix/bias"], np.float32)


def _run(fused: Weights, *, lanes: Sequence[_Lane]) -> Floats:
    """What the heads read after each row: (lanes, room, u)."""
    gates = np.stack([lane.gates for lane in lanes])
    begins = np.array([lane.begins for lane in lanes])
    units = gates.shape[2] // 4
    hidden_1, cell_1, hidden_2, cell_2 = (np.zeros((len(lanes), units), np.float32) for _ in range(4))
    minds = np.zeros((*gates.shape[:2], units), np.float32)
    for step in range(gates.shape[1]):
        begun = (begins <= step)[:, None]
        new_1, new_cell_1 = _open(gates[:, step] + _multiply(hidden_1, fused["lstm_1/recurrent"]), cell=cell_1)
        both = np.concatenate([new_1, hidden_2], axis=1)
        new_2, new_cell_2 = _open(_multiply(both, fused["lstm_2/both"]) + fused["lstm_2/bias"], cell=cell_2)
        hidden_1, cell_1 = np.where(begun, new_1, hidden_1), np.where(begun, new_cell_1, cell_1)
        hidden_2, cell_2 = np.where(begun, new_2, hidden_2), np.where(begun, new_cell_2, cell_2)
        minds[:, step] = hidden_1 + hidden_2
    return minds


def _open(gates: Floats, *, cell: Floats) -> tuple[Floats, Floats]:
    write, forget, value, read = np.split(gates, 4, axis=1)
    cell = _sigmoid(forget) * cell + _sigmoid(write) * np.tanh(value)
    return _sigmoid(read) * np.tanh(cell), cell


def _multiply(rows: Floats, weights: Floats) -> Floats:
    """In blocks too small for the BLAS library to share among threads, which costs more than it saves here."""
    return np.concatenate([rows[at : at + _BLOCK] @ weights for at in range(0, len(rows), _BLOCK)])


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-values)), np.float32)


def _score_rows(
    fused: Weights,
    heads: tuple[str, ...],
    *,
    table: npt.NDArray[np.int16],
    states: Floats,
    rows: Integers,
    ticks: Integers,
) -> float:
    """Nats of rows[1:] given the states after the rows before them."""
    units, size = states.shape[1], len(heads)
    minds = np.split(states @ fused["mind"], size, axis=1)
    here = np.split(_mix(fused, table=table, ticks=ticks[:-1])[:, 4 * units :], size, axis=1)
    there = np.split(_mix(fused, table=table, ticks=ticks[1:])[:, 4 * units :], size, axis=1)
    is_note = rows[1:, 1] < len(fused["pitch/bias"])
    total = 0.0
    for place, head in enumerate(heads):
        hidden = minds[place] + (here if head == "time" else there)[place]
        for earlier in heads[:place]:
            hidden = hidden + fused[f"{head}/after/{earlier}"][rows[1:, HEADS.index(earlier)]]
        logits = np.maximum(hidden, 0.0) @ fused[f"{head}/kernel"] + fused[f"{head}/bias"]
        symbols = np.minimum(rows[1:, HEADS.index(head)], logits.shape[1] - 1)
        chances = logits - logits.max(axis=1, keepdims=True)
        chances = chances - np.log(np.exp(chances).sum(axis=1, keepdims=True))
        picked = chances[np.arange(len(symbols)), symbols]
        total += float(picked.sum() if head == "time" else picked[is_note].sum())
    return total
