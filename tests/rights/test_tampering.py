"""Property: whatever a line of the register, or what it is about, is changed into, the audit finds and locates it."""

import random

import pytest
from django.db import connection, transaction

from accounts.models import Company
from marketplace.catalog.models import TrackFamily
from marketplace.rights.audit import audit_register
from marketplace.rights.models import OwnershipEntry, RegisterHead
from marketplace.rights.register import append_entry, sign_head
from marketplace.rights.services import assign_ownership, revoke_ownership, transfer_ownership

pytestmark = pytest.mark.any_database

LINES = 10
COLUMNS = (
    "position", "family_id", "sequence", "kind", "track_id", "owner_id", "reference", "created_at", "previous_digest",
    "digest",
)  # fmt: skip


@pytest.fixture
def register(make_track) -> list[OwnershipEntry]:
    """Ten lines: registrations, sales, a resale, a revocation and a merger, of five families; the head is signed."""
    first, second = (Company.objects.create(name=name) for name in ("First", "Second"))
    tracks = [make_track() for _ in range(5)]
    for track in tracks:
        append_entry(track, kind=OwnershipEntry.Kind.REGISTRATION, reference=f"job {track.seed}")
    transfer_ownership(track=tracks[0], owner=first, reference="order 1")
    assign_ownership(track=tracks[0], to=second, reference="deed 1")
    transfer_ownership(track=tracks[1], owner=first, reference="order 2")
    revoke_ownership(track=tracks[1], reference="order 2, refunded")
    append_entry(tracks[2], kind=OwnershipEntry.Kind.MERGER, family=tracks[3].family, reference="near variant")
    with connection.cursor() as cursor:  # as somebody would who owns the database
        cursor.execute(f"DROP TRIGGER ownership_append_only{_on_table()}")
        if connection.vendor == "postgresql":  # forged rows may point nowhere until the test rolls them back
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    sign_head()
    return list(OwnershipEntry.objects.select_related("track", "owner").order_by("position"))


def _on_table() -> str:
    return " ON rights_ownershipentry" if connection.vendor == "postgresql" else ""


class UndoError(Exception):
    """Takes one forgery back before the next."""


def faults_after(statement: str, values: list[object]) -> list[str]:
    faults: list[str] = []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount == 1
            faults = audit_register()
            raise UndoError
    except UndoError:
        return faults


def forge(register: list[OwnershipEntry], entry: OwnershipEntry, column: str, draw: random.Random) -> object:
    """Another value for the column that the database takes."""
    others = [each for each in register if getattr(each, column) != getattr(entry, column)]
    match column:
        case "position":
            return LINES + draw.randrange(1, 1000)
        case "sequence":
            return entry.sequence + draw.randrange(100, 1000)
        case "family_id":
            return TrackFamily.objects.create().pk
        case "digest" | "previous_digest":
            digest = list(getattr(entry, column))
            place = draw.randrange(64)
            digest[place] = "0" if digest[place] != "0" else "1"
            return "".join(digest)
        case "reference":
            return entry.reference + draw.choice((" ", "x", "\u200b"))
        case "kind" | "owner_id":  # a check holds the two to each other
            return None
        case "track_id":
            value = draw.choice(others).track_id
            return value.hex if connection.vendor == "sqlite" else value
    return draw.choice(others).created_at


@pytest.mark.parametrize("position", range(1, LINES + 1))
def test_forged_value_in_any_column_of_any_line_is_located(register, position: int) -> None:
    entry, draw = register[position - 1], random.Random(position)
    assert audit_register() == []
    for column in COLUMNS:
        value = forge(register, entry, column, draw)
        if column == "kind":
            swapped = "revocation" if entry.kind != "revocation" else "merger"
            statement, values = "SET kind = %s, owner_id = NULL", [swapped]
        elif column == "owner_id":
            other = Company.objects.exclude(pk=entry.owner_id).first().pk
            statement = "SET owner_id = %s, kind = 'transfer'"
            values = [other.hex if connection.vendor == "sqlite" else other]
        else:
            statement, values = f"SET {column} = %s", [value]
        faults = faults_after(f"UPDATE rights_ownershipentry {statement} WHERE position = %s", [*values, position])
        assert any(f"ine {position} " in fault for fault in faults), (column, faults)


@pytest.mark.parametrize("position", range(1, LINES + 1))
def test_line_that_was_cut_out_is_located(register, position: int) -> None:
    faults = faults_after("DELETE FROM rights_ownershipentry WHERE position = %s", [position])
    last = f"the last is {LINES - 1}, but line {LINES} was signed"
    assert any(f"Line {position} is missing" in fault or (position == LINES and last in fault) for fault in faults), (
        faults
    )


@pytest.mark.parametrize("column", ["copyright_id", "score_digest"])
@pytest.mark.parametrize("position", range(1, 6))
def test_exchanged_music_behind_a_line_is_located(register, position: int, column: str) -> None:
    """The line itself is untouched: what it says of its track is not what was registered."""
    pk = register[position - 1].track_id
    pk = pk.hex if connection.vendor == "sqlite" else pk
    faults = faults_after(f"UPDATE catalog_track SET {column} = %s WHERE id = %s", ["F" * 32, pk])  # noqa: S608
    assert any(fault.startswith(f"Line {position} was changed") for fault in faults), faults


@pytest.mark.parametrize("position", range(1, LINES + 1))
def test_line_that_was_forged_with_every_later_digest_recomputed_is_found(register, position: int) -> None:
    """A careful forger makes a chain that fits together, but not the one that was signed."""
    from tests.rights.test_register_chain import rewrite_from

    with connection.cursor() as cursor:
        cursor.execute("UPDATE rights_ownershipentry SET reference = 'forged' WHERE position = %s", [position])
    rewrite_from(position)
    assert RegisterHead.objects.get().digest != register[-1].digest
    assert any(f"Line {LINES} is not the one that was signed" in fault for fault in audit_register())
