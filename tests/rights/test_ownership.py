"""Who owns what, line by line."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Company
from marketplace.errors import ConflictError
from marketplace.rights.models import AppendOnlyError, OwnershipEntry
from marketplace.rights.queries import owned_tracks, owner_of
from marketplace.rights.services import register_track, revoke_ownership, transfer_ownership

pytestmark = pytest.mark.any_database


@pytest.fixture
def track(make_user, facts, files):
    return register_track(company=make_user().memberships.get().company, files=files, **facts)


@pytest.fixture
def companies(db) -> list[Company]:
    return [Company.objects.create(name=name) for name in ("First", "Second")]


def lines() -> list[tuple[int, str, str | None]]:
    return [(each.sequence, each.kind, each.owner and each.owner.name) for each in OwnershipEntry.objects.all()]


def test_registered_track_is_owned_by_nobody_not_even_its_maker(track) -> None:
    assert owner_of(track.family) is None
    assert list(owned_tracks(track.company)) == []


def test_transfer_names_the_owner(track, companies) -> None:
    transfer_ownership(track=track, owner=companies[0], reference="order 1")
    assert owner_of(track.family) == companies[0]
    assert list(owned_tracks(companies[0])) == [track]
    assert list(owned_tracks(companies[1])) == []


def test_owned_track_is_not_transferred_again(track, companies) -> None:
    transfer_ownership(track=track, owner=companies[0], reference="order 1")
    for owner, reference in ((companies[1], "order 2"), (companies[0], "order 2")):
        with pytest.raises(ConflictError) as refusal:
            transfer_ownership(track=track, owner=owner, reference=reference)
        assert refusal.value.code == "track_sold"
    assert lines() == [(1, "registration", None), (2, "transfer", "First")]


def test_same_cause_writes_one_line(track, companies) -> None:
    entries = {transfer_ownership(track=track, owner=companies[0], reference="order 1").pk for _ in range(2)}
    entries |= {revoke_ownership(track=track, reference="refund of order 1").pk for _ in range(2)}
    assert len(entries) == 2
    assert lines() == [(1, "registration", None), (2, "transfer", "First"), (3, "revocation", None)]


def test_revoked_track_can_be_sold_to_another(track, companies) -> None:
    transfer_ownership(track=track, owner=companies[0], reference="order 1")
    revoke_ownership(track=track, reference="refund of order 1")
    assert owner_of(track.family) is None
    assert list(owned_tracks(companies[0])) == []
    transfer_ownership(track=track, owner=companies[1], reference="order 2")
    assert owner_of(track.family) == companies[1]
    assert [list(owned_tracks(company)) for company in companies] == [[], [track]]
    assert [line[0] for line in lines()] == [1, 2, 3, 4]


def test_what_nobody_owns_cannot_be_revoked(track) -> None:
    with pytest.raises(ConflictError) as refusal:
        revoke_ownership(track=track, reference="refund of order 1")
    assert refusal.value.code == "not_owned"
    assert lines() == [(1, "registration", None)]


def test_two_writers_of_the_same_line_collide(track, companies) -> None:
    fields = {"family": track.family, "track": track, "sequence": 2, "kind": "transfer", "reference": "order"}
    OwnershipEntry.objects.create(owner=companies[0], position=2, digest="a", **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnershipEntry.objects.create(owner=companies[1], position=3, digest="b", **fields)
    assert owner_of(track.family) == companies[0]


def test_code_cannot_rewrite_the_register(track) -> None:
    entry = OwnershipEntry.objects.get()
    entry.reference = "another story"
    for rewrite in (
        entry.save,
        entry.delete,
        OwnershipEntry.objects.all().delete,
        lambda: OwnershipEntry.objects.update(reference="another story"),
        lambda: OwnershipEntry.objects.bulk_update([entry], ["reference"]),
    ):
        with pytest.raises(AppendOnlyError), transaction.atomic():
            rewrite()
    entry.refresh_from_db()
    assert entry.reference != "another story"


def test_database_itself_refuses_to_rewrite_the_register(track) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rights_ownershipentry SET reference = 'another story'")
    assert OwnershipEntry.objects.get().reference != "another story"


@pytest.mark.postgres
def test_postgresql_refuses_to_delete_from_the_register(track) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM rights_ownershipentry")
    assert OwnershipEntry.objects.count() == 1
