"""A Stripe of our own on a free port, behind the real client, and what tests do with it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from stripe._http_client import HTTPClient

from accounts.models import Company, User
from marketplace.catalog.models import Track
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.services import note_download
from payments.models import Dispute, Order, WebhookEvent
from payments.sandbox.server import Sandbox
from payments.services import fulfil, place_order, process_event, reconcile, settle_disputes
from payments.services.reconciliation import PATIENCE

CREATE = ("POST", "/v1/checkout/sessions")
RETRIEVE = ("GET", "/v1/checkout/sessions/.+")
EXPIRE = ("POST", "/v1/checkout/sessions/.+/expire")
REFUND = ("POST", "/v1/refunds")
EVERY_TRY = 3
"""The client's own retries included: a fault that lasts this long is seen by us."""


@pytest.fixture
def sandbox(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    # The client waits between its own retries; that is its business and not what is tested here.
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(HTTPClient, "MAX_DELAY", 0)
    with Sandbox(secret=settings.STRIPE_WEBHOOK_SECRETS[0]) as sandbox:
        settings.STRIPE_API_BASE = sandbox.url
        yield sandbox


@pytest.fixture
def buyer(make_user: Callable[..., User]) -> User:
    return make_user("buyer@example.com")


@pytest.fixture
def rival(make_user: Callable[..., User]) -> User:
    return make_user("rival@example.com")


@pytest.fixture
def track(make_track: Callable[..., Track]) -> Track:
    return make_track()


@pytest.fixture
def order(sandbox: Sandbox, buyer: User, track: Track) -> Order:
    """An open order of the buyer's."""
    return buy(buyer, track)


@pytest.fixture
def sale(order: Order, sandbox: Sandbox) -> Order:
    """The order, paid and fulfilled."""
    sandbox.pay(order.session_id)
    return fulfil(session_id=order.session_id, actor="webhook")


@pytest.fixture
def admin(make_user: Callable[..., User], client_for: Callable[[User], Client]) -> Client:
    return client_for(make_user("ada@example.com", is_staff=True, is_superuser=True))


@pytest.fixture
def dispute(sale: Order, sandbox: Sandbox, buyer: User) -> Dispute:
    """Of a sale of which one file was fetched."""
    note_download(
        file=sale.track.files.get(name="track.wav"), company=company_of(buyer), user=buyer, is_continuation=False
    )
    sandbox.dispute(sale.session_id)
    settle_disputes(order=sale, actor="webhook")
    return Dispute.objects.get()


def company_of(user: User) -> Company:
    return user.memberships.select_related("company").get().company


def count_sales(track: Track) -> int:
    return OwnershipEntry.objects.filter(family=track.family, kind="transfer").count()


def buy(user: User, track: Track) -> Order:
    return place_order(company=company_of(user), user=user, track=track)


def send(event: dict[str, Any], sandbox: Sandbox, **headers: str) -> HttpResponse:
    """Deliver an event to the webhook as Stripe would."""
    body, signature = sandbox.sign(event)
    return post_webhook(body, headers.get("signature", signature))


def post_webhook(body: bytes, signature: str) -> HttpResponse:
    return Client().post(
        reverse("payments:webhook"), body, content_type="application/json", headers={"Stripe-Signature": signature}
    )


def deliver(event: dict[str, Any], sandbox: Sandbox) -> WebhookEvent:
    """Deliver an event and do the worker's part of it."""
    response = send(event, sandbox)
    assert response.status_code == 200, response.content
    return process_event(event_id=WebhookEvent.objects.get(event_id=event["id"]).pk)


def pay_after_the_rival(order: Order, rival: User, track: Track, sandbox: Sandbox) -> Order:
    """The order's hold ends, the rival buys, and then the order's money comes after all. Returns the rival's order."""
    sandbox.clock.advance(seconds=3600)
    fulfil(session_id=order.session_id, actor="reconciler")
    sandbox.clock.advance(seconds=-3600)
    second = buy(rival, track)
    sandbox.pay(second.session_id)
    fulfil(session_id=second.session_id, actor="webhook")
    sandbox.pay(order.session_id, even_if_expired=True)
    return second


def last_event(sandbox: Sandbox, kind: str) -> dict[str, Any]:
    return next(event for event in reversed(sandbox.list_kind("event")) if event["type"] == kind)


def tell_of_dispute(sandbox: Sandbox, kind: str) -> None:
    deliver(last_event(sandbox, f"charge.dispute.{kind}"), sandbox)


def state_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).state


def history_of(order: Order) -> list[str]:
    return [transition.to_state for transition in order.transitions.all()]


def forge(**changes: Any) -> bytes:
    event = {"id": "evt_forged", "object": "event", "type": "checkout.session.completed", "livemode": False}
    return json.dumps(event | {"data": {"object": {"id": "cs_test_x"}}} | changes).encode()


@pytest.fixture
def wrong_order(order: Order, sandbox: Sandbox) -> Order:
    """Paid, but with another amount than its price."""
    sandbox.account.allows_overpaid_refunds = True
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=24_800)
    return order


def sweep() -> None:
    reconcile(now=timezone.now() + max(PATIENCE.values()))


def amounts_refunded(sandbox: Sandbox) -> list[int]:
    return [refund["amount"] for refund in sandbox.list_kind("refund")]
