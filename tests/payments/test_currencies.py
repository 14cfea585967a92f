"""One track in several currencies: the buyer chooses, the order freezes it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from marketplace import env
from marketplace.catalog.models import Track
from marketplace.catalog.prices import list_prices
from marketplace.errors import InvalidInputError
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil, place_order
from tests.payments.conftest import company_of


@pytest.fixture(autouse=True)
def other_prices(settings: Any) -> None:
    settings.OTHER_PRICES = {"usd": 26_900, "jpy": 40_000, "kwd": 84_010}


def test_buyer_chooses_the_currency_on_the_page(
    sandbox: Sandbox, buyer: User, track: Track, client_for: Callable[[User], Client]
) -> None:
    client = client_for(buyer)
    page = client.get(reverse("catalog:detail", args=[track.pk])).content.decode()
    assert '<option value="jpy">JPY: ¥40,000</option>' in page
    client.post(reverse("payments:buy", args=[track.pk]), {"currency": "jpy"})
    order = Order.objects.get()
    assert (order.amount, order.currency) == (40_000, "jpy")
    sandbox.pay(order.session_id)
    assert fulfil(session_id=order.session_id, actor="webhook").invoice.currency == "jpy"


def test_programs_see_the_prices_and_choose(
    sandbox: Sandbox, buyer: User, track: Track, api_for: Callable[[User], APIClient]
) -> None:
    client = api_for(buyer)
    shown = client.get(f"/api/v1/tracks/{track.pk}/").json()
    assert shown["prices"] == {"eur": 24_900, "usd": 26_900, "jpy": 40_000, "kwd": 84_010}
    placed = client.post("/api/v1/orders/", {"track": str(track.pk), "currency": "usd"}, format="json").json()
    assert placed["price"] == {"amount": 26_900, "net": 26_900, "tax": 0, "currency": "usd"}


def test_currency_that_is_not_offered_is_refused_and_nothing_is_held(
    sandbox: Sandbox, buyer: User, track: Track
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        place_order(company=company_of(buyer), user=buyer, track=track, currency="chf")
    assert caught.value.fields["currency"] == ["'chf': this track is sold in EUR, USD, JPY, KWD. Choose one."]
    assert not Order.objects.exists()
    assert Track.objects.get(pk=track.pk).status == Track.Status.ON_SALE


def test_track_with_a_price_of_its_own_has_only_that(make_track: Callable[..., Track]) -> None:
    assert list_prices(make_track(price_amount=99_000)) == {"eur": 99_000}
    assert list_prices(make_track(price_currency="usd")) == {"usd": 24_900}


def test_prices_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_PRICES", "usd=26900, JPY=40000")
    assert env.read_amounts("OTHER_PRICES") == {"usd": 26_900, "jpy": 40_000}
    monkeypatch.setenv("OTHER_PRICES", "usd=269.00")
    with pytest.raises(ImproperlyConfigured, match=r"'usd=269\.00' must be a currency and its minor units"):
        env.read_amounts("OTHER_PRICES")
