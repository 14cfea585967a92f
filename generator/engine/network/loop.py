"""The compiled sampling loop: 16 candidates at once, the LSTM's state carried from row to row.

TensorFlow is imported here, in `grammar` and in `programs`, nowhere else. Every matrix product has 16 rows, whatever
number of candidates is wanted, so a candidate's bytes do not depend on how many are drawn beside it.
"""

import math
from contextlib import suppress
from typing import Any

import numpy as np
import tensorflow as tf

from generator.engine.network.grammar import allow_durations, allow_pitches, allow_times
from generator.engine.network.limits import LANES, MOST_VOICES, STEPS
from generator.engine.tokens.vocabulary import (
    DURATION_COUNT,
    DURATIONS,
    GRID,
    HEADS,
    MAX_TIME,
    MICRO_CENTRE,
    MICRO_COUNT,
    PITCH_COUNT,
    SHIFT,
    VELOCITY_COUNT,
)

_PLACE = np.cumsum(np.isin(np.arange(24), GRID)) - 1
"""Index of each tick of a quarter on the grid."""
_MASKED = np.float32(-1e9)
_ROUNDING = np.float32(1000.0)
"""Logits are rounded to 1/1000, so that kernels that differ in the last bits draw alike."""

_HALVINGS = 12
"""Of the bound of the nucleus: it is found to 1/4096 of the likeliest symbol's chance."""

Tensors = dict[str, Any]


def _keep_to_one_thread() -> None:
    """Parts are written side by side. Products as small as these gain nothing from a second thread, and waiting for it
    costs a fifth of the time. Where TensorFlow is already under way (in training, say) it keeps its threads."""
    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(1)


_keep_to_one_thread()


def place_of(ticks: Any) -> Any:
    """Index of grid ticks among all places of the grid."""
    return ticks // 24 * len(GRID) + tf.gather(tf.constant(_PLACE, tf.int32), ticks % 24)


