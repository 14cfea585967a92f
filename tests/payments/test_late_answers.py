"""Answers of Stripe's that arrive after a newer one was recorded by another worker: they count for nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from payments.gateway import StripeGateway
from payments.locks import lock_order
from payments.models import Dispute, Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil, request_refund, retry_refund, send_refund, settle_disputes, settle_returns
from tests.payments.conftest import EVERY_TRY, REFUND, amounts_refunded, history_of, state_of

State = Order.State

pytestmark = pytest.mark.any_database


def delay_answer(monkeypatch: pytest.MonkeyPatch, call: str, *, until: Callable[[], None]) -> None:
    """The first list that Stripe gives is on its way while `until` happens."""
    ask, waiting = getattr(StripeGateway, call), [until]

    def ask_and_wait(self: StripeGateway, **request: Any) -> object:
        answer = ask(self, **request)
        if waiting:
            waiting.pop()()
        return answer

    monkeypatch.setattr(StripeGateway, call, ask_and_wait)


@pytest.fixture
def pending_refund(sale: Order, sandbox: Sandbox) -> str:
    """The whole price of a sale, on its way back. Its id at Stripe."""
    sandbox.account.refund_status = "pending"
    request_refund(order=sale, amount=24_900, reason="Wish.", actor="admin")
    sandbox.account.refund_status = "succeeded"
    return sandbox.list_kind("refund")[0]["id"]


def win_while_asking(dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def win() -> None:
        sandbox.close_dispute(dispute.stripe_id, status="won")
        settle_disputes(order=dispute.order, actor="webhook")

    delay_answer(monkeypatch, "list_disputes", until=win)


def test_dispute_that_was_won_is_not_frozen_again(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    win_while_asking(dispute, sandbox, monkeypatch)
    assert settle_disputes(order=dispute.order, actor="reconciler").state == State.SOLD
    dispute.refresh_from_db()
    assert dispute.status == "won"
    assert history_of(dispute.order) == ["created", "open", "sold", "disputed", "sold"]
    assert Order.objects.get(pk=dispute.order_id).needs_person == ""


def test_dispute_that_was_won_is_frozen_again_if_nobody_looks_what_was_recorded_meanwhile(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr("payments.services.disputes.lock_order_since", lock_order)
    win_while_asking(dispute, sandbox, monkeypatch)
    assert settle_disputes(order=dispute.order, actor="reconciler").state == State.DISPUTED


def test_refund_that_arrived_is_not_on_its_way_again(
    sale: Order, pending_refund: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def arrive() -> None:
        sandbox.settle_refund(pending_refund, status="succeeded")
        settle_returns(order=sale, actor="webhook")

    delay_answer(monkeypatch, "list_refunds", until=arrive)
    assert settle_returns(order=sale, actor="reconciler").state == State.REFUNDED_AFTER_SALE
    assert [refund.state for refund in sale.refunds.all()] == ["succeeded"]
    assert Order.objects.get(pk=sale.pk).needs_person == ""


def test_refund_that_was_made_once_the_other_had_failed_is_not_given_up(
    sale: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the older list the money was on its way back by another refund, from the dashboard."""
    sandbox.faults.lose_request(*REFUND, times=EVERY_TRY)
    request_refund(order=sale, amount=24_900, reason="Wish.", actor="admin")
    sandbox.account.refund_status = "pending"
    other = sandbox.refund(sale.session_id)
    sandbox.account.refund_status = "succeeded"

    def fail_the_other() -> None:
        sandbox.settle_refund(other["id"], status="failed")
        settle_returns(order=sale, actor="webhook")

    delay_answer(monkeypatch, "list_refunds", until=fail_the_other)
    settle_returns(order=sale, actor="reconciler")
    assert sorted(refund.state for refund in sale.refunds.all()) == ["failed", "succeeded"]
    assert state_of(sale) == State.REFUNDED_AFTER_SALE
    assert "given back elsewhere" not in Order.objects.get(pk=sale.pk).needs_person


def test_refund_that_is_tried_again_is_not_taken_for_the_first_try(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would count as asked for, and never be asked for."""
    sandbox.account.refund_status = "pending"
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    sandbox.account.refund_status = "succeeded"
    assert state_of(wrong_order) == State.REFUND_PENDING

    def fail_and_try_again() -> None:
        sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="failed")
        send_refund(order=wrong_order, actor="webhook")
        retry_refund(order=wrong_order, actor="admin")

    delay_answer(monkeypatch, "list_refunds", until=fail_and_try_again)
    assert send_refund(order=wrong_order, actor="reconciler").state == State.REFUNDED
    assert amounts_refunded(sandbox) == [24_800, 24_800]
    assert [refund["status"] for refund in sandbox.list_kind("refund")] == ["failed", "succeeded"]


def test_failure_that_is_told_again_does_not_end_the_second_try(
    wrong_order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.account.refund_status = "pending"
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    sandbox.account.refund_status = "succeeded"
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="failed")
    assert send_refund(order=wrong_order, actor="webhook").state == State.REFUND_FAILED
    delay_answer(monkeypatch, "list_refunds", until=lambda: retry_refund(order=wrong_order, actor="admin"))
    assert send_refund(order=wrong_order, actor="reconciler").state == State.REFUNDED
    assert amounts_refunded(sandbox) == [24_800, 24_800]
