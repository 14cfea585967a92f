"""Chorale frames as symbols, and that a network's frames are probabilities."""

from itertools import product

import numpy as np

from generator.engine.measuring.chorales import END_FRAME, START, make_batch, serialise, transpose


def make_frames(*chords: tuple[int, ...]) -> np.ndarray:
    frames = np.zeros((len(chords), 88), np.uint8)
    for row, chord in enumerate(chords):
        frames[row, list(chord)] = 1
    return frames


def test_frames_become_notes_low_to_high_and_an_end() -> None:
    symbols, owners = serialise(make_frames((40, 47), (), (3,)))
    assert symbols.tolist() == [40, 47, END_FRAME, END_FRAME, 3, END_FRAME]
    assert owners.tolist() == [0, 0, 0, 1, 2, 2]


def test_a_step_sees_the_frame_so_far_and_nothing_of_what_comes() -> None:
    batch = make_batch([make_frames((40, 47), (41,))])
    assert batch.before[0].tolist() == [START, 40, 47, END_FRAME, 41]
    so_far = [np.flatnonzero(row[:88]).tolist() for row in batch.seen[0]]
    last = [np.flatnonzero(row[88:176]).tolist() for row in batch.seen[0]]
    assert so_far == [[], [40], [40, 47], [], [41]]
    assert last == [[], [], [], [40, 47], [40, 47]]
    assert batch.weights.sum() == 5


def test_holds_are_measured_from_past_frames_alone() -> None:
    held = make_batch([make_frames((40,), (40,), (50,))]).seen[0][:, 176:264]
    assert [row[40] for row in held] == [0, 0, 0.5, 0.5, 0.75, 0.75]


def test_transposing_keeps_the_music_and_stays_on_the_keyboard() -> None:
    frames = make_frames((0, 80))
    assert np.flatnonzero(transpose(frames, semitones=6)[0]).tolist() == [6, 86]
    assert np.array_equal(transpose(frames, semitones=-1), frames)
    assert np.array_equal(transpose(frames, semitones=8), frames)


def test_the_probabilities_of_all_frames_over_three_keys_and_those_beyond_sum_to_one() -> None:
    """The network forbids what no frame can be, so nothing is lost to impossible symbols."""
    import keras

    from generator.engine.measuring.chorale_network import build_chorale_network

    keras.utils.set_random_seed(1)
    network = build_chorale_network(dropout=0.0, units=8)
    frames = [
        make_frames(tuple(k for k, on in zip((85, 86, 87), bits, strict=True) if on))
        for bits in product((0, 1), repeat=3)
    ]
    total = 0.0
    for frame in frames:
        batch = make_batch([frame])
        logits = np.asarray(network([batch.before, batch.place, batch.seen]), np.float64)[0]
        logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        total += float(np.exp(logs[np.arange(len(logs)), batch.symbols[0]].sum()))
    first = np.asarray(network([batch.before[:, :1], batch.place[:, :1], batch.seen[:, :1]]), np.float64)[0, 0]
    below = float(np.exp(first[:85]).sum() / np.exp(first).sum())
    assert abs(total + below - 1.0) < 1e-6
