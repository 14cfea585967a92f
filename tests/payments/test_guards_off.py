"""Twins of the late and the racing payments: each switches one guard off, and harm is done. So the guards are real."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from marketplace.catalog.models import Track
from payments.gateway import StripeGateway
from payments.gateway_types import CheckoutSession, Outcome
from payments.models import Order, Refund
from payments.sandbox.faults import Fault
from payments.sandbox.server import Sandbox
from payments.services import cancel_order, fulfil
from payments.states import TRANSITIONS
from tests.payments.conftest import EXPIRE, buy, state_of

State = Order.State

pytestmark = pytest.mark.any_database


def believe_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every session for expired, without asking Stripe what became of it."""
    retrieve = StripeGateway.retrieve_session

    def retrieve_expired(self: StripeGateway, **request: Any) -> CheckoutSession:
        return replace(retrieve(self, **request), outcome=Outcome.EXPIRED)

    monkeypatch.setattr(StripeGateway, "retrieve_session", retrieve_expired)


def lapse(order: Order, sandbox: Sandbox) -> None:
    sandbox.clock.advance(seconds=3600)
    fulfil(session_id=order.session_id, actor="reconciler")
    sandbox.clock.advance(seconds=-3600)
    assert state_of(order) == State.EXPIRED


def test_late_payment_is_kept_for_nothing_if_expired_were_the_end(
    order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapse(order, sandbox)
    monkeypatch.setitem(TRANSITIONS, State.EXPIRED, frozenset())  # type: ignore[arg-type]
    sandbox.pay(order.session_id, even_if_expired=True)
    fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == State.EXPIRED
    assert not Refund.objects.exists()


def test_late_payment_for_a_resold_track_is_sold_twice_if_nobody_looks_at_the_family(
    order: Order, sandbox: Sandbox, rival: User, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    lapse(order, sandbox)
    second = buy(rival, track)
    sandbox.pay(second.session_id)
    fulfil(session_id=second.session_id, actor="webhook")
    monkeypatch.setattr("payments.services.fulfilment._is_deliverable", lambda _family, _order: True)
    monkeypatch.setattr("payments.services.fulfilment.transfer_ownership", lambda **_fact: None)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX order_one_sale_per_family")
    sandbox.pay(order.session_id, even_if_expired=True)
    fulfil(session_id=order.session_id, actor="webhook")
    assert (state_of(order), state_of(second)) == (State.SOLD, State.SOLD)


def pay_before_expiring(order: Order, sandbox: Sandbox) -> None:
    def pay() -> None:
        sandbox.pay(order.session_id)

    sandbox.faults.add(Fault(*EXPIRE, before=pay))


def pay_before_canceling(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)


@pytest.mark.parametrize("pay", [pay_before_expiring, pay_before_canceling])
def test_payment_that_races_the_cancel_is_lost_if_nobody_asks_stripe(
    order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, pay: Callable[[Order, Sandbox], None]
) -> None:
    pay(order, sandbox)
    believe_the_clock(monkeypatch)
    cancel_order(order=order, actor="buyer")
    assert state_of(order) == State.CANCELED
    assert sandbox.list_kind("payment_intent")[0]["amount_received"] == 24_900


def test_payable_session_loses_its_track_if_a_silent_cancel_released_it(
    order: Order, sandbox: Sandbox, rival: User, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StripeGateway, "expire_session", lambda _self, **_request: None)
    believe_the_clock(monkeypatch)
    cancel_order(order=order, actor="buyer")
    assert buy(rival, track).state == State.OPEN
    assert [session["status"] for session in sandbox.list_kind("checkout.session")] == ["open", "open"]
