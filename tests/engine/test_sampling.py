"""What sampling promises, held against networks of random weights."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.build import build_network, named_weights
from generator.engine.network.sampling import Candidate, sample_notes
from generator.engine.network.store import InstrumentModel
from generator.engine.plan import Key, Metre, Mode, Plan
from generator.engine.score import Note
from generator.engine.tokens.context import context_table
from generator.engine.tokens.events import encode_notes
from generator.engine.tokens.vocabulary import GRID, HEADS, PITCH_COUNT
from generator.engine.training.batches import spread_context
from tests.engine.networks import make_plan, store_small_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, InstrumentModel]:
    folder: Path = tmp_path_factory.mktemp("pretrained")
    return {slug: store_small_model(slug, folder=folder) for slug in ("piano", "violin", "bass", "drums")}


def draw(model: InstrumentModel, plan: Plan, **options: object) -> tuple[Candidate, ...]:
    defaults = {
        "role": INSTRUMENTS[model.slug].roles[0], "lead": None, "start": 0, "stop": plan.length, "seed": 1,
        "stream": "test", "nucleus": 1.0, "temperature": 1.0,
    }  # fmt: skip
    return sample_notes(model, plan=plan, **{**defaults, **options})


def test_the_same_request_gives_the_same_notes(models: dict[str, InstrumentModel]) -> None:
    assert draw(models["piano"], make_plan()) == draw(models["piano"], make_plan())


def test_a_candidate_does_not_depend_on_how_many_are_drawn(models: dict[str, InstrumentModel]) -> None:
    many = draw(models["piano"], make_plan(), candidates=18)
    assert draw(models["piano"], make_plan(), candidates=1) == many[:1]
    assert draw(models["piano"], make_plan(), candidates=17) == many[:17]


def test_candidates_seeds_and_streams_all_differ(models: dict[str, InstrumentModel]) -> None:
    drawn = [
        *draw(models["violin"], make_plan()),
        *draw(models["violin"], make_plan(), seed=2),
        *draw(models["violin"], make_plan(), stream="other"),
    ]
    assert len({candidate.notes for candidate in drawn}) == 48


@pytest.mark.parametrize("slug", ["piano", "violin", "bass"])
@pytest.mark.parametrize("tonic", [1, 5, 6, 11])
def test_every_note_is_playable_in_the_key_that_sounds(
    slug: str, tonic: int, models: dict[str, InstrumentModel]
) -> None:
    key, instrument = Key(tonic, Mode.MAJOR), INSTRUMENTS[slug]
    for candidate in draw(models[slug], make_plan(key=key)):
        assert candidate.notes
        assert all(instrument.lowest <= note.pitch + key.shift <= instrument.highest for note in candidate.notes)


@pytest.mark.parametrize("slug", ["piano", "violin", "bass", "drums"])
def test_voices_span_and_grid_are_kept(slug: str, models: dict[str, InstrumentModel]) -> None:
    instrument = INSTRUMENTS[slug]
    for candidate in draw(models[slug], make_plan()):
        for note in candidate.notes:
            assert note.onset % 24 in GRID
            sounding = [other for other in candidate.notes if other.onset <= note.onset < other.end]
            assert len(sounding) <= instrument.voices
            struck = [other.pitch for other in candidate.notes if other.onset == note.onset]
            assert max(struck) - min(struck) <= instrument.span
            assert len(set(struck)) == len(struck)


@pytest.mark.parametrize("cut", [0, 17, 90])
@pytest.mark.parametrize("slug", ["piano", "violin", "bass"])
def test_a_piece_closes_on_its_last_bar_line_in_the_tonic_and_rings_to_the_end(
    slug: str, cut: int, models: dict[str, InstrumentModel]
) -> None:
    plan = make_plan(cut=cut)
    for candidate in draw(models[slug], plan):
        last = max(note.onset for note in candidate.notes)
        closing = [note for note in candidate.notes if note.onset == last]
        assert last == 7 * 96
        assert {note.pitch % 12 for note in closing} <= ({0} if slug == "bass" else {0, 4, 7})
        assert {note.end for note in closing} == {plan.length}
        assert all(note.end <= last for note in candidate.notes if note.onset < last)


def test_drums_close_on_the_last_bar_line(models: dict[str, InstrumentModel]) -> None:
    for candidate in draw(models["drums"], make_plan()):
        assert max(note.onset for note in candidate.notes) == 7 * 96
        assert {note.duration for note in candidate.notes} == {6}


def test_a_passage_starts_after_its_history_and_stops_before_its_end(models: dict[str, InstrumentModel]) -> None:
    history = [Note(tick, 60 + tick // 24, 24) for tick in range(0, 192, 24)]
    plan = make_plan()
    drawn = draw(models["violin"], plan, start=192, stop=384, history=history)
    assert all(192 <= note.onset < 384 for candidate in drawn for note in candidate.notes)
    other = draw(models["violin"], plan, start=192, stop=384, history=history[:-3])
    assert [candidate.notes for candidate in drawn] != [candidate.notes for candidate in other]


def test_what_is_already_written_after_the_start_is_not_looked_at(models: dict[str, InstrumentModel]) -> None:
    history = [Note(0, 60, 24), Note(96, 72, 24)]
    known, blind = (draw(models["violin"], make_plan(), start=96, history=past) for past in (history, history[:1]))
    assert known == blind


def test_no_pitch_is_struck_more_often_in_a_row_than_people_do(models: dict[str, InstrumentModel]) -> None:
    for candidate in draw(models["violin"], make_plan(bars=32)):
        run = longest = 1
        for before, after in pairwise(candidate.notes[:-1]):
            run = run + 1 if before.pitch == after.pitch else 1
            longest = max(longest, run)
        assert longest <= 5


def test_waltz_and_compound_time_close_on_their_last_bar_too(models: dict[str, InstrumentModel]) -> None:
    for metre in (Metre(3, 4), Metre(6, 8)):
        plan = make_plan(metre=metre)
        lasts = Counter(candidate.notes[-1].onset for candidate in draw(models["violin"], plan))
        assert lasts == {7 * 72: 16}


def test_density_moves_the_number_of_notes(models: dict[str, InstrumentModel]) -> None:
    few, many = (
        sum(len(candidate.notes) for candidate in draw(models["violin"], make_plan(bars=16), density=density))
        for density in (0.0, 1.0)
    )
    assert few < many


def test_progress_rises_to_the_end(models: dict[str, InstrumentModel]) -> None:
    ticks: list[int] = []
    draw(models["piano"], make_plan(bars=16), on_progress=ticks.append)
    assert ticks == sorted(ticks)
    assert ticks[-1] == 16 * 96


def test_a_span_outside_the_plan_is_refused(models: dict[str, InstrumentModel]) -> None:
    with pytest.raises(ModelError, match="96 to 96"):
        draw(models["violin"], make_plan(), start=96, stop=96)
    with pytest.raises(ModelError, match="0 to 9600"):
        draw(models["violin"], make_plan(), stop=9600)


@pytest.mark.parametrize("slug", ["piano", "drums"])
def test_sampling_and_scoring_networks_agree(slug: str, models: dict[str, InstrumentModel]) -> None:
    """The likelihood that the loop adds up is the one that the network in Keras gives the finished part."""
    model, plan, role = models[slug], make_plan(), INSTRUMENTS[slug].roles[0]
    candidate = draw(model, plan, stop=384)[3]
    network = build_network(model.architecture)
    for name, variable in named_weights(network).items():
        variable.assign(model.weights[name])
    rows, ticks = encode_notes(candidate.notes, drums=slug == "drums")
    table = context_table(plan, role=role, lead=None)
    seen = {"rows": rows[None, :-2], "targets": rows[None, 1:-1], "context": spread_context(table[ticks[None, :-1]])}
    logits = network(seen)
    total = 0.0
    for head in model.architecture.heads:
        logs = np.asarray(keras.ops.log_softmax(logits[head]))[0]
        symbols = rows[1:-1, HEADS.index(head)]
        drawn = (rows[1:-1, 1] < PITCH_COUNT) | (head == "time")
        total += float(logs[np.arange(len(symbols)), np.minimum(symbols, logs.shape[1] - 1)][drawn].sum())
    assert candidate.log_likelihood == pytest.approx(total, abs=0.002 * len(rows))
