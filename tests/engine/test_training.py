"""Training on small pieces made here."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

from generator.engine.errors import CorpusError, ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.build import build_network
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part
from generator.engine.tokens.vocabulary import END, PITCHED_HEADS, START
from generator.engine.training.baseline import measure_baselines, relative_gain
from generator.engine.training.batches import WindowBatches, cut_windows, window_starts
from generator.engine.training.dataset import Dataset, build_dataset, longest_run, read_dataset, save_dataset
from generator.engine.training.evaluate import measure_network
from generator.engine.training.fit import fit_network, read_curve
from generator.engine.training.keeping import choose_folder, read_stored
from generator.engine.training.settings import Settings
from generator.engine.training.train import train_instrument
from tests.engine.networks import make_plan, small_architecture, store_small_model

TUNE = (60, 64, 67, 64, 69, 72, 69, 65, 67, 71, 74, 71, 72, 67, 64, 60)


@dataclass(frozen=True)
class Lesson:
    split: str
    plan: Plan
    target: Part
    lead: Part | None
    role: Role
    source: str


def make_dataset(*, pieces: int = 6) -> Dataset:
    notes = tuple(Note(24 * index, pitch, 24, 84) for index, pitch in enumerate(TUNE * 2))
    splits = ["train", "validation", "test", *["train"] * pieces]
    lessons = [
        Lesson(split, make_plan(), Part("violin", "lead", notes), None, Role.LEAD, f"t/{number}")
        for number, split in enumerate(splits[:pieces])
    ]
    return build_dataset(lessons, instrument=INSTRUMENTS["violin"])


def test_streams_hold_every_note_once_between_start_and_end() -> None:
    dataset = make_dataset()
    train = dataset.splits["train"]
    assert train.note_count == 4 * 32
    assert (train.rows[train.starts, 0] == START).all()
    assert (train.rows[train.stops - 1, 0] == END).all()
    assert dataset.sources["validation"] == ("t/1",)


def test_a_dataset_comes_back_from_its_file(tmp_path: Path) -> None:
    dataset = make_dataset()
    save_dataset(dataset, path=tmp_path / "violin.npz")
    stored = read_dataset(tmp_path / "violin.npz")
    assert stored.sources == dataset.sources
    for split, stream in dataset.splits.items():
        assert np.array_equal(stored.splits[split].rows, stream.rows)
        assert np.array_equal(stored.splits[split].context, stream.context)


def test_a_split_without_music_is_refused() -> None:
    with pytest.raises(CorpusError, match="one of the splits"):
        make_dataset(pieces=2)


def test_windows_begin_at_every_sequence_and_mask_what_is_not_drawn() -> None:
    stream = make_dataset().splits["train"]
    starts = window_starts(stream, window=20)
    assert set(stream.starts) <= set(starts)
    inputs, symbols, weights = cut_windows(stream, starts=stream.starts[:2], window=40)
    assert inputs["context"].shape[:2] == (2, 41)
    assert inputs["context"].sum(axis=-1).min() == inputs["context"].sum(axis=-1).max() == stream.context.shape[1]
    assert weights["time"][0].sum() == 39  # 32 notes and END of the first; 6 of the next without its START
    assert weights["pitch"][0].sum() == 38
    assert (symbols["pitch"][0][weights["pitch"][0] == 1][:16] + 21 == TUNE).all()


def test_louder_windows_keep_the_symbol_for_no_note() -> None:
    stream = make_dataset().splits["train"]
    one = stream.starts[:1]
    plain, _, _ = cut_windows(stream, starts=one, window=33)
    louder, _, _ = cut_windows(stream, starts=one, window=33, louder=np.array([3]))
    assert (louder["rows"][0, 1:, 3] - plain["rows"][0, 1:, 3]).tolist() == [3] * 32
    assert louder["rows"][0, 0, 3] == 16


def test_batches_are_the_same_for_the_same_seed_and_anew_each_epoch() -> None:
    stream = make_dataset(pieces=12).splits["train"]
    first, twin = (
        WindowBatches(stream, heads=PITCHED_HEADS, batch=4, window=8, most_batches=9, seed=3) for _ in range(2)
    )
    assert np.array_equal(first[0][0]["rows"], twin[0][0]["rows"])
    first.on_epoch_end()
    assert not np.array_equal(first[0][0]["rows"], twin[0][0]["rows"])
    twin.begin_epoch(1)
    assert np.array_equal(first[0][0]["rows"], twin[0][0]["rows"])


def test_a_network_learns_one_tune_by_heart_and_beats_the_five_gram() -> None:
    dataset = make_dataset()
    keras.utils.set_random_seed(0)
    network = build_network(small_architecture())
    losses = {head: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for head in PITCHED_HEADS}
    network.compile(optimizer=keras.optimizers.Adam(2e-2), loss=losses, jit_compile=False)
    batches = WindowBatches(dataset.splits["train"], heads=PITCHED_HEADS, batch=4, window=34, most_batches=1)
    for _ in range(80):
        network.train_on_batch(*batches[0])
    figures = measure_network(network, stream=dataset.splits["test"], heads=PITCHED_HEADS)
    assert sum(figures.values()) < 0.5
    baselines = measure_baselines(dataset, heads=PITCHED_HEADS)
    assert relative_gain(network=figures, baselines=baselines) > 0.1


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    dataset = make_dataset()
    for epochs, resume in ((1, False), (3, True)):
        network = build_network(small_architecture())
        settings = Settings(epochs=epochs, batch=4, window=32)
        options = {"dataset": dataset, "heads": PITCHED_HEADS, "settings": settings, "folder": tmp_path}
        fit_network(network, **options, resume=resume)
    assert len(read_curve(tmp_path)) == 3


def test_the_longest_run_of_one_pitch_is_counted_within_parts() -> None:
    stream = make_dataset().splits["train"]
    stream.rows[stream.starts[0] + 3 : stream.starts[0] + 10, 1] = 40
    stream.rows[stream.starts[1] + 3 : stream.starts[1] + 10, 1] = 40
    assert longest_run(stream) == 7


def test_an_unknown_instrument_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    places = {"corpora": tmp_path, "out": tmp_path / "out", "work": tmp_path / "work", "settings": Settings()}
    with pytest.raises(ModelError, match=r"kazoo.*piano"):
        train_instrument("kazoo", **places)
    with pytest.raises(CorpusError, match="missing or empty"):
        train_instrument("piano", **places)
    assert not (tmp_path / "out").exists()


def test_a_stored_network_that_does_as_well_is_not_replaced(tmp_path: Path) -> None:
    out, work = tmp_path / "out", tmp_path / "work"
    aside = work / "training" / "violin" / "network"
    decide = {"slug": "violin", "out": out, "work": work}
    assert choose_folder(**decide, bits=4.2, stored_bits=None, force=False) == out
    assert choose_folder(**decide, bits=3.9, stored_bits=4.0, force=False) == out
    assert choose_folder(**decide, bits=4.0, stored_bits=4.0, force=False) == aside
    assert choose_folder(**decide, bits=4.2, stored_bits=4.0, force=False) == aside
    assert choose_folder(**decide, bits=4.2, stored_bits=4.0, force=True) == out


def test_a_stored_network_that_cannot_be_played_is_replaced(tmp_path: Path) -> None:
    assert read_stored("violin", out=tmp_path) is None
    store_small_model("violin", folder=tmp_path)
    assert read_stored("violin", out=tmp_path) is not None
    (tmp_path / "violin" / "weights.npz").write_bytes(b"altered")
    assert read_stored("violin", out=tmp_path) is None


def test_a_network_of_another_shape_cannot_begin_this_one_and_nothing_is_written(tmp_path: Path) -> None:
    store_small_model("piano", folder=tmp_path / "out")
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(ModelError, match=r"start_from: .*'piano' cannot begin that of 'harp': it has units 16 instead"):
        train_instrument(
            "harp", corpora=tmp_path, out=tmp_path / "out", work=tmp_path / "work", settings=Settings(),
            start_from="piano",
        )  # fmt: skip
    assert sorted(path for path in tmp_path.rglob("*")) == before
