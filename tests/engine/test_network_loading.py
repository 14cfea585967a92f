"""Loading as a worker does: one damaged network must not keep the others from playing."""

import pytest

from generator.engine.errors import ModelError
from generator.engine.network.loading import load_networks


def test_a_network_that_cannot_be_used_is_told_and_left_out() -> None:
    told: list[tuple[str, str]] = []
    loaded = load_networks(["kazoo"], on_damage=lambda slug, error: told.append((slug, str(error))))
    assert loaded == []
    assert [slug for slug, _ in told] == ["kazoo"]
    assert "No trained network for 'kazoo'" in told[0][1]


def test_whoever_does_not_ask_to_be_told_gets_the_error() -> None:
    with pytest.raises(ModelError, match="kazoo"):
        load_networks(["kazoo"])
