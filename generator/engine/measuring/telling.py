"""Can composed bars be told from human ones? A small network on features of two bars, trained on half the pieces."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.measuring.music import Stretch, cut_stretch
from generator.engine.metrics import SCALES, list_top_line, measure_chord_tones
from generator.engine.plan import Role
from generator.engine.score import Note

Array = npt.NDArray[np.float64]

BARS = 2
_EPOCHS = 40
_WIDEST = 9
"""Semitones up and down up to which moves of the line are told apart."""


def describe_bars(stretch: Stretch) -> Array:
    """What is seen of two bars: pitches against chord, key and each other, moves, lengths, places, likeness of bars.

    Places and density are told by the beat: which metre a piece has, its brief decides and not its composer.
    """
    plan, notes = stretch.plan, stretch.notes
    size = plan.metre.bar_ticks
    pitches = np.array([note.pitch for note in notes], float)
    lengths = np.array([note.duration for note in notes], float)
    is_pitched = stretch.role is not Role.RHYTHM  # a drummer's plan has no chords and no key that could be heard
    chords = [plan.chord_at(note.onset) for note in notes] if is_pitched else []
    against = [(note.pitch - chord.root) % 12 for note, chord in zip(notes, chords, strict=False) if chord]
    scale = SCALES[plan.key.mode] if is_pitched else frozenset(range(12))
    moves = [after - before for before, after in pairwise(list_top_line(notes))] or [0]
    beat = plan.metre.beat_ticks
    places = np.bincount([note.onset % beat * 12 // beat for note in notes], minlength=12)
    halves = [{(n.onset % size, n.pitch) for n in notes if n.onset // size == bar} for bar in range(BARS)]
    shared = len(halves[0] & halves[1]) / max(len(halves[0] | halves[1]), 1)
    steps = np.abs(np.array(moves))
    return np.concatenate(
        [
            [
                len(notes) * beat / plan.length,
                pitches.mean(),
                pitches.std(),
                np.ptp(pitches),
                lengths.mean(),
                lengths.std(),
                shared,
            ],
            [np.mean([note.onset % size == 0 for note in notes])],
            [np.mean(steps == 0), np.mean((steps > 0) & (steps <= 2)), np.mean(steps > 7), np.mean(moves)],
            [float(np.mean([note.pitch % 12 in scale for note in notes]))],
            [len({note.onset for note in notes}) / len(notes), *np.quantile(lengths, [0.1, 0.5, 0.9])],
            np.bincount(against or [0], minlength=12) / max(len(against), 1),
            np.bincount(pitches.astype(int) % 12, minlength=12) / len(notes),
            places / len(notes),
            np.bincount(_list_struck_intervals(notes), minlength=12) / len(notes),
            np.bincount(np.clip(moves, -_WIDEST, _WIDEST) + _WIDEST, minlength=2 * _WIDEST + 1) / len(moves),
            [measure_chord_tones(notes, plan=plan) if is_pitched else 1.0],
        ]
    )


def _list_struck_intervals(notes: Sequence[Note]) -> list[int]:
    """Interval classes between each note and those above it that are struck with it."""
    chords: dict[int, list[int]] = {}
    for note in notes:
        chords.setdefault(note.onset, []).append(note.pitch)
    return [abs(one - other) % 12 for chord in chords.values() for one, other in combinations(chord, 2)]


def walk_randomly(stretch: Stretch, *, seed: int) -> Stretch:
    """The same rhythm, the pitches a random walk within the scale."""
    random = np.random.default_rng(seed)
    scale = [pitch for pitch in range(128) if pitch % 12 in SCALES[stretch.plan.key.mode]]
    centre = int(np.median([note.pitch for note in stretch.notes]))
    place = int(np.argmin([abs(pitch - centre) for pitch in scale]))
    walked: list[Note] = []
    for note in stretch.notes:
        place = int(np.clip(place + random.integers(-3, 4), 8, len(scale) - 9))
        walked.append(replace(note, pitch=scale[place]))
    return replace(stretch, notes=tuple(sorted(walked)))


def measure_telling(human: Sequence[Stretch], others: Sequence[Stretch], *, seed: int) -> float:
    """Area under the ROC curve on pieces that the classifier was not trained on, 0.5 is guessing: the mean over two
    classifiers, each of which is trained on one half of the pieces and tested on the other."""
    sides = [_describe_pieces(side) for side in (human, others)]
    halves: list[list[tuple[Array, int]]] = [[], []]
    for label, pieces in enumerate(sides):
        for number, rows in enumerate(pieces):
            halves[number % 2].append((rows, label))
    stacked = [_stack(half) for half in halves]
    return float(np.mean([_tell(known, unseen, seed=seed) for known, unseen in (stacked, stacked[::-1])]))


def _tell(known: tuple[Array, Array], unseen: tuple[Array, Array], *, seed: int) -> float:
    (train, labels), (test, test_labels) = known, unseen
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-6
    scores = _fit_and_score((train - mean) / spread, labels, (test - mean) / spread, seed=seed)
    return measure_auc(scores, test_labels)


def _describe_pieces(stretches: Sequence[Stretch]) -> list[Array]:
    pieces: dict[str, list[Array]] = {}
    for stretch in stretches:
        rows = [describe_bars(each) for each in cut_stretch(stretch, bars=BARS, fewest=3)]
        pieces.setdefault(stretch.piece, []).extend(rows)
    return [np.stack(rows) for _, rows in sorted(pieces.items()) if rows]


def _stack(half: Sequence[tuple[Array, int]]) -> tuple[Array, Array]:
    rows = np.concatenate([rows for rows, _ in half])
    return rows, np.concatenate([np.full(len(rows), label, float) for rows, label in half])


def _fit_and_score(train: Array, labels: Array, test: Array, *, seed: int) -> Array:
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    shape = [keras.Input((train.shape[1],)), layers.Dense(48, activation="relu"), layers.Dropout(0.3)]
    network = keras.Sequential([*shape, layers.Dense(1, activation="sigmoid")])
    network.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy")
    share = labels.mean()
    weights = np.where(labels > 0, 0.5 / share, 0.5 / (1 - share))
    network.fit(train, labels, sample_weight=weights, epochs=_EPOCHS, batch_size=64, verbose=0)
    scores: Any = network.predict(test, batch_size=1024, verbose=0)
    return np.asarray(scores, float).ravel()


def measure_auc(scores: Array, labels: Array) -> float:
    """Chance that a composed row scores above a human one; ties count half."""
    human, composed = np.sort(scores[labels == 0]), scores[labels > 0]
    below, upto = (np.searchsorted(human, composed, side=side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / len(human))
