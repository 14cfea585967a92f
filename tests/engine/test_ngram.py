"""The n-gram against figures worked out by hand from the published formulas."""

import numpy as np
import pytest

from generator.engine.training.ngram import KneserNey


def test_a_bigram_is_interpolated_with_continuation_counts() -> None:
    # Counts: 0 1 three times, 0 2 once, 3 2 once, 4 2 twice. Once: 2, twice: 1, so the discount is 2 / (2 + 2 * 1).
    grams = np.array([[0, 1]] * 3 + [[0, 2]] + [[3, 2]] + [[4, 2]] * 2)
    model = KneserNey(grams, vocabulary=10)
    # Continuations: 1 after one symbol, 2 after three. No count of two, so that order takes the discount 0.75.
    backed_off = (3 - 0.75) / 4 + 0.75 * 2 / 4 / 10
    expected = (1 - 0.5) / 4 + 0.5 * 2 / 4 * backed_off
    assert 2 ** -model.bits(np.array([[0, 2]]))[0] == pytest.approx(expected)


def test_probabilities_after_any_context_sum_to_one() -> None:
    random = np.random.default_rng(0)
    grams = random.integers(0, 6, (400, 4)).astype(np.int64)
    model = KneserNey(grams, vocabulary=6)
    for context in ([0, 1, 2], [5, 5, 5], [9, 9, 9]):
        followed = np.array([[*context, symbol] for symbol in range(6)])
        assert (2 ** -model.bits(followed)).sum() == pytest.approx(1.0)


def test_an_unseen_context_falls_back_to_what_is_known() -> None:
    grams = np.array([[1, 2, 3], [1, 2, 3], [1, 2, 4], [5, 6, 3]])
    model = KneserNey(grams, vocabulary=10)
    assert model.bits(np.array([[7, 2, 3]]))[0] == model.bits(np.array([[8, 2, 3]]))[0]


def test_a_cycle_is_learnt_almost_exactly() -> None:
    stream = np.tile(np.arange(7), 200)
    grams = np.lib.stride_tricks.sliding_window_view(stream, 5)
    assert KneserNey(grams, vocabulary=7).bits(grams).mean() < 0.02
