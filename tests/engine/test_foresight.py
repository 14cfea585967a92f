"""What a network sees of the bars after a gap: what it is, that it learns, that nothing else changes."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.build import build_network, named_weights
from generator.engine.network.foresight import (
    PREFIX,
    Ahead,
    Foresight,
    fuse_foresight,
    read_foresight,
    remove_foresight,
    save_foresight,
)
from generator.engine.network.sampling import sample_notes
from generator.engine.network.store import InstrumentModel
from generator.engine.plan import Role
from generator.engine.score import Note, Part
from generator.engine.tokens.context import context_table
from generator.engine.tokens.events import encode_notes
from generator.engine.tokens.following import FEATURES, following_table, hear_strokes
from generator.engine.tokens.vocabulary import HEADS, PITCH_COUNT, PITCHED_HEADS
from generator.engine.training.batches import spread_context
from generator.engine.training.dataset import build_dataset
from generator.engine.training.foreseeing import begin_foresight
from generator.engine.training.gap_likelihood import measure_gaps, summarise_gaps
from generator.engine.training.gaps import VISIBLE, GapBatches, draw_stops, lay_out, spread_following
from generator.engine.training.keeping import keep_foresight
from generator.engine.training.settings import Settings
from tests.engine.networks import make_plan, store_small_model
from tests.engine.test_training import Lesson, make_dataset

BAR = 96
AFTER = (Note(192, 60, 24, 84), Note(216, 64, 12, 84), Note(288, 55, 48, 84), Note(288, 67, 48, 84))
"""Onsets from the gap's end, tick 192, on."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstrumentModel:
    return store_small_model("violin", folder=tmp_path_factory.mktemp("pretrained"))


def make_foresight(model: InstrumentModel, *, spread: float = 0.4) -> Foresight:
    """Random weights."""
    random = np.random.default_rng(3)
    shapes = {n: tuple(v.shape) for n, v in named_weights(build_network(model.architecture, foresees=True)).items()}
    weights = {
        name: random.normal(0.0, spread, shape).astype(np.float16).astype(np.float32)
        for name, shape in shapes.items()
        if name.startswith(PREFIX)
    }
    return Foresight(weights, fuse_foresight(weights, model=model), {"instrument": model.slug, "digest": "made here"})


def name_columns(*, tick: int, notes: tuple[Note, ...] = AFTER) -> dict[str, int]:
    table = following_table(
        hear_strokes(notes, drums=False), ticks=np.array([tick]), stops=np.array([192]), bar_ticks=BAR
    )
    offsets = np.cumsum([0, *FEATURES.values()])[:-1]
    return dict(zip(FEATURES, (table[0] - offsets).tolist(), strict=True))


def test_a_place_in_the_gap_sees_how_far_it_is_and_what_comes_first() -> None:
    seen = name_columns(tick=108)
    assert (seen["until"], seen["left"]) == (84, 3)
    assert [seen[name] for name in ("first", "second", "third", "bass")] == [41, 45, 48, 41]


def test_a_place_in_the_gap_sees_what_stands_at_its_place_of_later_bars() -> None:
    seen = name_columns(tick=108)  # 12 ticks into a gap's second bar
    assert (seen["sounds_1"], seen["age_1"], seen["strikes_1"], seen["wait_1"]) == (41, 12, 45, 12)
    assert (seen["sounds_2"], seen["below_2"], seen["age_2"]) == (48, 36, 12)
    assert (seen["length_1"], seen["velocity_1"]) == (23, 10)


def test_a_rest_and_the_end_of_the_music_are_seen_as_such() -> None:
    seen = name_columns(tick=48)  # 48 ticks into the gap's first bar: nothing sounds there in the bar after it
    assert (seen["sounds_1"], seen["age_1"], seen["wait_1"]) == (1, 24, 48)
    assert (seen["strikes_8"], seen["wait_8"], seen["age_8"], seen["length_8"]) == (1, 49, 25, 35)
    assert name_columns(tick=0, notes=(Note(192 + 8 * BAR, 60, 24),))["first"] == 1


