"""Money that we may not keep goes back once, whatever breaks on the way.

The sandbox lets more be refunded than was paid here: Stripe's own refusal must not be what saves us.
"""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from payments.gateway import StripeGateway
from payments.gateway_types import RefundRecord
from payments.models import Order, Refund
from payments.sandbox.faults import Fault
from payments.sandbox.refunds import create_refund
from payments.sandbox.server import Sandbox
from payments.services import fulfil, look_for_returns, retry_refund, send_refund
from payments.services.reconciliation import PATIENCE
from tests.payments.conftest import (
    EVERY_TRY,
    REFUND,
    amounts_refunded,
    history_of,
    state_of,
    sweep,
)

State = Order.State

pytestmark = pytest.mark.any_database


def use_fresh_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard off: every attempt has an idempotency key of its own."""
    create, numbers = StripeGateway.create_refund, itertools.count()

    def create_with_fresh_key(self: StripeGateway, *, idempotency_key: str, **request: Any) -> RefundRecord:
        return create(self, idempotency_key=f"fresh-{next(numbers)}", **request)

    monkeypatch.setattr(StripeGateway, "create_refund", create_with_fresh_key)


def ignore_stripes_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard off: nobody looks what Stripe has refunded already."""
    monkeypatch.setattr(StripeGateway, "list_refunds", lambda _self, **_request: [])


