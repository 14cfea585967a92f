"""Comparisons of music: overlapped areas, form, telling composed from human bars."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.features import measure_overlaps, overlap_areas
from generator.engine.measuring.music import Stretch, cut_stretch, list_briefs
from generator.engine.measuring.structure import measure_grooving, measure_structureness
from generator.engine.measuring.telling import measure_auc, measure_telling, walk_randomly
from generator.engine.plan import Role
from generator.engine.score import Note
from tests.engine.networks import make_plan

PHRASE = (60, 64, 67, 72, 71, 67, 62, 67, 65, 69, 72, 69, 67, 71, 62, 60)


def make_stretch(number: int, *, bars: int = 16, spread: int = 0) -> Stretch:
    """A tune in quarters that turns with its number, in C major; `spread` scatters its pitches."""
    random = np.random.default_rng(number)
    turned = PHRASE[number % 16 :] + PHRASE[: number % 16]
    pitches = [turned[index % 16] + int(random.integers(-spread, spread + 1)) for index in range(bars * 4)]
    notes = tuple(Note(24 * index, pitch, 24) for index, pitch in enumerate(pitches))
    return Stretch(
        instrument="violin", role=Role.LEAD, plan=make_plan(bars=bars), notes=notes, lead=None, piece=str(number)
    )


def test_a_sample_overlaps_itself_wholly_and_a_far_one_not_at_all() -> None:
    sample = np.random.default_rng(0).normal(0.0, 1.0, 400)
    assert overlap_areas(sample, sample) == pytest.approx(1.0, abs=0.01)
    assert overlap_areas(sample, sample + 40.0) == pytest.approx(0.0, abs=0.01)


def test_like_tunes_overlap_more_than_scattered_ones() -> None:
    human = [each for number in range(12) for each in cut_stretch(make_stretch(number))]
    alike = [each for number in range(20, 28) for each in cut_stretch(make_stretch(number))]
    scattered = [each for number in range(20, 28) for each in cut_stretch(make_stretch(number, spread=11))]
    near, far = (measure_overlaps(human, side, drums=False) for side in (alike, scattered))
    assert far["pitch range"] < 0.5 < near["pitch range"]
    assert far["pitch transition"] < near["pitch transition"]


def test_excerpts_begin_at_zero_and_carry_their_own_chords() -> None:
    stretch = make_stretch(0, bars=16)
    first, second = cut_stretch(stretch)
    assert (first.plan.bars, second.plan.bars) == (8, 8)
    assert second.notes[0].onset == 0
    assert second.plan.chords == stretch.plan.chords[16:]


def test_a_piece_that_comes_back_has_more_structure_than_one_that_does_not() -> None:
    plan = make_plan(bars=24)
    repeated = make_stretch(3, bars=24).notes
    random = np.random.default_rng(5)
    never = tuple(Note(24 * index, int(random.integers(50, 80)), 24) for index in range(96))
    assert measure_structureness(repeated, plan=plan)["middle"] > 2 * measure_structureness(never, plan=plan)["middle"]


def test_bars_with_one_rhythm_groove_wholly() -> None:
    plan = make_plan(bars=8)
    steady = tuple(Note(tick, 60, 6) for tick in range(0, 8 * 96, 24))
    assert measure_grooving(steady, plan=plan) == 1.0
    moved = tuple(replace(note, onset=note.onset + 12 * (note.onset // 96 % 2)) for note in steady)
    assert measure_grooving(moved, plan=plan) < 0.95


def test_area_under_the_curve_counts_ties_half() -> None:
    labels = np.array([0.0, 0.0, 1.0, 1.0])
    assert measure_auc(np.array([0.1, 0.2, 0.8, 0.9]), labels) == 1.0
    assert measure_auc(np.array([0.5, 0.5, 0.5, 0.5]), labels) == 0.5
    assert measure_auc(np.array([0.1, 0.8, 0.2, 0.9]), labels) == 0.75


def test_the_classifier_sees_a_random_walk_and_cannot_tell_the_same_music_apart() -> None:
    human = [make_stretch(number) for number in range(16)]
    walked = [walk_randomly(each, seed=number) for number, each in enumerate(human)]
    assert all([n.onset for n in a.notes] == [n.onset for n in b.notes] for a, b in zip(human, walked, strict=True))
    assert measure_telling(human, walked, seed=0) > 0.95
    again = [replace(make_stretch(number), piece=f"again {number}") for number in range(16)]
    assert 0.3 < measure_telling(human, again, seed=0) < 0.7


def test_briefs_differ_in_seed_and_let_every_ensemble_meet_every_style() -> None:
    briefs = list_briefs(108, seed=0)
    assert len({brief["seed"] for brief in briefs}) == 108
    assert len({brief["instruments"] for brief in briefs}) == 12
    assert len({brief["style"] for brief in briefs}) == 9
    assert len({(brief["instruments"], brief["style"]) for brief in briefs}) == 108
    assert {second["seed"] - first["seed"] for first, second in pairwise(briefs)} == {1}


def test_twenty_four_pieces_hold_every_instrument_four_times_and_more() -> None:
    counts = Counter(slug for brief in list_briefs(24, seed=0) for slug in str(brief["instruments"]).split(","))
    assert set(counts) == set(INSTRUMENTS)
    assert min(counts.values()) >= 4