def advance_lstm(weights: Tensors, *, row: Any, here: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """One step of both layers. row (b, 5), here (b, 4u); state: h1, c1, h2, c2, each (b, u)."""
    gates = here + tf.matmul(state[0], weights["lstm_1/recurrent"])
    for index, head in _drawn_heads(weights):
        gates += tf.gather(weights[f"{head}/gates"], row[:, index])
    hidden_1, cell_1 = _open_gates(gates, cell=state[1])
    both = tf.concat([hidden_1, state[2]], 1)
    hidden_2, cell_2 = _open_gates(tf.matmul(both, weights["lstm_2/both"]) + weights["lstm_2/bias"], cell=state[3])
    return hidden_1, cell_1, hidden_2, cell_2


def _drawn_heads(weights: Tensors) -> list[tuple[int, str]]:
    return [(index, head) for index, head in enumerate(HEADS) if f"{head}/gates" in weights]


def _open_gates(gates: Any, *, cell: Any) -> tuple[Any, Any]:
    write, forget, value, read = tf.split(gates, 4, axis=1)
    cell = tf.sigmoid(forget) * cell + tf.sigmoid(write) * tf.tanh(value)
    return tf.sigmoid(read) * tf.tanh(cell), cell


def _split_heads(weights: Tensors, wide: Any) -> dict[str, Any]:
    """(b, heads * k) to (b, k) by head."""
    heads = [head for _, head in _drawn_heads(weights)]
    return dict(zip(heads, tf.split(wide, len(heads), axis=1), strict=True))


def head_logits(weights: Tensors, head: str, hidden: Any) -> Any:
    return tf.matmul(tf.nn.relu(hidden), weights[f"{head}/kernel"]) + weights[f"{head}/bias"]


def draw_symbols(logits: Any, *, allowed: Any, uniform: Any, settings: Tensors, lean: Any = 0.0) -> tuple[Any, Any]:
    """Symbols (b,) drawn from the nucleus of the allowed ones, and their log-likelihood (b,) without mask and lean."""
    rounded = tf.round(logits * _ROUNDING) / _ROUNDING
    scaled = tf.where(allowed, (rounded + lean) / settings["temperature"], _MASKED)
    weighed = tf.exp(scaled - tf.reduce_max(scaled, axis=1, keepdims=True))
    kept = tf.where((weighed > _find_least(weighed, nucleus=settings["nucleus"])) & allowed, weighed, 0.0)
    drawn = pick_symbols(kept, uniform=uniform)
    top = tf.reduce_max(rounded, axis=1)
    mass = tf.reduce_sum(tf.exp(rounded - top[:, None]), axis=1)
    return drawn, tf.gather(rounded, drawn, batch_dims=1) - top - tf.math.log(mass)


def _find_least(weighed: Any, *, nucleus: Any) -> Any:
    """A bound (b, 1) above which lie the fewest likeliest symbols whose mass reaches the nucleus: where what lies above
    it first weighs less than the nucleus. The likeliest weighs 1. By halving, which costs far less than sorting."""
    asked = nucleus * tf.reduce_sum(weighed, axis=1, keepdims=True)
    low = tf.zeros_like(asked)
    high = tf.ones_like(asked)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_less = tf.reduce_sum(tf.where(weighed > middle, weighed, 0.0), axis=1, keepdims=True) < asked
        low, high = tf.where(is_less, low, middle), tf.where(is_less, middle, high)
    return low


def pick_symbols(kept: Any, *, uniform: Any) -> Any:
    """Symbols (b,) drawn in proportion to `kept` (b, n): first a block of about √n of them, then one of the block.
    Running sums over blocks cost a fraction of one over all."""
    lanes, count = kept.shape
    size = math.isqrt(count - 1) + 1
    blocks = -(-count // size)
    cells = tf.reshape(tf.pad(kept, [[0, 0], [0, blocks * size - count]]), (lanes, blocks, size))
    masses = tf.reduce_sum(cells, axis=2)
    goal = uniform[:, None] * tf.reduce_sum(masses, axis=1, keepdims=True)
    block = _count_up_to(goal, _sum_up(masses), last=masses > 0)
    before = tf.reduce_sum(tf.where(tf.range(blocks)[None, :] < block[:, None], masses, 0.0), axis=1, keepdims=True)
    cell = tf.gather(cells, block, batch_dims=1)
    return block * size + _count_up_to(tf.maximum(goal - before, 0.0), _sum_up(cell), last=cell > 0)


def _sum_up(masses: Any) -> Any:
    """Running sums along the last axis, which is short."""
    until = tf.constant(np.tri(masses.shape[1], dtype=np.float32))
    return tf.reduce_sum(masses[:, None, :] * until[None], axis=2)


def _count_up_to(goal: Any, edges: Any, *, last: Any) -> Any:
    """How many edges lie at or below the goal, at most the place of the last one that may be drawn."""
    places = tf.range(edges.shape[1])[None, :]
    most = tf.reduce_max(tf.where(last, places, 0), axis=1)
    return tf.minimum(tf.reduce_sum(tf.cast(edges <= goal, tf.int32), axis=1), most)


def _write_row(weights: Tensors, call: Tensors, state: Tensors, uniform: Any) -> tuple[Tensors, Any]:
    """Draw one row per lane: the next state and what was written (lanes, 6)."""
    here = _context_at(call, "gates", state["tick"])
    lstm = advance_lstm(weights, row=state["row"], here=here, state=state["lstm"])
    minds = _split_heads(weights, tf.matmul(lstm[0] + lstm[2], weights["mind"]))
    allowed, ends = allow_times(state, call)
    logits = head_logits(weights, "time", minds["time"] + _context_at(call, "time", state["tick"]))
    time, likelihood = draw_symbols(
        logits, allowed=allowed, uniform=uniform[:, 0], settings=call, lean=call["time_bias"][None, :]
    )
    done = state["done"] | ~tf.reduce_any(allowed, axis=1) | tf.gather(ends, time, batch_dims=1)
    onset = state["tick"] + tf.minimum(time, MAX_TIME)
    stacked = (time == 0) & (state["row"][:, 1] < PITCH_COUNT)
    masks = {
        "pitch": allow_pitches(state, call, onset=onset, stacked=stacked),
        "duration": allow_durations(call, onset=onset),
    }
    there = tf.split(_context_at(call, "note", onset), len(minds) - 1, axis=1)
    hidden = {head: minds[head] + part for head, part in zip(list(minds)[1:], there, strict=True)}
    drawn, chance = _draw_note(weights, call, time=time, hidden=hidden, masks=masks, uniform=uniform)
    shifted = time == SHIFT
    written = {"time": time, "onset": onset, "wrote": ~done & ~shifted, "shifted": shifted, "stacked": stacked, **drawn}
    following = {
        **_follow_state(state, call, written=written),
        "lstm": lstm,
        "done": done,
        "score": state["score"] + tf.where(done, 0.0, likelihood + tf.where(shifted, 0.0, chance)),
    }
    columns = [onset, drawn["pitch"], _sounding_ticks(call, written), drawn["velocity"], drawn["micro"]]
    return following, tf.stack([*columns, tf.cast(written["wrote"], tf.int32)], 1)


def _context_at(call: Tensors, share: str, tick: Any) -> Any:
    """What the place adds to the gates, to the head of time or to the heads of the note: (b, …)."""
    table = call[f"context/{share}"]
    return tf.gather(table, tf.clip_by_value(place_of(tick) - call["first_place"], 0, table.shape[0] - 1))


def _draw_note(
    weights: Tensors, call: Tensors, *, time: Any, hidden: dict[str, Any], masks: dict[str, Any], uniform: Any
) -> tuple[dict[str, Any], Any]:
    """Pitch, duration, velocity and micro, each given the ones before it, and the log-likelihood of them all."""
    drawn = {"duration": tf.fill([LANES], call["drum_duration"]), "micro": tf.fill([LANES], MICRO_CENTRE)}
    likelihood = tf.zeros(LANES)
    seen = {"time": time}
    for column, (_, head) in enumerate(_drawn_heads(weights)[1:], start=1):
        earlier = [tf.gather(weights[f"{head}/after/{name}"], symbol) for name, symbol in seen.items()]
        logits = head_logits(weights, head, tf.add_n([hidden[head], *earlier]))
        allowed = masks.get(head, tf.ones_like(logits, tf.bool))
        drawn[head], chance = draw_symbols(logits, allowed=allowed, uniform=uniform[:, column], settings=call)
        likelihood += chance
        seen[head] = drawn[head]
    return drawn, likelihood


def _sounding_ticks(call: Tensors, written: dict[str, Any]) -> Any:
    """Lengths in ticks; the piece's last note is held to its end."""
    ticks = tf.gather(tf.constant(DURATIONS), written["duration"])
    held = (written["onset"] == call["final"]) & call["holds"]
    return tf.where(held, call["length"] - written["onset"], ticks)


def _follow_state(state: Tensors, call: Tensors, *, written: dict[str, Any]) -> Tensors:
    """What the grammar and the next step need to know of the row just written."""
    names = ("time", "pitch", "duration", "velocity", "micro")
    rest = tf.constant([[SHIFT, PITCH_COUNT, DURATION_COUNT, VELOCITY_COUNT, MICRO_COUNT]])
    end = written["onset"] + _sounding_ticks(call, written)
    stacked, pitch = written["stacked"], written["pitch"]
    goes_on = written["wrote"] | written["shifted"]
    return {
        "row": tf.where(written["shifted"][:, None], rest, tf.stack([written[name] for name in names], 1)),
        "tick": tf.where(goes_on, written["onset"], state["tick"]),
        "low": tf.where(stacked, state["low"], pitch),
        "size": tf.where(stacked, state["size"] + 1, 1),
        "run": tf.where((pitch == state["row"][:, 1]) & ~stacked, state["run"] + 1, 1),
        "ends": tf.where(written["wrote"][:, None], _occupy_voice(state["ends"], end=end), state["ends"]),
    }


def _occupy_voice(ends: Any, *, end: Any) -> Any:
    """The voice that has been free for longest sounds until `end`."""
    free = tf.one_hot(tf.argmin(ends, axis=1), MOST_VOICES, on_value=True, off_value=False)
    return tf.where(free, end[:, None], ends)


@tf.function(jit_compile=True)
def write_rows(weights: Tensors, call: Tensors, state: Tensors, uniforms: Any) -> tuple[Tensors, Any]:
    """Up to STEPS rows per lane; uniforms (STEPS, lanes, heads). Returns the state and (STEPS, lanes, 6)."""
    written = tf.zeros((STEPS, LANES, 6), tf.int32)

    def body(step: Any, state: Tensors, written: Any) -> tuple[Any, Tensors, Any]:
        state, row = _write_row(weights, call, state, uniforms[step])
        return step + 1, state, tf.tensor_scatter_nd_update(written, [[step]], row[None])

    def goes_on(step: Any, state: Tensors, written: Any) -> Any:
        return (step < STEPS) & ~tf.reduce_all(state["done"])

    _, state, written = tf.while_loop(goes_on, body, (tf.constant(0), state, written))
    return state, written


@tf.function(jit_compile=True)
def read_rows(weights: Tensors, gates: Any, count: Any) -> tuple[Any, ...]:
    """The LSTM's state, for every lane, after the first `count` rows, given the input's share of layer 1's gates
    (HISTORY_ROWS, 4u). Layer by layer, so that each keeps its own kernel in the processor's cache."""
    units = weights["lstm_1/recurrent"].shape[0]
    hidden_1, cell_1, lower = _run_layer(gates, recurrent=weights["lstm_1/recurrent"], count=count)
    gates = tf.matmul(lower, weights["lstm_2/both"][:units]) + weights["lstm_2/bias"]
    hidden_2, cell_2, _ = _run_layer(gates, recurrent=weights["lstm_2/both"][units:], count=count)
    return tuple(tf.repeat(part, LANES, axis=0) for part in (hidden_1, cell_1, hidden_2, cell_2))


def _run_layer(gates: Any, *, recurrent: Any, count: Any) -> tuple[Any, Any, Any]:
    """Hidden and cell state (1, u) after `count` steps, and the hidden states of all steps (n, u)."""
    zero = tf.zeros((1, recurrent.shape[0]))

    def body(step: Any, hidden: Any, cell: Any, outputs: Any) -> tuple[Any, ...]:
        hidden, cell = _open_gates(gates[step][None] + tf.matmul(hidden, recurrent), cell=cell)
        return step + 1, hidden, cell, tf.tensor_scatter_nd_update(outputs, [[step]], hidden)

    outputs = tf.zeros((gates.shape[0], recurrent.shape[0]))
    begin = (tf.constant(0), zero, zero, outputs)
    _, hidden, cell, outputs = tf.while_loop(lambda step, *_: step < count, body, begin)
    return hidden, cell, outputs


@tf.function(jit_compile=True)
def mix_block(kernel: Any, bias: Any, block: Any) -> Any:
    """Compiled, since the kernels that TensorFlow takes otherwise are kept for each shape and thread that it meets."""
    return tf.matmul(block, kernel) + bias
