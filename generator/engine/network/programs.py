"""Calling the compiled programs of `loop` with a network's weights.

TensorFlow finds the program for a call by the names, types and shapes of all that it is given, some sixty tensors
here, and takes longer for it than for the call itself. All of that stays the same from call to call but for the number
of places, so each program is looked up once for each of those.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from generator.engine.network import loop
from generator.engine.network.loop import Tensors

PLACES = 256
"""Places whose context is mixed at once."""


class Programs:
    """One network's. Its weights are arguments of the programs, so that all networks of a kind share them."""

    def __init__(self, weights: Tensors) -> None:
        """The weights as tensors, named as `fusing` does."""
        self._weights = weights
        self._found: dict[tuple[Any, int], Any] = {}

    def write_rows(self, call: Tensors, state: Tensors, uniforms: Any) -> tuple[Tensors, Any]:
        """See `loop.write_rows`. All but the uniforms are tensors."""
        places = len(call["context/time"])
        written: tuple[Tensors, Any] = self._run(
            loop.write_rows, self._weights, call, state, tf.constant(uniforms), places=places
        )
        return written

    def read_rows(self, gates: Any, count: int) -> tuple[Any, ...]:
        """See `loop.read_rows`."""
        state: tuple[Any, ...] = self._run(loop.read_rows, self._weights, tf.constant(gates), tf.constant(count))
        return state

    def mix_places(self, places: Any, *, mixed: Any) -> None:
        """Write what each place's context (n, c) adds to the gates of layer 1 and to the heads into `mixed`
        (n, 4u + heads * k)."""
        kernel, bias = self._weights["mix"], self._weights["mix/bias"]
        for start in range(0, len(places), PLACES):
            found = places[start : start + PLACES]
            block = np.pad(found, ((0, PLACES - len(found)), (0, 0)))
            answer = self._run(loop.mix_block, kernel, bias, tf.constant(block))
            mixed[start : start + PLACES] = np.asarray(answer)[: len(found)]

    def _run(self, program: Any, *given: Any, places: int = 0) -> Any:
        found = self._found.get((program, places))
        if found is None:
            found = self._found[program, places] = program.get_concrete_function(*given).inference_fn
        return found.call_preflattened(tf.nest.flatten(given))


def freeze_tensors(arrays: dict[str, Any]) -> Tensors:
    return {name: tf.constant(array) for name, array in arrays.items()}