def test_nothing_that_is_struck_in_the_gap_or_before_it_is_seen() -> None:
    earlier = (Note(0, 72, 400), Note(168, 74, 48))
    for tick in range(0, 192, 3):
        assert name_columns(tick=tick, notes=(*earlier, *AFTER)) == name_columns(tick=tick)


def test_gaps_take_turns_with_bars_that_are_heard_and_something_follows_each() -> None:
    timeline = lay_out(make_dataset(pieces=9).splits["train"])
    stops = draw_stops(timeline, random=np.random.default_rng(0))
    assert 0.2 < (stops != VISIBLE).mean() < 0.8
    for sequence, origin in enumerate(timeline.origins.tolist()):
        rows = slice(timeline.stream.starts[sequence], timeline.stream.stops[sequence])
        ticks, ends = timeline.ticks[rows], stops[rows]
        gaps = sorted(set(ends[ends != VISIBLE].tolist()))
        assert all((stop - origin) % BAR == 0 for stop in gaps)
        assert all(ticks[:-1].max() >= stop for stop in gaps)
        assert all((ends[(ticks >= stop) & (ticks < stop + BAR)] == VISIBLE).all() for stop in gaps)


def test_an_untrained_foresight_changes_nothing_and_outside_gaps_a_trained_one_neither(model: InstrumentModel) -> None:
    batches = GapBatches(make_dataset().splits["train"], heads=PITCHED_HEADS, batch=4, window=32, most_batches=1)
    inputs, _, _ = batches[0]
    plain = build_network(model.architecture)
    for name, variable in named_weights(plain).items():
        variable.assign(model.weights[name])
    expected = plain({name: each for name, each in inputs.items() if name != "following"})
    network = begin_foresight(model, settings=Settings(dropout=0.0))
    known = [network(inputs)[head] for head in PITCHED_HEADS]
    assert inputs["following"].any()
    for name, variable in named_weights(network).items():
        if name.startswith(PREFIX):
            variable.assign(make_foresight(model).weights[name])
    blind = network({**inputs, "following": inputs["following"] * 0})
    for place, head in enumerate(PITCHED_HEADS):
        assert np.array_equal(known[place], expected[head])
        assert np.array_equal(blind[head], expected[head])
    assert not np.allclose(network(inputs)["pitch"], expected["pitch"])


