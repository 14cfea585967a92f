"""Kit versions, edits, other takes: what is derived from a track joins its family, whatever it sounds like."""

import pytest

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.services import hold_family, mark_family_sold, publish_track, retire_family
from marketplace.errors import ConflictError
from marketplace.rights.audit import audit_register
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.queries import owned_tracks, owner_of
from marketplace.rights.services import assign_copyright_id, register_track, transfer_ownership
from tests.rights.conftest import tune_fingerprint

pytestmark = pytest.mark.any_database


@pytest.fixture
def register(facts, files):
    def act(company: Company, seed: int, *, vary: str = "", derived_from: Track | None = None) -> Track:
        count = Track.objects.count()
        fresh = {
            "copyright_id": assign_copyright_id(reference=f"version {count}"),
            "fingerprint": tune_fingerprint(seed, vary=vary),
        }
        return register_track(company=company, files=files, derived_from=derived_from, **facts | fresh)

    return act


def test_version_that_sounds_like_nothing_joins_the_family_of_its_origin(companies, register) -> None:
    origin = register(companies[0], 1)
    version = register(companies[0], 2, derived_from=origin)
    assert version.family == origin.family
    assert [entry.sequence for entry in OwnershipEntry.objects.all()] == [1, 2]


def test_version_is_held_and_sold_with_its_origin(companies, register, sell) -> None:
    origin = register(companies[0], 1)
    version = register(companies[0], 2, derived_from=origin)
    sell(track=origin, owner=companies[1])
    version.refresh_from_db()
    assert version.status == "sold"
    assert set(owned_tracks(companies[1])) == {origin, version}


def test_owner_adds_versions_after_the_sale_and_owns_them_at_once(companies, register, sell) -> None:
    origin = register(companies[0], 1)
    sell(track=origin, owner=companies[1])
    version = register(companies[1], 2, derived_from=origin)
    assert version.status == "sold"
    assert owner_of(version.family) == companies[1]
    assert set(owned_tracks(companies[1])) == {origin, version}
    assert audit_register() == []


def test_maker_adds_nothing_to_what_was_sold(companies, register, sell) -> None:
    origin = register(companies[0], 1)
    sell(track=origin, owner=companies[1])
    with pytest.raises(ConflictError) as refusal:
        register(companies[0], 2, derived_from=origin)
    assert refusal.value.code == "not_yours"
    assert Track.objects.count() == 1


def test_stranger_adds_nothing_to_anothers_family(companies, register) -> None:
    origin = publish_track(track=register(companies[0], 1))
    with pytest.raises(ConflictError) as refusal:
        register(companies[1], 2, derived_from=origin)
    assert refusal.value.code == "not_yours"
    assert (Track.objects.count(), OwnershipEntry.objects.count()) == (1, 1)


def test_retired_family_grows_no_more(companies, register) -> None:
    origin = register(companies[0], 1)
    retire_family(family=origin.family)
    with pytest.raises(ConflictError):
        register(companies[0], 2, derived_from=origin)


def test_version_that_is_too_close_to_anothers_track_is_refused(companies, register) -> None:
    origin = register(companies[0], 1)
    publish_track(track=register(companies[1], 2))
    with pytest.raises(ConflictError) as refusal:
        register(companies[0], 2, vary="transposed", derived_from=origin)
    assert refusal.value.code == "near_duplicate"
    assert Track.objects.count() == 2


def test_version_that_is_close_to_another_family_of_the_company_unites_the_two(companies, register) -> None:
    origin, other = register(companies[0], 1), register(companies[0], 2)
    version = register(companies[0], 2, vary="transposed", derived_from=origin)
    assert {track.family_id for track in Track.objects.all()} == {version.family_id}
    assert OwnershipEntry.objects.get(kind="merger").track == other
    assert TrackFamily.objects.filter(retired_at=None).count() == 1
    assert audit_register() == []


def test_families_unite_into_the_one_that_is_being_bought(companies, register) -> None:
    from django.utils import timezone

    origin, other = register(companies[0], 1), register(companies[0], 2)
    hold_family(family=other.family, until=timezone.now())
    version = register(companies[0], 2, vary="transposed", derived_from=origin)
    assert version.family == other.family
    origin.refresh_from_db()
    assert (origin.family, origin.status) == (other.family, "reserved")


def test_version_of_two_tracks_that_are_being_bought_waits(companies, register) -> None:
    from django.utils import timezone

    origin, other = register(companies[0], 1), register(companies[0], 2)
    for track in (origin, other):
        hold_family(family=track.family, until=timezone.now())
    with pytest.raises(ConflictError) as refusal:
        register(companies[0], 2, vary="transposed", derived_from=origin)
    assert refusal.value.code == "track_reserved"
    assert (Track.objects.count(), OwnershipEntry.objects.count()) == (2, 2)


def test_owner_gets_no_other_track_into_its_family_by_a_version_of_both(companies, register) -> None:
    """Else a draft that is not paid for would become owned."""
    origin = register(companies[0], 1)
    mark_family_sold(family=origin.family)
    transfer_ownership(track=origin, owner=companies[0], reference="order 1")
    unpaid = register(companies[0], 2)
    with pytest.raises(ConflictError) as refusal:
        register(companies[0], 2, vary="transposed", derived_from=origin)
    assert refusal.value.code == "near_duplicate"
    unpaid.refresh_from_db()
    assert unpaid.status == "draft"


@pytest.mark.parametrize("vary", ["", "transposed"])
def test_refusal_does_not_name_anothers_draft(companies, register, vary: str) -> None:
    draft = register(companies[0], 1)
    with pytest.raises(ConflictError) as refusal:
        register(companies[1], 1, vary=vary)
    assert draft.copyright_id not in refusal.value.message
    assert draft.title not in refusal.value.message
    publish_track(track=draft)
    with pytest.raises(ConflictError, match=draft.copyright_id):
        register(companies[1], 1, vary=vary)
    assert Track.objects.count() == 1


@pytest.mark.parametrize("vary", ["", "transposed"])
def test_own_draft_is_named(companies, register, vary: str) -> None:
    draft = register(companies[0], 1)
    retire_family(family=draft.family)
    with pytest.raises(ConflictError, match=draft.copyright_id):
        register(companies[0], 1, vary=vary)
