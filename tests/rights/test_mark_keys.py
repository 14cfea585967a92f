"""The keys of the inaudible mark: made when first needed, added to, never forgotten."""

import stat
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from marketplace.rights.copyright_id import make_copyright_id
from marketplace.rights.mark_keys import add_mark_key, list_mark_keys, make_mark

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRST, SECOND = "a" * 40, "b" * 40


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MARK_KEYS, settings.MARK_KEY_PATH = [], tmp_path / "mark-key"
    return tmp_path


def test_key_is_made_when_first_needed_and_its_owners_alone(settings) -> None:
    (key,) = list_mark_keys()
    assert [each.key for each in list_mark_keys()] == [key.key]
    assert stat.S_IMODE(settings.MARK_KEY_PATH.stat().st_mode) == 0o600


def test_track_is_marked_under_the_key_of_its_own_time() -> None:
    copyright_id = make_copyright_id(year=26)
    before = make_mark(copyright_id, made_at=NOW)
    add_mark_key(at=NOW + timedelta(days=1))
    assert make_mark(copyright_id, made_at=NOW) == before
    after = make_mark(copyright_id, made_at=NOW + timedelta(days=2))
    assert (after.number, after.key != before.key) == (before.number, True)
    assert [each.key for each in list_mark_keys()] == [before.key, after.key]


def test_command_adds_a_key_and_keeps_the_others() -> None:
    (first,) = list_mark_keys()
    out = StringIO()
    call_command("rotate_mark_key", stdout=out)
    assert list_mark_keys()[0] == first
    assert len(list_mark_keys()) == 2
    assert "2 keys" in out.getvalue()


def test_command_leaves_keys_from_the_environment_to_their_owner(settings) -> None:
    settings.MARK_KEYS = [FIRST]
    with pytest.raises(CommandError, match="MARK_KEY"):
        call_command("rotate_mark_key")
    assert not settings.MARK_KEY_PATH.exists()


def test_keys_come_from_the_environment_where_it_has_some(settings) -> None:
    settings.MARK_KEYS = [FIRST, f"2026-07-01T00:00:00Z={SECOND}"]
    copyright_id = make_copyright_id(year=26)
    keys = [make_mark(copyright_id, made_at=at).key for at in (NOW, NOW + timedelta(days=60))]
    assert keys == [each.key for each in list_mark_keys()]
    assert not settings.MARK_KEY_PATH.exists()


@pytest.mark.parametrize(
    ("entry", "said"),
    [("short", "5 characters"), (f"tomorrow={FIRST}", "is no time"), (f"2026-01-01T00:00:00={FIRST}", "no time zone")],
)
def test_entry_that_cannot_be_meant_is_refused(settings, entry: str, said: str) -> None:
    settings.MARK_KEYS = [entry]
    with pytest.raises(ImproperlyConfigured, match=said):
        list_mark_keys()
