"""What the gateway promises of its client: a pinned version, bounded waiting, few retries, one key per order."""

import time

import pytest
import stripe
from django.conf import settings as configured

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.catalog.money import check_price
from marketplace.errors import InvalidInputError
from payments.gateway import API_VERSION, MAX_NETWORK_RETRIES, StripeGateway
from payments.gateway_types import GatewayUnavailableError
from payments.models import Order
from payments.sandbox import account
from payments.sandbox.server import Sandbox
from tests.payments.conftest import CREATE, EVERY_TRY, buy


def test_version_is_the_librarys_own_and_the_sandboxs() -> None:
    """The fields that we read were typed for this version: a new library asks for a look at them."""
    assert API_VERSION == stripe.api_version == account.API_VERSION


def test_other_version_is_refused_by_the_sandbox(sandbox: Sandbox) -> None:
    client = stripe.StripeClient("sk_test_x", stripe_version="2024-06-20", base_addresses={"api": sandbox.url})
    with pytest.raises(stripe.InvalidRequestError, match="The sandbox speaks"):
        client.v1.checkout.sessions.list()


def test_lost_requests_are_sent_again_under_the_same_key(sandbox: Sandbox, buyer: User, track: Track) -> None:
    sandbox.faults.lose_reply(*CREATE, times=MAX_NETWORK_RETRIES)
    order = buy(buyer, track)
    assert EVERY_TRY == MAX_NETWORK_RETRIES + 1
    assert [one["id"] for one in sandbox.list_kind("checkout.session")] == [order.session_id]


def test_stripe_that_hangs_is_waited_for_no_longer_than_the_setting_says(sandbox: Sandbox) -> None:
    sandbox.faults.hang("GET", "/v1/refunds", times=EVERY_TRY)
    gateway = StripeGateway(api_key="sk_test_sandbox", api_base=sandbox.url, timeout=0.2)
    began = time.monotonic()
    with pytest.raises(GatewayUnavailableError):
        gateway.list_refunds(payment_intent_id="pi_x")
    assert time.monotonic() - began < 30  # the library's own default would wait 80 s, three times
    assert configured.STRIPE_TIMEOUT_SECONDS == 10


def test_order_names_itself_in_every_place_that_stripe_keeps(order: Order) -> None:
    sent = order.session_parameters
    named = {"order_id": str(order.pk), "track_id": str(order.track_id)}
    assert sent["client_reference_id"] == str(order.pk)
    assert sent["metadata"] == sent["payment_intent_data"]["metadata"] == named
    assert sent["adaptive_pricing"] == {"enabled": False}
    assert "automatic_tax" not in sent
    assert "invoice_creation" not in sent


@pytest.mark.parametrize(("currency", "amount"), [("jpy", 40_000), ("kwd", 84_010), ("usd", 26_900)])
def test_prices_go_out_in_minor_units_of_their_currency(
    sandbox: Sandbox, buyer: User, make_track: object, currency: str, amount: int
) -> None:
    check_price(amount=amount, currency=currency)
    buy(buyer, make_track(price_amount=amount, price_currency=currency))  # type: ignore[operator]
    session = sandbox.list_kind("checkout.session")[0]
    assert (session["amount_total"], session["currency"]) == (amount, currency)


def test_price_that_no_card_can_be_charged_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_price(amount=84_005, currency="KWD")
    assert caught.value.fields["price_amount"] == [
        "84005: prices in KWD end in 0, because card networks charge two decimals of it."
    ]
