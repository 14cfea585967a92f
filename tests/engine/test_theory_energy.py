"""Energy per bar: ranks that people can check by counting."""

import math

import numpy as np

from generator.engine.plan import Metre
from generator.engine.score import Note
from generator.engine.theory.energy import measure_bars, rank_energies

COMMON = Metre(4, 4)


def test_a_bar_is_measured_by_density_loudness_and_register():
    notes = [Note(0, 60, 24, 70), Note(24, 72, 24, 90), Note(96, 50, 96, 40)]
    measured = measure_bars(notes, metre=COMMON, length=288)
    expected = [[math.log1p(2 / 4), 80.0, 66.0], [math.log1p(1 / 4), 40.0, 50.0], [0.0, 0.0, 0.0]]
    assert np.allclose(measured, expected)


def test_busier_louder_and_higher_bars_rank_higher_and_silence_is_nothing():
    measures = [np.array([[0.2, 40.0, 50.0], [0.0, 0.0, 0.0]]), np.array([[0.9, 100.0, 80.0], [0.5, 70.0, 60.0]])]
    assert rank_energies(measures) == [(0.1667, 0.0), (0.8333, 0.5)]


def test_the_median_bar_stands_at_one_half():
    bars = np.column_stack([np.linspace(0.1, 1.0, 101)] * 3)
    assert rank_energies([bars])[0][50] == 0.5


def test_equal_bars_share_their_rank():
    assert rank_energies([np.ones((3, 3))]) == [(0.5, 0.5, 0.5)]


def test_no_pieces_have_no_energies():
    assert rank_energies([]) == []
