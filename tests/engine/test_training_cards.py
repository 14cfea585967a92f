"""Model cards from manifests."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generator.engine.network.store import PRETRAINED
from generator.engine.training.cards import MANIFEST_FIELDS, list_manifests


def test_every_shipped_manifest_has_the_same_fields() -> None:
    manifests = list_manifests(PRETRAINED)
    assert {"piano", "drums", "conductor"} <= set(manifests)
    for slug, manifest in manifests.items():
        assert set(MANIFEST_FIELDS) <= set(manifest), slug
        assert manifest["instrument"] == slug
        assert "total" in manifest["bits_per_note"]


def test_a_card_gives_figures_licences_and_curve(tmp_path: Path) -> None:
    call_command("model_cards", out=tmp_path)
    card = (tmp_path / "violin.md").read_text()
    manifest = json.loads((PRETRAINED / "violin" / "manifest.json").read_text())
    assert manifest["digest"] in card
    assert f"{manifest['gain']:.0%} below the best 5-gram" in card
    assert "CC0 1.0: 121 files" in card
    foresight = json.loads((PRETRAINED / "violin" / "foresight.json").read_text())
    assert foresight["digest"] in card
    assert f"a note gains {foresight['gaps']['gain']:.3f} nats" in card
    assert (tmp_path / "violin.png").read_bytes().startswith(b"\x89PNG")
    assert "[Conductor](conductor.md)" in (tmp_path / "README.md").read_text()


def test_a_manifest_that_lacks_a_field_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    models = tmp_path / "models" / "violin"
    models.mkdir(parents=True)
    (models / "manifest.json").write_text('{"instrument": "violin"}')
    with pytest.raises(CommandError, match=r"violin/manifest\.json lacks digest, split"):
        call_command("model_cards", models=models.parent, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
