"""The bound on chance: true of every weighted sum of fair coins, and turned round without loss."""

import itertools
import math

import numpy as np
import pytest

from generator.engine.audio.marking.bounds import bound_chance, find_threshold


@pytest.mark.parametrize("weights", [(1,), (1, 1), (1, 1, 1), (3, 1, 1), tuple(range(1, 13)), (1,) * 14])
def test_no_sum_of_fair_coins_exceeds_its_bound(weights: tuple[int, ...]) -> None:
    """Counted out over all coins. Two equal weights reach the bound itself."""
    scaled = np.array(weights) / np.linalg.norm(weights)
    sums = np.array(list(itertools.product((-1.0, 1.0), repeat=len(weights)))) @ scaled
    for score in np.unique(np.round(sums[sums > 0], 9)):
        assert np.mean(sums >= score - 1e-9) <= bound_chance(float(score), tries=1) * (1 + 1e-9)


def test_two_equal_coins_meet_the_bound() -> None:
    assert bound_chance(math.sqrt(2.0), tries=1) == pytest.approx(0.25)


@pytest.mark.parametrize(("tries", "chance"), [(1, 1e-3), (3_200, 2.5e-7), (1 << 60, 1e-6)])
def test_threshold_is_the_score_of_that_chance(tries: int, chance: float) -> None:
    assert bound_chance(find_threshold(tries=tries, chance=chance), tries=tries) == pytest.approx(chance, rel=1e-6)


def test_chance_is_never_called_impossible() -> None:
    assert 0.0 < bound_chance(60.0, tries=1) < 1e-300
    assert bound_chance(-3.0, tries=5) == 1.0
