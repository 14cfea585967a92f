"""The compiled sampling loop: 16 candidates at once, the LSTM's state carried from row to row.

TensorFlow is imported here and in `grammar`, nowhere else. Every matrix product has 16 rows, whatever number of
candidates is wanted, so a candidate's bytes do not depend on how many are drawn beside it.
"""

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
    LOWEST_PITCH,
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

Tensors = dict[str, Any]


def place_of(ticks: Any) -> Any:
    """Index of grid ticks among all places of the grid."""
    return ticks // 24 * len(GRID) + tf.gather(tf.constant(_PLACE, tf.int32), ticks % 24)


def advance_lstm(weights: Tensors, *, row: Any, here: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """One step of both layers. row (b, 5), here (b, context_units); state: h1, c1, h2, c2, each (b, u)."""
    embedded = [tf.gather(weights[f"{h}_embedding/embeddings"], row[:, i]) for i, h in _drawn_heads(weights)]
    hidden_1, cell_1 = _advance_layer(weights, "lstm_1", tf.concat([*embedded, here], 1), state[0], state[1])
    hidden_2, cell_2 = _advance_layer(weights, "lstm_2", hidden_1, state[2], state[3])
    return hidden_1, cell_1, hidden_2, cell_2


def _drawn_heads(weights: Tensors) -> list[tuple[int, str]]:
    return [(index, head) for index, head in enumerate(HEADS) if f"{head}_dense/kernel" in weights]


def _advance_layer(weights: Tensors, name: str, inputs: Any, hidden: Any, cell: Any) -> tuple[Any, Any]:
    gates = tf.matmul(tf.concat([inputs, hidden], 1), weights[f"{name}/both"]) + weights[f"{name}/bias"]
    write, forget, value, read = tf.split(gates, 4, axis=1)
    cell = tf.sigmoid(forget) * cell + tf.sigmoid(write) * tf.tanh(value)
    return tf.sigmoid(read) * tf.tanh(cell), cell


def head_logits(weights: Tensors, head: str, seen: list[Any]) -> Any:
    hidden = tf.nn.relu(tf.matmul(tf.concat(seen, 1), weights[f"{head}_dense/kernel"]) + weights[f"{head}_dense/bias"])
    return tf.matmul(hidden, weights[f"{head}/kernel"]) + weights[f"{head}/bias"]


def draw_symbols(logits: Any, *, allowed: Any, uniform: Any, settings: Tensors, lean: Any = 0.0) -> tuple[Any, Any]:
    """Symbols (b,) drawn from the nucleus of the allowed ones, and their log-likelihood (b,) without mask and lean."""
    rounded = tf.round(logits * _ROUNDING) / _ROUNDING
    scaled = tf.where(allowed, (rounded + lean) / settings["temperature"], _MASKED)
    likely = tf.nn.softmax(scaled)
    above = tf.reduce_sum(
        tf.where(likely[:, None, :] > likely[:, :, None], likely[:, None, :], 0.0), axis=2
    )  # mass of the symbols likelier than each: (b, v)
    kept = tf.where((above < settings["nucleus"]) & allowed, likely, 0.0)
    edges = tf.cumsum(kept, axis=1)
    total = edges[:, -1:]
    drawn = tf.reduce_sum(tf.cast(edges <= uniform[:, None] * total, tf.int32), axis=1)
    last = tf.reduce_max(tf.where(kept > 0, tf.range(tf.shape(logits)[1])[None, :], 0), axis=1)
    drawn = tf.minimum(drawn, last)
    return drawn, tf.gather(tf.nn.log_softmax(rounded), drawn, batch_dims=1)


def _write_row(weights: Tensors, call: Tensors, state: Tensors, uniform: Any) -> tuple[Tensors, Any]:
    """Draw one row per lane: the next state and what was written (lanes, 6)."""
    here = _context_at(call, state["tick"])
    lstm = advance_lstm(weights, row=state["row"], here=here, state=state["lstm"])
    mind = lstm[0] + lstm[2]
    allowed, ends = allow_times(state, call)
    logits = head_logits(weights, "time", [mind, here])
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
    seen = [mind, _context_at(call, onset), tf.gather(weights["time_embedding/embeddings"], time)]
    drawn, chance = _draw_note(weights, call, seen=seen, masks=masks, uniform=uniform)
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


def _context_at(call: Tensors, tick: Any) -> Any:
    last = tf.shape(call["context"])[0] - 1
    return tf.gather(call["context"], tf.clip_by_value(place_of(tick) - call["first_place"], 0, last))


def _draw_note(
    weights: Tensors, call: Tensors, *, seen: list[Any], masks: dict[str, Any], uniform: Any
) -> tuple[dict[str, Any], Any]:
    """Pitch, duration, velocity and micro, each given the ones before it, and the log-likelihood of them all."""
    drawn = {"duration": tf.fill([LANES], call["drum_duration"]), "micro": tf.fill([LANES], MICRO_CENTRE)}
    likelihood = tf.zeros(LANES)
    for column, (_, head) in enumerate(_drawn_heads(weights)[1:], start=1):
        logits = head_logits(weights, head, seen)
        allowed = masks.get(head, tf.ones_like(logits, tf.bool))
        drawn[head], chance = draw_symbols(logits, allowed=allowed, uniform=uniform[:, column], settings=call)
        likelihood += chance
        seen = [*seen, tf.gather(weights[f"{head}_embedding/embeddings"], drawn[head])]
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
def read_rows(weights: Tensors, rows: Any, context: Any, count: Any) -> tuple[Any, ...]:
    """The LSTM's state after the first `count` of the rows (HISTORY_ROWS, 5), for every lane."""
    units = weights["lstm_1/bias"].shape[0] // 4
    state = tuple(tf.zeros((1, units)) for _ in range(4))

    def body(step: Any, state: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        return step + 1, advance_lstm(weights, row=rows[step][None], here=context[step][None], state=state)

    _, state = tf.while_loop(lambda step, _: step < count, body, (tf.constant(0), state))
    return tuple(tf.repeat(part, LANES, axis=0) for part in state)


def load_weights(weights: dict[str, Any]) -> Tensors:
    """Arrays to tensors; kernels of one product joined, pitch classes spread over their pitches."""
    joined = dict(weights)
    for layer in ("lstm_1", "lstm_2"):
        kernels = [joined.pop(f"{layer}/{name}") for name in ("kernel", "recurrent_kernel")]
        joined[f"{layer}/both"] = np.concatenate(kernels)
    classes = joined.pop("pitch/classes")
    joined["pitch/kernel"] = joined["pitch/kernel"] + classes[:, (np.arange(PITCH_COUNT) + LOWEST_PITCH) % 12]
    return {name: tf.constant(array, tf.float32) for name, array in joined.items()}


def freeze_tensors(arrays: dict[str, Any]) -> Tensors:
    return {name: tf.constant(array) for name, array in arrays.items()}
