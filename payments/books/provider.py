"""Our books against Stripe's: the sessions, refunds and disputes of the last days."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from payments.books.findings import Finding
from payments.gateway import get_gateway
from payments.gateway_types import CheckoutSession, Outcome, RefundRecord
from payments.models import Dispute, Order, Refund
from payments.services.returns import read_state
from payments.states import State

_CLOCK_DIFFERENCE = timedelta(minutes=5)


def check_sessions(since: datetime) -> Iterator[Finding]:
    """Every payment has its order and every sale its payment."""
    paid: set[str] = set()
    for session in get_gateway().list_recent_sessions(created_after=since):
        if session.outcome is Outcome.PAID and "order_id" in session.metadata:  # others are not ours
            paid.add(session.id)
            yield from _check_payment(session)
    sold = Order.objects.filter(state__in=Order.ONCE_SOLD, created_at__gte=since + _CLOCK_DIFFERENCE)
    for order in sold.exclude(session_id__in=paid):
        yield Finding("sale-without-payment", f"order {order.pk}", f"Stripe lists no payment of {order.session_id}.")


def check_returns(since: datetime) -> Iterator[Finding]:
    """Every refund and every dispute of a sale is on our books, as Stripe tells it."""
    gateway = get_gateway()
    refunds = gateway.list_recent_refunds(created_after=since)
    disputes = gateway.list_recent_disputes(created_after=since)
    payments = {refund.payment_intent_id for refund in refunds} | {dispute.payment_intent_id for dispute in disputes}
    orders = {order.payment_intent_id: order for order in Order.objects.filter(payment_intent_id__in=payments)}
    for refund in refunds:
        order = orders.get(refund.payment_intent_id)
        known = Refund.objects.filter(stripe_id=refund.id, state=read_state(refund), amount=refund.amount)
        if order and order.state in Order.ONCE_SOLD and not known.exists():
            message = f"Stripe's refund {refund.id} ({refund.amount} {refund.currency}, {refund.status}) is not ours."
            yield Finding("unknown-refund", f"order {order.pk}, {refund.id}", message)
        if order and order.state == State.REFUNDED and _has_come_back(refund):
            message = f"{refund.id} of {refund.amount} {refund.currency} {refund.status} after it had succeeded."
            yield Finding("refund-came-back", f"order {order.pk}", message)
    for dispute in disputes:
        order = orders.get(dispute.payment_intent_id)
        if order and not Dispute.objects.filter(stripe_id=dispute.id, status=dispute.status).exists():
            yield Finding("unknown-dispute", f"order {order.pk}, {dispute.id}", f"it is {dispute.status} at Stripe.")


def _check_payment(session: CheckoutSession) -> Iterator[Finding]:
    order = _find_order(session)
    subject = f"session {session.id}"
    if order is None:
        yield Finding("unknown-payment", subject, f"{session.amount} {session.currency} paid, and no order of ours.")
    elif order.state in Order.UNPAID:
        yield Finding("payment-without-sale", f"order {order.pk}", f"is {order.state}, but Stripe has been paid.")
    elif order.state in Order.ONCE_SOLD and (session.amount, session.currency) != (order.amount, order.currency):
        message = f"sold for {order.amount} {order.currency}, paid {session.amount} {session.currency}."
        yield Finding("paid-otherwise", f"order {order.pk}", message)


def _has_come_back(refund: RefundRecord) -> bool:
    """Done by our books; but the bank has sent the money back since."""
    done = Refund.objects.filter(stripe_id=refund.id, state=Refund.State.SUCCEEDED)
    return read_state(refund) == Refund.State.FAILED and done.exists()


def _find_order(session: CheckoutSession) -> Order | None:
    try:
        return Order.objects.filter(pk=uuid.UUID(session.metadata["order_id"])).first()
    except ValueError:
        return None