def test_the_loop_that_fills_a_gap_sees_what_training_saw(model: InstrumentModel) -> None:
    """The likelihood that the loop adds up is the one that the network in Keras gives the notes of the gap."""
    plan, foresight = make_plan(), make_foresight(model)
    history = tuple(Note(tick, 60 + tick // 24, 24) for tick in range(0, 192, 24))
    after = tuple(Note(384 + tick, 72 - tick // 24, 24) for tick in range(0, 192, 24))
    drawn = sample_notes(
        model, plan=plan, role=Role.LEAD, lead=None, start=192, stop=384, history=history,
        ahead=Ahead(foresight, after), seed=1, stream="test", nucleus=1.0,
    )  # fmt: skip
    network = begin_foresight(model, settings=Settings(dropout=0.0))
    for name, weight in foresight.weights.items():
        named_weights(network)[name].assign(weight)
    candidate = max(drawn, key=lambda each: len(each.notes))
    rows, ticks = encode_notes((*history, *candidate.notes), drums=False)
    first, table = len(history), context_table(plan, role=Role.LEAD, lead=None)
    known = following_table(
        hear_strokes(after, drums=False), ticks=ticks.astype(np.int64), stops=np.full(len(ticks), 384), bar_ticks=BAR
    )
    logits = network(
        {
            "rows": rows[None, :-1],
            "targets": rows[None, 1:],
            "context": spread_context(table[ticks[None]]),
            "following": spread_following(known, sees=np.arange(len(ticks)) >= first)[None],
        }
    )
    total = 0.0
    for head in PITCHED_HEADS:
        logs = np.asarray(keras.ops.log_softmax(logits[head]))[0]
        symbols = np.minimum(rows[1:, HEADS.index(head)], logs.shape[1] - 1)
        drawn_rows = (np.arange(len(symbols)) >= first) & (rows[1:, 1] < PITCH_COUNT)
        total += float(logs[np.arange(len(symbols)), symbols][drawn_rows].sum())
    assert candidate.log_likelihood == pytest.approx(total, abs=0.002 * len(rows))
    blind = sample_notes(
        model, plan=plan, role=Role.LEAD, lead=None, start=192, stop=384, history=history, seed=1, stream="test",
        nucleus=1.0,
    )  # fmt: skip
    assert [each.notes for each in blind] != [each.notes for each in drawn]


def test_a_network_learns_to_fill_gaps_from_what_follows_them(model: InstrumentModel) -> None:
    random = np.random.default_rng(1)
    lessons = []
    for number, split in enumerate(["train"] * 40 + ["validation"] + ["test"] * 20):
        pitch = int(random.integers(60, 84))  # one tone a piece: what follows tells it, the past of a START does not
        notes = tuple(Note(24 * index, pitch, 24, 84) for index in range(32))
        lessons.append(Lesson(split, make_plan(), Part("violin", "lead", notes), None, Role.LEAD, f"t/{number}"))
    dataset = build_dataset(lessons, instrument=INSTRUMENTS["violin"])
    network = begin_foresight(model, settings=Settings(dropout=0.0))
    losses = {head: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for head in PITCHED_HEADS}
    network.compile(optimizer=keras.optimizers.Adam(1e-2), loss=losses, jit_compile=False)
    untrained = measure_gaps(network, stream=dataset.splits["test"], heads=PITCHED_HEADS)
    assert np.array_equal(untrained[:, 1], untrained[:, 2])
    frozen = {n: v.numpy() for n, v in named_weights(network).items() if not n.startswith(PREFIX)}
    batches = GapBatches(dataset.splits["train"], heads=PITCHED_HEADS, batch=20, window=34, most_batches=2)
    for _ in range(30):
        network.train_on_batch(*batches[0])
        batches.on_epoch_end()
    figures = summarise_gaps(measure_gaps(network, stream=dataset.splits["test"], heads=PITCHED_HEADS))
    assert figures["gaps"] == 20
    assert figures["gain"] - figures["bound"] > 1.0
    for name, before in frozen.items():
        assert np.array_equal(named_weights(network)[name], before)


def test_a_stored_foresight_comes_back_and_goes_with_its_network(model: InstrumentModel, tmp_path: Path) -> None:
    (tmp_path / "violin").mkdir()
    assert read_foresight(model, folder=tmp_path) is None
    made = make_foresight(model)
    save_foresight(model, weights=made.weights, manifest={"gaps": {"gain": 0.2}}, folder=tmp_path)
    stored = read_foresight(model, folder=tmp_path)
    assert stored is not None
    assert stored.manifest["gaps"] == {"gain": 0.2}
    assert np.array_equal(stored.mix, made.mix)
    remove_foresight("violin", folder=tmp_path)
    assert read_foresight(model, folder=tmp_path) is None


def test_a_foresight_that_was_altered_or_belongs_to_another_network_is_refused(
    model: InstrumentModel, tmp_path: Path
) -> None:
    (tmp_path / "violin").mkdir()
    save_foresight(model, weights=make_foresight(model).weights, manifest={}, folder=tmp_path)
    with pytest.raises(ModelError, match=r"another network.*train --foresight --instrument violin"):
        read_foresight(replace(model, digest="0" * 64), folder=tmp_path)
    path = tmp_path / "violin" / "foresight.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="altered"):
        read_foresight(model, folder=tmp_path)


def test_a_stored_foresight_that_gains_as_much_is_kept(model: InstrumentModel, tmp_path: Path) -> None:
    (tmp_path / "violin").mkdir()
    decide = {"out": tmp_path, "gain": 0.2, "force": False}
    assert keep_foresight(model, **decide) is None
    save_foresight(model, weights=make_foresight(model).weights, manifest={"gaps": {"gain": 0.2}}, folder=tmp_path)
    kept = keep_foresight(model, **decide)
    assert kept is not None
    assert kept.manifest["gaps"] == {"gain": 0.2}
    assert keep_foresight(model, **{**decide, "gain": 0.21}) is None
    assert keep_foresight(model, **{**decide, "force": True}) is None
    assert keep_foresight(replace(model, digest="0" * 64), **decide) is None
