"""The network in Keras, for training and scoring; it runs on any Keras backend.

Shapes: b sequences, t rows, u units. Row i+1 is predicted from rows up to i and from the context at its own onset,
which is known once its time is drawn:

    embed(row i) + context(onset i) -> LSTM -> LSTM -> state i                     (b, t, u)
    state i, context(onset i)                                   -> time   of row i+1
    state i, context(onset i+1), time                           -> pitch  of row i+1
    ... and so on: each head also sees what is already drawn of row i+1.

While it fills a gap the network also sees what stands after it: wherever `context` is read, so is `following`, through
weights of their own that add to the LSTM's input and to each head. They learn while all others stay as they are.
"""

from typing import Any

import keras

from generator.engine.network.architecture import Architecture
from generator.engine.network.foresight import PREFIX
from generator.engine.tokens.following import FOLLOWING_SIZE
from generator.engine.tokens.vocabulary import HEADS, LOWEST_PITCH, PITCH_COUNT, SIZES

FORESIGHT_UNITS = 128


class PitchLogits(keras.layers.Layer):
    """A logit per pitch: its own plus that of its pitch class, so that octaves teach each other."""

    def build(self, shape: tuple[int, ...]) -> None:
        units = shape[-1]
        self.kernel = self.add_weight(shape=(units, PITCH_COUNT), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(PITCH_COUNT,), initializer="zeros", name="bias")
        self.classes = self.add_weight(shape=(units, 12), initializer="glorot_uniform", name="classes")

    def call(self, state: Any) -> Any:
        wide = keras.ops.take(self.classes, [(p + LOWEST_PITCH) % 12 for p in range(PITCH_COUNT)], axis=1)
        return keras.ops.matmul(state, keras.ops.cast(self.kernel + wide, state.dtype)) + self.bias


def build_network(architecture: Architecture, *, dropout: float = 0.0, foresees: bool = False) -> keras.Model:
    """Inputs: rows and targets (b, t, 5) of symbols, context (b, t + 1, context_size) of zeros and ones; where it
    `foresees`, also following (b, t + 1, following_size) of zeros and ones, all zeros outside gaps."""
    layers = keras.layers
    rows = keras.Input((None, len(HEADS)), dtype="int32", name="rows")
    targets = keras.Input((None, len(HEADS)), dtype="int32", name="targets")
    context = keras.Input((None, architecture.context_size), name="context")
    following = keras.Input((None, FOLLOWING_SIZE), name="following") if foresees else None
    foresight = _Foresight(following, dropout=dropout)
    dense = layers.Dense(architecture.context_units, activation="relu", name="context_dense")(context)
    here, there = dense[:, :-1], dense[:, 1:]
    embeddings = {
        head: layers.Embedding(SIZES[head] + 1, architecture.embedding_units(head), name=f"{head}_embedding")
        for head in architecture.heads
    }
    embedded = [embeddings[head](rows[:, :, HEADS.index(head)]) for head in architecture.heads]
    step = foresight.add(layers.Concatenate()([*embedded, here]), name="step", there=False)
    step = layers.Dropout(dropout)(step)
    first = layers.LSTM(architecture.units, return_sequences=True, name="lstm_1")(step)
    second = layers.LSTM(architecture.units, return_sequences=True, name="lstm_2")(layers.Dropout(dropout)(first))
    state = layers.Dropout(dropout)(layers.Add()([first, second]))
    outputs: dict[str, Any] = {}
    drawn: list[Any] = []
    for head in architecture.heads:
        seen = [state, here] if head == "time" else [state, there, *drawn]
        hidden = layers.Dense(architecture.head_units, name=f"{head}_dense")(layers.Concatenate()(seen))
        hidden = layers.Activation("relu")(foresight.add(hidden, name=head, there=head != "time"))
        hidden = layers.Dropout(dropout)(hidden)
        last = PitchLogits(name="pitch") if head == "pitch" else layers.Dense(SIZES[head], name=head)
        outputs[head] = layers.Activation("linear", dtype="float32", name=f"{head}_logits")(last(hidden))
        drawn.append(embeddings[head](targets[:, :, HEADS.index(head)]))
    return keras.Model([rows, targets, context, *([following] if foresees else [])], outputs)


class _Foresight:
    """What stands after a gap, mixed once and added in many places; without it nothing is added."""

    def __init__(self, following: Any, *, dropout: float) -> None:
        self.mixed = None
        if following is not None:
            mixed = keras.layers.Dense(FORESIGHT_UNITS, activation="relu", use_bias=False, name=PREFIX)(following)
            self.mixed = keras.layers.Dropout(dropout)(mixed)

    def add(self, values: Any, *, name: str, there: bool) -> Any:
        """From weights that begin at zero, so that an untrained one changes nothing."""
        if self.mixed is None:
            return values
        mixed = self.mixed[:, 1:] if there else self.mixed[:, :-1]
        dense = keras.layers.Dense(
            values.shape[-1], use_bias=False, kernel_initializer="zeros", name=f"{PREFIX}_{name}"
        )
        return keras.layers.Add()([values, dense(mixed)])


def named_weights(network: keras.Model) -> dict[str, Any]:
    """The variables under stable names: 'lstm_1/kernel', 'pitch/classes', ..."""
    found: dict[str, Any] = {}
    for layer in network.layers:
        for variable in layer.weights:
            found[f"{layer.name}/{variable.path.rsplit('/', 1)[-1]}"] = variable
    return found
