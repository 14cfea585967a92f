"""Refunds that Stripe or a bank refuses, at once or after a while, become a person's work and are never forgotten."""

import logging

import pytest

from marketplace.errors import ConflictError
from payments.books import check_books
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil, look_for_returns, retry_refund, send_refund
from tests.payments.conftest import (
    REFUND,
    amounts_refunded,
    deliver,
    history_of,
    last_event,
    state_of,
    sweep,
)

State = Order.State

pytestmark = pytest.mark.any_database


def test_refund_that_stripe_refuses_is_a_persons_work(
    wrong_order: Order, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.faults.answer(*REFUND, status=400)
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        fulfil(session_id=wrong_order.session_id, actor="webhook")
    stored = Order.objects.get(pk=wrong_order.pk)
    assert stored.state == State.REFUND_FAILED
    assert "refused" in stored.needs_person
    assert len(caplog.records) == 2  # the wrong amount, and this
    sweep()
    assert amounts_refunded(sandbox) == []


def test_pending_refund_that_fails_is_a_persons_work(wrong_order: Order, sandbox: Sandbox) -> None:
    sandbox.account.refund_status = "pending"
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    assert state_of(wrong_order) == State.REFUND_PENDING
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="failed")
    deliver(last_event(sandbox, "refund.failed"), sandbox)
    stored = Order.objects.get(pk=wrong_order.pk)
    assert stored.state == State.REFUND_FAILED
    assert stored.needs_person
    sweep()
    assert amounts_refunded(sandbox) == [24_800]


def test_pending_refund_that_succeeds_unheard_is_found_by_the_reconciler(wrong_order: Order, sandbox: Sandbox) -> None:
    sandbox.account.refund_status = "pending"
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="succeeded")
    sweep()
    assert history_of(wrong_order)[-3:] == ["refund_due", "refund_pending", "refunded"]


def test_refund_that_bounces_after_it_succeeded_is_a_persons_work(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id, card="4000000000005126")
    sandbox.change(order.session_id, amount_total=24_800)
    fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == State.REFUNDED
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="failed")
    deliver(last_event(sandbox, "refund.failed"), sandbox)
    assert state_of(order) == State.REFUND_FAILED


@pytest.fixture
def bounced(order: Order, sandbox: Sandbox) -> Order:
    """Refunded by our books; then the bank sent the money back, and no event came of it."""
    sandbox.pay(order.session_id, card="4000000000005126")
    sandbox.change(order.session_id, amount_total=24_800)
    fulfil(session_id=order.session_id, actor="webhook")
    sandbox.settle_refund(sandbox.list_kind("refund")[0]["id"], status="failed")
    assert state_of(order) == State.REFUNDED
    return order


def test_refund_that_bounces_unheard_is_found_in_stripes_list(bounced: Order) -> None:
    assert look_for_returns() == {"refund_failed": 1}
    assert Order.objects.get(pk=bounced.pk).needs_person
    assert look_for_returns() == {}


def test_refund_that_bounced_unheard_is_found_by_the_audit(bounced: Order) -> None:
    assert [finding.kind for finding in check_books()] == ["refund-came-back"]
    look_for_returns()
    assert check_books() == []


def test_refund_that_failed_is_tried_again_with_a_key_of_its_own(wrong_order: Order, sandbox: Sandbox) -> None:
    sandbox.faults.answer(*REFUND, status=400)
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    send_refund(order=retry_refund(order=wrong_order, actor="admin"), actor="admin")
    assert history_of(wrong_order)[-3:] == ["refund_failed", "refund_due", "refunded"]
    assert [refund.state for refund in wrong_order.refunds.order_by("pk")] == ["failed", "succeeded"]
    assert amounts_refunded(sandbox) == [24_800]


def test_refund_that_did_not_fail_is_not_tried_again(wrong_order: Order, sandbox: Sandbox) -> None:
    fulfil(session_id=wrong_order.session_id, actor="webhook")
    with pytest.raises(ConflictError):
        retry_refund(order=wrong_order, actor="admin")
    assert amounts_refunded(sandbox) == [24_800]
