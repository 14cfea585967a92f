"""The network for the chorale benchmark: two LSTM layers, their sum and a head, on chorale symbols."""

from typing import Any

import keras

from generator.engine.measuring.chorales import END_FRAME, KEYS, METRE, SYMBOLS

UNITS = 256
FORBIDDEN = -1e9


class Ascending(keras.layers.Layer):
    """Logits of keys at or below the symbol before, in the same frame, are forbidden: notes are written low to high."""

    def call(self, logits: Any, before: Any) -> Any:
        key = keras.ops.arange(SYMBOLS, dtype="int32")[None, None, :]
        last = keras.ops.where(before >= END_FRAME, -1, before)[:, :, None]
        return keras.ops.where(key > last, logits, FORBIDDEN)


def build_chorale_network(*, dropout: float, units: int = UNITS) -> keras.Model:
    """Inputs as in `chorales.Batch`; output: logits (b, t, 89)."""
    layers = keras.layers
    before = keras.Input((None,), dtype="int32", name="before")
    place = keras.Input((None,), dtype="int32", name="place")
    seen = keras.Input((None, 4 * KEYS), name="seen")
    view = layers.Dropout(dropout / 2)(layers.Dense(units, activation="relu", name="view")(seen))
    at = layers.Embedding(METRE, 16, name="at")(place)
    step = layers.Concatenate()([layers.Embedding(SYMBOLS + 1, 64, name="symbol")(before), at, view])
    first = layers.LSTM(units, return_sequences=True, name="lstm_1")(layers.Dropout(dropout / 2)(step))
    second = layers.LSTM(units, return_sequences=True, name="lstm_2")(layers.Dropout(dropout)(first))
    state = layers.Dropout(dropout)(layers.Concatenate()([layers.Add()([first, second]), view, at]))
    hidden = layers.Dropout(dropout)(layers.Dense(units, activation="relu", name="head")(state))
    logits = layers.Activation("linear", dtype="float32")(layers.Dense(SYMBOLS, name="logits")(hidden))
    return keras.Model([before, place, seen], Ascending(dtype="float32")(logits, before))
