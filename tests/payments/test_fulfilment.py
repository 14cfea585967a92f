"""Every road of a payment ends in one sale, or in one refund."""

import logging
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.errors import NotFoundError
from marketplace.rights.queries import owner_of
from payments.models import Order, Refund, WebhookEvent
from payments.sandbox.server import Sandbox
from payments.services import fulfil, reconcile
from tests.payments.conftest import (
    buy,
    company_of,
    count_sales,
    deliver,
    history_of,
    last_event,
    pay_after_the_rival,
    send,
    state_of,
)

State = Order.State

pytestmark = pytest.mark.any_database


def release_behind_our_back(order: Order) -> None:
    """What a bug or a person in the database might do: the hold ends while the session can still be paid."""
    Order.objects.filter(pk=order.pk).update(state=State.EXPIRED)
    TrackFamily.objects.filter(pk=order.family_id).update(held_until=None)


def test_paid_order_gives_the_buyer_the_track(order: Order, sandbox: Sandbox, buyer: User, track: Track) -> None:
    sandbox.pay(order.session_id)
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert history_of(order) == ["created", "open", "sold"]
    assert owner_of(track.family) == company_of(buyer)
    track.family.refresh_from_db()
    assert track.family.sold_at is not None
    assert track.family.held_until is None
    assert Track.objects.get(pk=track.pk).status == Track.Status.SOLD