def interleave_workers(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second worker does the whole refund just after the first has read Stripe's list."""
    read_list, waiting = StripeGateway.list_refunds, [order]

    def read_and_be_overtaken(self: StripeGateway, **request: Any) -> list[RefundRecord]:
        found = read_list(self, **request)
        if waiting:
            send_refund(order=waiting.pop(), actor="second worker")
        return found

    monkeypatch.setattr(StripeGateway, "list_refunds", read_and_be_overtaken)


def crash_before_the_call(order: Order, sandbox: Sandbox) -> None:
    sandbox.faults.lose_request(*REFUND, times=EVERY_TRY)
    fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == State.REFUND_DUE
    assert amounts_refunded(sandbox) == []


def crash_after_the_call(order: Order, sandbox: Sandbox) -> None:
    """Stripe refunds and we never hear of it."""
    sandbox.faults.lose_reply(*REFUND, times=EVERY_TRY)
    fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == State.REFUND_DUE
    assert amounts_refunded(sandbox) == [24_800]


def refund_in_the_dashboard(order: Order, sandbox: Sandbox, *, amount: int = 24_800) -> None:
    gateway = StripeGateway(api_key="sk_test_dashboard", api_base=sandbox.url)
    intent = sandbox.list_kind("payment_intent")[0]["id"]
    gateway.create_refund(payment_intent_id=intent, amount=amount, metadata={}, idempotency_key="dashboard")


def test_crash_before_the_call_refunds_once(wrong_order: Order, sandbox: Sandbox) -> None:
    crash_before_the_call(wrong_order, sandbox)
    assert Refund.objects.get().state == Refund.State.DUE
    sweep()
    sweep()
    assert history_of(wrong_order)[-2:] == ["refund_due", "refunded"]
    assert amounts_refunded(sandbox) == [24_800]
    assert Refund.objects.get().state == Refund.State.SUCCEEDED


def test_crash_before_the_call_keeps_the_money_when_nobody_sweeps_the_outbox(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the committed debt is of no use to those who do not look at it."""
    crash_before_the_call(wrong_order, sandbox)
    without = {state: patience for state, patience in PATIENCE.items() if state != State.REFUND_DUE}
    monkeypatch.setattr("payments.services.reconciliation.PATIENCE", without)
    sweep()
    assert amounts_refunded(sandbox) == []


@pytest.mark.parametrize("guard_off", [None, use_fresh_keys, ignore_stripes_list])
def test_crash_after_the_call_refunds_once(
    wrong_order: Order,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    guard_off: Callable[[pytest.MonkeyPatch], None] | None,
) -> None:
    """Each of the two guards is enough."""
    crash_after_the_call(wrong_order, sandbox)
    if guard_off:
        guard_off(monkeypatch)
    sweep()
    assert state_of(wrong_order) == State.REFUNDED
    assert amounts_refunded(sandbox) == [24_800]


def test_crash_after_the_call_refunds_twice_with_both_guards_off(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_after_the_call(wrong_order, sandbox)
    use_fresh_keys(monkeypatch)
    ignore_stripes_list(monkeypatch)
    sweep()
    assert amounts_refunded(sandbox) == [24_800, 24_800]


def test_two_refund_workers_refund_once(wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    crash_before_the_call(wrong_order, sandbox)
    due = Order.objects.get(pk=wrong_order.pk)
    interleave_workers(due, monkeypatch)
    send_refund(order=due, actor="first worker")
    assert amounts_refunded(sandbox) == [24_800]
    assert history_of(wrong_order)[-2:] == ["refund_due", "refunded"]
    assert wrong_order.transitions.last().actor == "second worker"


def test_two_refund_workers_refund_twice_without_a_common_key(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_before_the_call(wrong_order, sandbox)
    use_fresh_keys(monkeypatch)
    due = Order.objects.get(pk=wrong_order.pk)
    interleave_workers(due, monkeypatch)
    send_refund(order=due, actor="first worker")
    assert amounts_refunded(sandbox) == [24_800, 24_800]


def test_payment_that_was_refunded_elsewhere_counts_as_refunded(wrong_order: Order, sandbox: Sandbox) -> None:
    refund_in_the_dashboard(wrong_order, sandbox)
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    assert state_of(wrong_order) == State.REFUNDED
    assert amounts_refunded(sandbox) == [24_800]


def test_payment_that_was_refunded_elsewhere_is_refunded_again_if_nobody_looks(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund_in_the_dashboard(wrong_order, sandbox)
    ignore_stripes_list(monkeypatch)
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    assert amounts_refunded(sandbox) == [24_800, 24_800]


def test_payment_that_was_refunded_in_part_elsewhere_gets_only_the_rest(wrong_order: Order, sandbox: Sandbox) -> None:
    refund_in_the_dashboard(wrong_order, sandbox, amount=100)
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    assert state_of(wrong_order) == State.REFUNDED
    assert amounts_refunded(sandbox) == [100, 24_700]


def test_part_refunded_elsewhere_that_is_still_on_its_way_keeps_the_debt_open(
    wrong_order: Order, sandbox: Sandbox
) -> None:
    sandbox.account.refund_status = "pending"
    refund_in_the_dashboard(wrong_order, sandbox, amount=100)
    sandbox.account.refund_status = "succeeded"
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    assert state_of(wrong_order) == State.REFUND_PENDING
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="succeeded")
    sweep()
    assert state_of(wrong_order) == State.REFUNDED
    assert amounts_refunded(sandbox) == [100, 24_700]


def test_part_refunded_elsewhere_that_bounces_is_asked_for_again_by_a_person(
    wrong_order: Order, sandbox: Sandbox
) -> None:
    refund_in_the_dashboard(wrong_order, sandbox, amount=100)
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="failed")
    assert look_for_returns() == {"refund_failed": 1}
    assert Order.objects.get(pk=wrong_order.pk).needs_person
    send_refund(order=retry_refund(order=wrong_order, actor="admin"), actor="admin")
    assert state_of(wrong_order) == State.REFUNDED
    assert amounts_refunded(sandbox) == [100, 24_700, 100]
    assert look_for_returns() == {"refunded": 1}


def test_refund_elsewhere_between_look_and_call_counts_as_refunded(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.account.allows_overpaid_refunds = False
    sandbox.faults.add(Fault(*REFUND, before=lambda: refund_behind(sandbox)))
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    assert state_of(wrong_order) == State.REFUNDED
    assert amounts_refunded(sandbox) == [24_900]


def refund_behind(sandbox: Sandbox) -> None:
    with sandbox.account.store.transaction():
        create_refund(sandbox.account, {"payment_intent": sandbox.list_kind("payment_intent")[0]["id"]})
