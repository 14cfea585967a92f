import json
from pathlib import Path

import numpy as np
import pytest

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.architecture import Architecture
from generator.engine.network.foresight import read_foresight
from generator.engine.network.store import PRETRAINED, available_instruments, read_model, save_model
from tests.engine.networks import small_architecture


def save_some_model(folder: Path, *, slug: str = "violin") -> None:
    weights = {"lstm_1/bias": np.linspace(-1, 1, 8, dtype=np.float32)}
    options = {"architecture": small_architecture(), "weights": weights, "run_limit": 6, "manifest": {"gain": 0.2}}
    save_model(slug=slug, folder=folder, **options)


def test_a_stored_network_comes_back(tmp_path: Path) -> None:
    save_some_model(tmp_path)
    model = read_model("violin", folder=tmp_path)
    assert model.architecture == small_architecture()
    assert model.run_limit == 6
    assert model.manifest["gain"] == 0.2
    assert model.manifest["digest"] == model.digest
    assert np.allclose(model.weights["lstm_1/bias"], np.linspace(-1, 1, 8), atol=1e-3)


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in (tmp_path / "a", tmp_path / "b"):
        save_some_model(folder)
    for file in (tmp_path / "a" / "violin").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / "violin" / file.name).read_bytes()


@pytest.mark.parametrize("name", ["weights.npz", "architecture.json", "vocabulary.json"])
def test_an_altered_network_is_refused(name: str, tmp_path: Path) -> None:
    save_some_model(tmp_path)
    path = tmp_path / "violin" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ModelError, match="altered"):
        read_model("violin", folder=tmp_path)


def test_a_missing_network_is_refused_with_the_command_that_trains_it(tmp_path: Path) -> None:
    save_some_model(tmp_path)
    with pytest.raises(ModelError, match=r"there: violin.*train --instrument flute"):
        read_model("flute", folder=tmp_path)


def test_a_network_made_for_another_vocabulary_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_some_model(tmp_path)
    monkeypatch.setattr("generator.engine.network.store.STYLES", ("other", "polka"))
    with pytest.raises(ModelError, match="another vocabulary"):
        read_model("violin", folder=tmp_path)


def test_instruments_are_listed_in_score_order_and_nothing_else_is(tmp_path: Path) -> None:
    for slug in ("violin", "piano"):
        save_some_model(tmp_path, slug=slug)
    (tmp_path / "conductor").mkdir()
    (tmp_path / "conductor" / "digest").write_text("0")
    assert available_instruments(tmp_path) == ("piano", "violin")


def test_architectures_come_back_from_json() -> None:
    for architecture in (Architecture(), small_architecture(drums=True)):
        assert Architecture.from_json(json.loads(json.dumps(architecture.to_json()))) == architecture


@pytest.mark.parametrize("slug", available_instruments())
def test_every_shipped_network_is_whole_and_beats_its_five_gram_by_a_tenth(slug: str) -> None:
    model = read_model(slug)
    manifest = model.manifest
    best = min(figures["total"] for figures in manifest["baselines"].values())
    assert manifest["bits_per_note"]["total"] <= 0.9 * best
    assert manifest["gain"] == pytest.approx(1 - manifest["bits_per_note"]["total"] / best, abs=1e-4)
    assert manifest["files"]["files"]["test"] > 0


FORESEEING = [slug for slug in available_instruments() if (PRETRAINED / slug / "foresight.json").exists()]


@pytest.mark.parametrize("slug", FORESEEING)
def test_every_shipped_foresight_fits_its_network_and_gains_beyond_two_standard_errors(slug: str) -> None:
    foresight = read_foresight(read_model(slug))
    assert foresight is not None
    gaps = foresight.manifest["gaps"]
    assert gaps["gain"] - gaps["bound"] > 0


def test_every_instrument_sees_what_stands_after_a_gap() -> None:
    assert list(INSTRUMENTS) == FORESEEING


def test_the_shipped_drums_know_waltz_and_compound_time_as_well_as_common_time() -> None:
    manifest = read_model("drums").manifest
    assert set(manifest["recut"]) == {"3/4", "6/8"}
    assert max(manifest["recut"].values()) < 1.02 * manifest["bits_per_note"]["total"]


def test_piano_guitar_and_violin_are_shipped() -> None:
    assert {"piano", "guitar", "violin"} <= set(available_instruments())