def test_same_event_three_times_makes_one_sale(order: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.pay(order.session_id)
    event = last_event(sandbox, "checkout.session.completed")
    for _ in range(3):
        deliver(event, sandbox)
    assert WebhookEvent.objects.count() == 1
    assert count_sales(track) == 1
    assert history_of(order) == ["created", "open", "sold"]


def test_two_events_for_one_session_make_one_sale(order: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.pay(order.session_id)
    event = last_event(sandbox, "checkout.session.completed")
    deliver(event, sandbox)
    deliver(event | {"id": "evt_another", "type": "checkout.session.async_payment_succeeded"}, sandbox)
    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert count_sales(track) == 1
    assert not Refund.objects.exists()


def test_expired_event_after_the_sale_leaves_it_sold(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    event = last_event(sandbox, "checkout.session.completed")
    deliver(event, sandbox)
    deliver(event | {"id": "evt_late", "type": "checkout.session.expired"}, sandbox)
    assert state_of(order) == State.SOLD


def test_return_after_the_webhook_shows_the_sale(
    order: Order, sandbox: Sandbox, buyer: User, client_for: Callable[[User], Client]
) -> None:
    sandbox.pay(order.session_id)
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    response = client_for(buyer).get(reverse("payments:return", args=[order.pk]), follow=True)
    assert "Yours alone" in response.content.decode()


def test_return_before_the_webhook_fulfils_and_the_webhook_changes_nothing(
    order: Order, sandbox: Sandbox, buyer: User, client_for: Callable[[User], Client]
) -> None:
    sandbox.pay(order.session_id)
    response = client_for(buyer).get(reverse("payments:return", args=[order.pk]), follow=True)
    assert "Yours alone" in response.content.decode()
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert history_of(order) == ["created", "open", "sold"]
    assert order.transitions.last().actor == "return page"


def test_closed_tab_is_fulfilled_by_the_webhook(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert order.transitions.last().actor == "webhook"


def test_lost_webhook_is_made_up_for_by_the_reconciler(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    assert reconcile(now=order.expires_at)["sold"] == 1
    assert order.transitions.last().actor == "reconciler"


def test_two_paid_sessions_make_one_sale_and_one_full_refund(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    release_behind_our_back(order)
    second = buy(rival, track)
    sandbox.pay(order.session_id)
    sandbox.pay(second.session_id)
    fulfil(session_id=second.session_id, actor="webhook")
    fulfil(session_id=order.session_id, actor="webhook")
    assert (state_of(second), state_of(order)) == (State.SOLD, State.REFUNDED)
    assert count_sales(track) == 1
    assert [refund["amount"] for refund in sandbox.list_kind("refund")] == [24_900]


def test_two_paid_sessions_are_both_sold_with_the_guards_off(
    order: Order, sandbox: Sandbox, rival: User, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: without the look at the family, the register's and the orders' constraints, the track is oversold."""
    from django.db import connection

    monkeypatch.setattr("payments.services.fulfilment._is_deliverable", lambda _family, _order: True)
    monkeypatch.setattr("payments.services.fulfilment.transfer_ownership", lambda **_fact: None)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX order_one_sale_per_family")
    release_behind_our_back(order)
    second = buy(rival, track)
    for paid in (second, order):
        sandbox.pay(paid.session_id)
        fulfil(session_id=paid.session_id, actor="webhook")
    assert Order.objects.filter(family=track.family, state=State.SOLD).count() == 2


def test_late_payment_for_a_free_track_is_a_sale(order: Order, sandbox: Sandbox, buyer: User, track: Track) -> None:
    sandbox.clock.advance(seconds=3600)
    fulfil(session_id=order.session_id, actor="reconciler")
    assert state_of(order) == State.EXPIRED
    sandbox.pay(order.session_id, even_if_expired=True)
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert history_of(order) == ["created", "open", "expired", "sold"]
    assert owner_of(track.family) == company_of(buyer)


def test_late_payment_for_a_resold_track_is_refunded_once(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    pay_after_the_rival(order, rival, track, sandbox)
    for _ in range(3):
        fulfil(session_id=order.session_id, actor="webhook")
    assert history_of(order) == ["created", "open", "expired", "refund_due", "refunded"]
    assert len(sandbox.list_kind("refund")) == 1
    assert owner_of(track.family) == company_of(rival)


def test_late_payment_while_another_company_holds_the_track_is_refunded(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    release_behind_our_back(order)
    second = buy(rival, track)
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    assert (state_of(order), state_of(second)) == (State.REFUNDED, State.OPEN)
    track.family.refresh_from_db()
    assert track.family.held_until == second.expires_at


def test_late_payment_for_a_withdrawn_track_is_refunded(order: Order, sandbox: Sandbox, track: Track) -> None:
    release_behind_our_back(order)
    Track.objects.filter(pk=track.pk).update(publication="withdrawn", withdrawn_reason="A sample was not cleared.")
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == State.REFUNDED


@pytest.mark.parametrize(
    ("change", "refunded"), [({"amount_total": 100}, 100), ({"currency": "usd"}, 24_900)], ids=["amount", "currency"]
)
def test_payment_of_another_amount_or_currency_is_refunded_with_an_alert(
    order: Order,
    sandbox: Sandbox,
    track: Track,
    caplog: pytest.LogCaptureFixture,
    change: dict[str, object],
    refunded: int,
) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, **change)
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert len(caplog.records) == 1
    assert history_of(order) == ["created", "open", "refund_due", "refunded"]
    assert [refund["amount"] for refund in sandbox.list_kind("refund")] == [refunded]
    assert count_sales(track) == 0
    assert Track.objects.get(pk=track.pk).status == Track.Status.ON_SALE


def test_event_of_the_other_mode_is_ignored_with_an_alert(
    order: Order, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.pay(order.session_id)
    event = last_event(sandbox, "checkout.session.completed")
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        deliver(event | {"livemode": True}, sandbox)
    assert len(caplog.records) == 1
    assert state_of(order) == State.OPEN


def test_session_of_the_other_mode_is_never_fulfilled(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, livemode=True)
    with pytest.raises(NotFoundError):
        fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == State.OPEN


def test_event_for_an_unknown_session_is_accepted_and_sells_nothing(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    event = last_event(sandbox, "checkout.session.completed")
    event["data"]["object"] = {"id": "cs_test_ofsomebodyelse"}
    stored = deliver(event, sandbox)
    assert stored.outcome.startswith("ignored")
    assert state_of(order) == State.OPEN


def test_session_that_names_another_order_sells_nothing(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, metadata={"order_id": "41f0a64c-6f6c-4f7c-9a86-000000000000", "track_id": "x"})
    stored = deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert stored.outcome.startswith("ignored")
    assert state_of(order) == State.OPEN


def test_foreign_session_without_our_metadata_is_accepted_and_ignored(order: Order, sandbox: Sandbox) -> None:
    Order.objects.filter(pk=order.pk).update(session_id=None)
    sandbox.change(order.session_id, metadata={}, client_reference_id=None)
    sandbox.pay(order.session_id)
    stored = deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert stored.outcome.startswith("ignored")
    assert state_of(order) == State.OPEN


def test_expired_session_releases_the_track(order: Order, sandbox: Sandbox, rival: User, track: Track) -> None:
    sandbox.clock.advance(seconds=3600)
    fulfil(session_id=order.session_id, actor="reconciler")
    deliver(last_event(sandbox, "checkout.session.expired"), sandbox)
    assert history_of(order) == ["created", "open", "expired"]
    sandbox.clock.advance(seconds=-3600)
    assert buy(rival, track).state == State.OPEN


def test_webhook_before_the_session_id_is_stored_fulfils(order: Order, sandbox: Sandbox) -> None:
    Order.objects.filter(pk=order.pk).update(session_id=None, state=State.CREATED, checkout_url="")
    sandbox.pay(order.session_id)
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert state_of(order) == State.SOLD
    assert Order.objects.get(pk=order.pk).session_id == order.session_id


def test_silent_stripe_leaves_the_event_for_the_reconciler(order: Order, sandbox: Sandbox) -> None:
    from payments.gateway_types import GatewayUnavailableError
    from payments.services import process_event
    from tests.payments.conftest import EVERY_TRY, RETRIEVE

    sandbox.pay(order.session_id)
    send(last_event(sandbox, "checkout.session.completed"), sandbox)
    sandbox.faults.answer(*RETRIEVE, status=500, times=EVERY_TRY)
    event = WebhookEvent.objects.get()
    with pytest.raises(GatewayUnavailableError):
        process_event(event_id=event.pk)
    assert state_of(order) == State.OPEN
    reconcile(now=order.expires_at)
    event.refresh_from_db()
    assert event.processed_at is not None
    assert state_of(order) == State.SOLD
