"""The sweep: what it looks at, what it leaves alone, and what cannot stop it."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import Order
from payments.sandbox.faults import Fault
from payments.sandbox.server import Sandbox
from payments.services import cancel_order, fulfil, look_for_returns, reconcile
from payments.tasks import reconcile as reconcile_task
from tests.payments.conftest import EVERY_TRY, RETRIEVE, buy, history_of, state_of

State = Order.State

pytestmark = pytest.mark.any_database


def later(minutes: float) -> object:
    return timezone.now() + timedelta(minutes=minutes)


def test_fresh_order_is_left_alone(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    assert reconcile(now=later(1)) == {}
    assert state_of(order) == State.OPEN


def test_open_order_is_asked_about_every_two_minutes(order: Order, sandbox: Sandbox) -> None:
    assert reconcile(now=later(2.1)) == {"open": 1}
    assert reconcile(now=later(1)) == {}
    sandbox.pay(order.session_id)
    assert reconcile(now=later(2.1)) == {"sold": 1}


def test_expired_hold_is_released(order: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.clock.advance(seconds=3600)
    assert reconcile(now=order.expires_at) == {"expired": 1}
    assert Track.objects.get(pk=track.pk).status == Track.Status.ON_SALE


def test_expired_hold_is_asked_about_at_once_however_lately_it_was_checked(order: Order, sandbox: Sandbox) -> None:
    Order.objects.filter(pk=order.pk).update(checked_at=order.expires_at)
    sandbox.clock.advance(seconds=3600)
    assert reconcile(now=order.expires_at) == {"expired": 1}


def test_hold_is_not_released_by_our_clock(order: Order, sandbox: Sandbox, track: Track) -> None:
    """Only Stripe says that a session has expired."""
    assert reconcile(now=order.expires_at + timedelta(days=1)) == {"open": 1}
    assert Track.objects.get(pk=track.pk).status == Track.Status.RESERVED


def test_delayed_payment_is_found_without_an_event(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id, card="4000000000000077")
    fulfil(session_id=order.session_id, actor="return page")
    sandbox.settle_payment(order.session_id, is_paid=True)
    assert reconcile(now=later(6)) == {"sold": 1}
    assert history_of(order) == ["created", "open", "processing", "sold"]


def test_late_payment_that_no_event_told_of_is_found_in_stripes_list(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    cancel_order(order=order, actor="buyer")
    sandbox.pay(order.session_id, even_if_expired=True)
    second = buy(rival, track)
    assert reconcile(now=later(1)) == {}
    assert look_for_returns() == {"refunded": 1}
    assert (state_of(order), state_of(second)) == (State.REFUNDED, State.OPEN)
    assert look_for_returns() == {}


def test_finished_orders_are_not_asked_about(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    assert reconcile(now=later(600)) == {}


def test_broken_order_does_not_keep_the_others_waiting(
    order: Order, sandbox: Sandbox, rival: User, make_track: Callable[..., Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = buy(rival, make_track())
    sandbox.pay(second.session_id)
    sandbox.change(order.session_id, payment_status=None, status=None, currency=5)
    before = timezone.now()
    assert reconcile(now=later(3)) == {"broken": 1, "sold": 1}
    assert Order.objects.get(pk=order.pk).checked_at > before  # the next sweep begins with others


def test_unknown_session_keeps_its_hold_and_calls_a_person(order: Order, sandbox: Sandbox, track: Track) -> None:
    Order.objects.filter(pk=order.pk).update(session_id="cs_test_ofanotheraccount")
    assert reconcile(now=later(3)) == {"unknown": 1}
    assert Order.objects.get(pk=order.pk).needs_person
    assert Track.objects.get(pk=track.pk).status == Track.Status.RESERVED


def test_silent_stripe_ends_the_sweep_early_and_the_next_one_catches_up(
    sandbox: Sandbox, buyer: User, make_track: Callable[..., Track]
) -> None:
    orders = [buy(buyer, make_track()) for _ in range(5)]
    for order in orders:
        sandbox.pay(order.session_id)
    sandbox.faults.answer(*RETRIEVE, status=500, times=3 * EVERY_TRY)
    assert reconcile(now=later(3)) == {"silent": 3}
    assert reconcile(now=later(6)) == {"sold": 5}


def test_command_and_task_say_what_they_did(order: Order, sandbox: Sandbox) -> None:
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue() == "Nothing was overdue.\n"
    Order.objects.filter(pk=order.pk).update(checked_at=timezone.now() - timedelta(minutes=3))
    call_command("reconcile", stdout=out)
    assert out.getvalue().endswith("1 open\n")
    assert reconcile_task() == {}


def test_sweep_that_waits_for_stripe_is_not_joined_by_the_next(order: Order, sandbox: Sandbox) -> None:
    """Beat sends one every 30 seconds, and three silent calls take 90: nobody else waits with it."""
    answers: list[object] = []
    sandbox.faults.add(Fault(*RETRIEVE, before=lambda: answers.append(reconcile_task())))
    Order.objects.filter(pk=order.pk).update(checked_at=timezone.now() - timedelta(minutes=3))
    assert reconcile_task() == {"open": 1}
    assert answers == [None]
    assert reconcile_task() == {}
