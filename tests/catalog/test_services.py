"""What the catalogue does to tracks and families."""

import pytest
from django.utils import timezone

from marketplace.catalog.services import (
    hold_family,
    mark_family_sold,
    publish_track,
    release_family,
    reprice_track,
    retire_family,
    return_family_to_sale,
    withdraw_track,
)
from marketplace.errors import ConflictError, InvalidInputError

pytestmark = pytest.mark.any_database


def status_of(track) -> str:
    return type(track).objects.select_related("family").get(pk=track.pk).status


def test_track_passes_through_every_status(make_track) -> None:
    track = make_track(draft=True)
    assert status_of(track) == "draft"
    publish_track(track=track)
    assert status_of(track) == "on_sale"
    hold_family(family=track.family, until=timezone.now())
    assert status_of(track) == "reserved"
    release_family(family=track.family)
    assert status_of(track) == "on_sale"
    mark_family_sold(family=track.family)
    assert status_of(track) == "sold"
    return_family_to_sale(family=track.family)
    assert status_of(track) == "on_sale"
    mark_family_sold(family=track.family)
    retire_family(family=track.family)
    assert status_of(track) == "withdrawn"


def test_withdrawn_track_can_be_published_again(make_track) -> None:
    track = make_track()
    withdraw_track(track=track, reason="Too quiet.")
    assert status_of(track) == "withdrawn"
    publish_track(track=track)
    track.refresh_from_db()
    assert (track.status, track.withdrawn_reason) == ("on_sale", "")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_withdrawal_needs_a_reason(make_track, reason: str) -> None:
    track = make_track()
    with pytest.raises(InvalidInputError, match="Give a reason of 1 to 300 characters"):
        withdraw_track(track=track, reason=reason)
    assert status_of(track) == "on_sale"


def test_track_is_not_withdrawn_under_a_buyers_hands(make_track) -> None:
    track = make_track()
    hold_family(family=track.family, until=timezone.now())
    with pytest.raises(ConflictError, match="is being bought"):
        withdraw_track(track=track, reason="Too quiet.")
    assert status_of(track) == "reserved"


@pytest.mark.parametrize("end", [mark_family_sold, retire_family])
def test_track_that_was_sold_is_history(make_track, end) -> None:
    track = make_track()
    end(family=track.family)
    before = status_of(track)
    for act in (
        lambda: publish_track(track=track),
        lambda: withdraw_track(track=track, reason="Too quiet."),
        lambda: reprice_track(track=track, amount=1, currency="eur"),
    ):
        with pytest.raises(ConflictError, match="was sold"):
            act()
    track.refresh_from_db()
    assert (status_of(track), track.price_amount) == (before, 24_900)


def test_new_price_is_for_the_next_buyer(make_track) -> None:
    track = make_track()
    reprice_track(track=track, amount=9_900, currency="USD")
    track.refresh_from_db()
    assert (track.price_amount, track.price_currency) == (9_900, "usd")


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        (0, "eur", "price_amount"),
        (-1, "eur", "price_amount"),
        (100_000_000, "eur", "price_amount"),
        (1, "euro", "price_currency"),
        (1, "é€1", "price_currency"),
    ],
)
def test_impossible_price_is_refused_by_its_field(make_track, amount: int, currency: str, field: str) -> None:
    track = make_track()
    with pytest.raises(InvalidInputError) as refusal:
        reprice_track(track=track, amount=amount, currency=currency)
    assert list(refusal.value.fields) == [field]
    track.refresh_from_db()
    assert (track.price_amount, track.price_currency) == (24_900, "eur")
