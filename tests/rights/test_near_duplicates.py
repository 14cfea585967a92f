"""What is too close to something registered is refused, or is held and sold with it."""

import pytest

from accounts.models import Company
from generator.engine.originality.labelled import VARIATIONS
from marketplace.catalog.models import Track
from marketplace.catalog.services import hold_family, mark_family_sold, publish_track, retire_family
from marketplace.errors import ConflictError
from marketplace.rights.audit import audit_register
from marketplace.rights.index import find_near_tracks, store_fingerprint
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.originality import settle_near_variants
from marketplace.rights.services import assign_copyright_id, register_track
from tests.rights.conftest import tune_fingerprint

pytestmark = pytest.mark.any_database


@pytest.fixture
def register(facts, files):
    def act(company: Company, fingerprint, *, reference: str = "again") -> Track:
        fresh = {"copyright_id": assign_copyright_id(reference=reference), "fingerprint": fingerprint}
        return register_track(company=company, files=files, **facts | fresh)

    return act


@pytest.fixture
def blind_pair(companies, make_track):
    """Near variants in two families, as two registrations in the same moment leave them."""
    pair = []
    for company, vary in zip(companies, ("", "sections exchanged"), strict=True):
        track = make_track(company=company)
        store_fingerprint(track=track, fingerprint=tune_fingerprint(1, vary=vary))
        pair.append(track)
    return pair


@pytest.mark.parametrize("vary", VARIATIONS)
def test_variant_of_anothers_track_is_refused_with_its_id(companies, register, vary: str) -> None:
    first = publish_track(track=register(companies[0], tune_fingerprint(1)))
    with pytest.raises(ConflictError, match=first.copyright_id) as refusal:
        register(companies[1], tune_fingerprint(1, vary=vary), reference="job 2")
    assert refusal.value.code == "near_duplicate"
    assert Track.objects.count() == 1
    assert OwnershipEntry.objects.count() == 1


def test_other_music_is_registered_beside_it(companies, register) -> None:
    tracks = [register(companies[0], tune_fingerprint(seed), reference=f"job {seed}") for seed in range(2, 8)]
    assert len({track.family_id for track in tracks}) == 6


def test_version_of_the_companys_own_track_joins_its_family(companies, register) -> None:
    first = register(companies[0], tune_fingerprint(1))
    second = register(companies[0], tune_fingerprint(1, vary="1 note of 20 changed"), reference="job 2")
    assert second.family == first.family
    assert [entry.sequence for entry in OwnershipEntry.objects.all()] == [1, 2]


@pytest.mark.parametrize("end", [mark_family_sold, retire_family])
def test_version_of_what_was_sold_or_retired_is_refused_even_to_its_maker(companies, register, end) -> None:
    first = register(companies[0], tune_fingerprint(1))
    end(family=first.family)
    with pytest.raises(ConflictError) as refusal:
        register(companies[0], tune_fingerprint(1, vary="transposed"), reference="job 2")
    assert refusal.value.code == "near_duplicate"


def test_closest_track_is_found_first(companies, register) -> None:
    tracks = {seed: register(companies[0], tune_fingerprint(seed), reference=f"job {seed}") for seed in range(2, 30)}
    near = find_near_tracks(tune_fingerprint(17, vary="1 note of 10 changed"))
    assert near[0].track == tracks[17]
    assert near[0].likeness.is_too_close
    assert not any(each.likeness.is_too_close for each in near[1:])


def test_near_variants_become_one_family_before_a_sale(blind_pair) -> None:
    first, second = blind_pair
    left = second.family
    settled = settle_near_variants(track=second)
    first.refresh_from_db()
    assert settled.family == first.family
    left.refresh_from_db()
    assert left.retired_at is not None
    assert [(entry.kind, entry.track) for entry in OwnershipEntry.objects.all()] == [("merger", second)]
    assert audit_register() == []
    assert settle_near_variants(track=settled).family == first.family
    assert OwnershipEntry.objects.count() == 1


def test_variant_of_what_is_at_the_checkout_is_reserved_too(blind_pair) -> None:
    from django.utils import timezone

    first, second = blind_pair
    hold_family(family=second.family, until=timezone.now())
    settled = settle_near_variants(track=first)
    assert settled.family == second.family
    assert settled.status == "reserved"


@pytest.mark.parametrize("end", [mark_family_sold, retire_family])
def test_variant_of_what_is_gone_is_withdrawn_and_refused(blind_pair, end) -> None:
    first, second = blind_pair
    end(family=first.family)
    with pytest.raises(ConflictError, match="Nothing was charged") as refusal:
        settle_near_variants(track=second)
    assert refusal.value.code == "near_duplicate"
    second.refresh_from_db()
    assert second.status == "withdrawn"
    assert first.copyright_id in second.withdrawn_reason


def test_track_without_a_fingerprint_is_sold_as_it_is(make_track) -> None:
    track = make_track()
    assert settle_near_variants(track=track).family == track.family


def test_withdrawn_music_is_not_registered_again(companies, register) -> None:
    from marketplace.catalog.services import withdraw_track

    withdraw_track(track=publish_track(track=register(companies[0], tune_fingerprint(1))), reason="Too quiet.")
    with pytest.raises(ConflictError):
        register(companies[1], tune_fingerprint(1, vary="transposed"), reference="job 2")
