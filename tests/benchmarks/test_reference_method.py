"""That the reference is rebuilt as it was published."""

import numpy as np

from generator.engine.score import Note
from tests.benchmarks.reference_method import (
    build_reference,
    compose_elements,
    cut_windows,
    decode_elements,
    name_elements,
)


def test_it_has_the_published_number_of_parameters() -> None:
    assert build_reference(window=100, symbols=201).count_params() == 5_434_057


def test_notes_and_chords_become_names_without_length() -> None:
    notes = [Note(0, 64, 24), Note(12, 60, 6), Note(12, 64, 90), Note(12, 79, 6)]
    assert name_elements(notes) == ["E4", "0.4.7"]


def test_windows_are_scaled_and_followed_by_the_next_number() -> None:
    inputs, wanted = cut_windows(np.arange(6), window=3, symbols=10, starts=np.array([0, 2]))
    assert np.allclose(inputs[..., 0], [[0.0, 0.1, 0.2], [0.2, 0.3, 0.4]])
    assert wanted.tolist() == [3, 5]


def test_the_likeliest_name_is_taken_from_a_sliding_window() -> None:
    class Counting:
        def predict(self, pattern: np.ndarray, verbose: int) -> np.ndarray:
            return np.eye(10)[[round(pattern[0, -1, 0] * 10 + 1) % 10]]

    written = compose_elements(Counting(), start=np.array([3, 4]), elements=7, symbols=10)
    assert written.tolist() == [5, 6, 7, 8, 9, 0, 1]


def test_every_element_lasts_as_long_as_every_other() -> None:
    notes = decode_elements(["E4", "0.4.7", "B-3"])
    assert [(note.onset, note.pitch) for note in notes] == [(0, 64), (12, 60), (12, 64), (12, 67), (24, 58)]
    assert {note.duration for note in notes} == {24}
