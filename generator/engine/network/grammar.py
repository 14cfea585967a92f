"""What may be drawn: playable ranges, voices and spans, the grid, the closing note. Masks inside the compiled loop.

`state` holds each lane's (b,) last row and tick, its chord's lowest pitch and size, how often its pitch was struck in
a row, and when its voices end (b, voices). `call` holds the limits that `rules` and `priming.prepare_call` state.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from generator.engine.network.limits import LANES
from generator.engine.score import TICKS_PER_QUARTER
from generator.engine.tokens.vocabulary import DURATIONS, END, GRID, MAX_TIME, PITCH_COUNT, SHIFT, TIME_COUNT

_GRID_AFTER = np.isin((np.arange(TICKS_PER_QUARTER)[:, None] + np.arange(TIME_COUNT)) % TICKS_PER_QUARTER, GRID)
_GRID_AFTER[:, MAX_TIME + 1 :] = False
"""Whether a note may begin so many ticks after each tick of a quarter: (24, 196)."""

Tensors = dict[str, Any]


def allow_times(state: Tensors, call: Tensors) -> tuple[Any, Any]:
    """Which time symbols may be drawn (b, 196), and which of them end the part (b, 196)."""
    tick = state["tick"][:, None]
    since = tf.concat([tf.range(MAX_TIME + 1), [MAX_TIME, MAX_TIME, MAX_TIME]], 0)[None, :]
    symbol = tf.range(TIME_COUNT)[None, :]
    onset = tick + since
    at_end = tick >= call["final"]  # only where the piece's last note is due; `final` is far away otherwise
    ends = (onset >= call["stop"]) | (symbol == END)
    ends |= at_end & (symbol > 0)
    may_end = tf.where(call["cadence"], at_end, (symbol != END) | (tick + call["late"] >= call["stop"]))
    may_strike = tf.gather(tf.constant(_GRID_AFTER), state["tick"] % TICKS_PER_QUARTER) & (onset < call["stop"])
    may_strike &= (onset <= call["final"]) & (
        onset >= tf.maximum(call["start"], _find_free_voice(state, call))[:, None]
    )
    may_strike &= (symbol > 0) | _can_stack(state, call)[:, None] | (state["row"][:, 1:2] == PITCH_COUNT)
    may_shift = (symbol == SHIFT) & (onset < tf.minimum(call["stop"], call["final"]))
    return tf.where(ends, may_end, may_strike | may_shift), ends


def _find_free_voice(state: Tensors, call: Tensors) -> Any:
    """The first tick at which fewer voices sound than the instrument has: (b,)."""
    ends = state["ends"]
    sounding = tf.reduce_sum(tf.cast(ends[:, None, :] > ends[:, :, None], tf.int32), axis=2)  # when each voice ends
    return tf.reduce_min(tf.where(sounding < call["voices"], ends, ends.dtype.max), axis=1)


def _can_stack(state: Tensors, call: Tensors) -> Any:
    """Whether another note fits on the chord that was struck last: (b,)."""
    above = allow_pitches(state, call, onset=state["tick"], stacked=tf.ones(LANES, tf.bool))
    struck = state["row"][:, 1] < PITCH_COUNT
    return struck & (state["size"] < call["voices"]) & tf.reduce_any(above, axis=1)


def allow_pitches(state: Tensors, call: Tensors, *, onset: Any, stacked: Any) -> Any:
    """Pitches within range; above the chord's last and within its span; no endless repeats; the tonic at the end."""
    pitch = tf.range(PITCH_COUNT)[None, :]
    last = state["row"][:, 1:2]
    fits = (pitch > last) & (pitch <= state["low"][:, None] + call["span"])
    fresh = (pitch != last) | (state["run"][:, None] < call["run_limit"])
    closing = (onset == call["final"])[:, None]
    return call["range"][None, :] & tf.where(stacked[:, None], fits, fresh) & (call["closing"][None, :] | ~closing)


def allow_durations(call: Tensors, *, onset: Any) -> Any:
    """Nothing sounds past the piece's end, nor into its last note."""
    room = tf.where(onset < call["final"], tf.minimum(call["final"], call["length"]), call["length"]) - onset
    return tf.constant(DURATIONS)[None, :] <= room[:, None]
