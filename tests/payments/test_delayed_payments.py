"""Payments by delayed methods: nothing is delivered, and nothing released, before the bank has spoken."""

from datetime import timedelta

import pytest

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import cancel_order, fulfil, reconcile
from tests.payments.conftest import buy, count_sales, deliver, history_of, last_event, state_of

State = Order.State

pytestmark = pytest.mark.any_database


def test_completed_but_unpaid_delivers_nothing_yet(order: Order, sandbox: Sandbox, rival: User, track: Track) -> None:
    sandbox.pay(order.session_id, card="4000000000000077")
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    assert state_of(order) == State.PROCESSING
    assert count_sales(track) == 0
    assert Track.objects.get(pk=track.pk).status == Track.Status.RESERVED
    track.family.refresh_from_db()
    assert track.family.held_until > order.expires_at + timedelta(days=2)  # the others are told to wait for the bank


def test_delayed_payment_that_succeeds_is_a_sale(order: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.pay(order.session_id, card="4000000000000077")
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    sandbox.settle_payment(order.session_id, is_paid=True)
    deliver(last_event(sandbox, "checkout.session.async_payment_succeeded"), sandbox)
    assert history_of(order) == ["created", "open", "processing", "sold"]
    assert count_sales(track) == 1


def test_delayed_payment_that_fails_releases_the_track(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    sandbox.pay(order.session_id, card="4000000000000093")
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    sandbox.settle_payment(order.session_id, is_paid=False)
    deliver(last_event(sandbox, "checkout.session.async_payment_failed"), sandbox)
    assert history_of(order) == ["created", "open", "processing", "failed"]
    assert buy(rival, track).state == State.OPEN


def test_processing_order_cannot_be_canceled(order: Order, sandbox: Sandbox) -> None:
    from marketplace.errors import ConflictError

    sandbox.pay(order.session_id, card="4000000000000077")
    fulfil(session_id=order.session_id, actor="webhook")
    with pytest.raises(ConflictError):
        cancel_order(order=order, actor="buyer")
    assert state_of(order) == State.PROCESSING


def test_delayed_payment_that_failed_before_we_heard_of_it_releases_the_track(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    """Both events are lost: the session stays complete and unpaid for ever, so nothing else would end the hold."""
    sandbox.pay(order.session_id, card="4000000000000093")
    sandbox.settle_payment(order.session_id, is_paid=False)
    assert reconcile(now=order.expires_at) == {"failed": 1}
    assert buy(rival, track).state == State.OPEN


def test_cancel_of_a_delayed_payment_that_has_failed_releases_the_track(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id, card="4000000000000093")
    sandbox.settle_payment(order.session_id, is_paid=False)
    assert cancel_order(order=order, actor="buyer").state == State.FAILED
    assert Track.objects.get(pk=order.track_id).status == Track.Status.ON_SALE
