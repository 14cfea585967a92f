"""A setting that cannot be meant is refused by name."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from marketplace import env


def test_text_can_come_from_a_secret_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("SOME_KEY", "from the environment")
    assert env.read_text("SOME_KEY") == "from the file"


def test_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY_FILE", "/nowhere/key")
    with pytest.raises(ImproperlyConfigured, match=r"SOME_KEY_FILE: '/nowhere/key'"):
        env.read_text("SOME_KEY")


@pytest.mark.parametrize("value", ["", None])
def test_required_text_that_is_unset_or_empty_is_named(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_KEY", value)
    with pytest.raises(ImproperlyConfigured, match="SOME_KEY is not set"):
        env.read_text("SOME_KEY")


@pytest.mark.parametrize(("value", "meaning"), [("yes", True), ("ON", True), ("1", True), ("no", False), ("0", False)])
def test_bool_has_several_spellings(value: str, meaning: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SWITCH", value)
    assert env.read_bool("SOME_SWITCH", default=not meaning) is meaning


@pytest.mark.parametrize("value", ["maybe", "2", "yess"])
def test_bool_that_is_neither_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SWITCH", value)
    with pytest.raises(ImproperlyConfigured, match=f"SOME_SWITCH='{value}'"):
        env.read_bool("SOME_SWITCH", default=True)


@pytest.mark.parametrize(("value", "words"), [("ten", "whole number"), ("0", "from 1 to 9"), ("10", "from 1 to 9")])
def test_number_outside_its_bounds_is_refused(value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match=words):
        env.read_int("SOME_NUMBER", default=5, minimum=1, maximum=9)


def test_choice_outside_the_list_is_refused_with_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_CHOICE", "prod")
    with pytest.raises(ImproperlyConfigured, match="local, test, production"):
        env.read_choice("SOME_CHOICE", default="local", choices=("local", "test", "production"))


def test_list_drops_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_LIST", "a, ,b,")
    assert env.read_list("SOME_LIST") == ["a", "b"]


def test_decimal_is_read_and_what_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE", "19.5")
    assert env.read_decimal("RATE", default="0", minimum="0", maximum="50") == Decimal("19.5")
    for wrong in ("nineteen", "-1", "50.01", "19.555", "NaN", "1e999"):
        monkeypatch.setenv("RATE", wrong)
        with pytest.raises(ImproperlyConfigured, match="must be from 0 to 50, with up to two decimals"):
            env.read_decimal("RATE", default="0", minimum="0", maximum="50")
