"""Orders in themselves: their history, their lines, their refunds; and what has waited for too long."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from payments.books.findings import Finding
from payments.invoices.issuing import sum_returns
from payments.models import Dispute, Evidence, Order, Refund, WebhookEvent
from payments.states import TRANSITIONS, State

LONGEST_WAIT = timedelta(hours=1)
"""The reconciler comes by every 30 seconds: what has waited this long is stuck."""
_DONE = Refund.State.SUCCEEDED


def check_histories() -> Iterator[Finding]:
    """Each step begins where the one before it ended, is in the table, and the last one is the order's state."""
    for order in Order.objects.prefetch_related("transitions").iterator(chunk_size=500):
        state = ""
        for step in order.transitions.all():
            if step.from_state != state or (state and step.to_state not in TRANSITIONS[State(state)]):
                message = f"{step.from_state or '-'} → {step.to_state} follows {state or 'nothing'}."
                yield Finding("broken-history", f"order {order.pk}", message)
            state = step.to_state
        if state != order.state:
            yield Finding("state-without-history", f"order {order.pk}", f"is {order.state}; its history ends {state}.")


def check_lines() -> Iterator[Finding]:
    """What Stripe was told to charge is the order's price: before tax where Stripe adds the tax."""
    for order in Order.objects.iterator(chunk_size=500):
        prices = [(line["quantity"], line["price_data"]) for line in order.session_parameters.get("line_items", [])]
        total = sum(quantity * price["unit_amount"] for quantity, price in prices)
        expected = order.net_amount if "automatic_tax" in order.session_parameters else order.amount
        if total != expected or {price["currency"] for _, price in prices} != {order.currency}:
            message = f"its lines come to {total}, its price is {expected} {order.currency}."
            yield Finding("lines-differ", f"order {order.pk}", message)


def check_refunds() -> Iterator[Finding]:
    """A refunded order has its money back, in full and once; one that owes it has the debt on the books."""
    for order in Order.objects.exclude(state__in=Order.HOLDING).prefetch_related("refunds", "disputes"):
        refunds = list(order.refunds.all())
        back = sum(refund.amount for refund in refunds if refund.state == _DONE)
        returned = sum_returns(order)  # what a bank took counts as well
        subject = f"order {order.pk}"
        if order.state == State.REFUNDED and not any(refund.state == _DONE for refund in refunds):
            yield Finding("refunded-without-refund", subject, "is refunded, but no refund of it has succeeded.")
        if order.state == State.REFUNDED_AFTER_SALE and returned < order.amount:
            message = f"{returned} of {order.amount} {order.currency} went back."
            yield Finding("refunded-without-refund", subject, message)
        if order.state == State.SOLD and returned >= order.amount:
            yield Finding(
                "sold-and-refunded", subject, "The whole price went back, and the buyer still owns the track."
            )
        if order.state == State.REFUND_DUE and not any(refund.state == Refund.State.DUE for refund in refunds):
            yield Finding("debt-not-on-the-books", subject, "owes a refund, but the outbox has none that is due.")
        if order.state in Order.ONCE_SOLD and back > order.amount:
            yield Finding("refunded-too-much", subject, f"{back} of {order.amount} {order.currency} went back.")


def check_disputes() -> Iterator[Finding]:
    """While a bank has the money back, for now or for good, nobody downloads what it paid for."""
    for order in Order.objects.filter(state=State.SOLD, disputes__status__in=Dispute.OPEN).distinct():
        yield Finding("disputed-and-sold", f"order {order.pk}", "its bank disputes the payment, and it is not frozen.")


def check_waiting() -> Iterator[Finding]:
    """Holds, debts and events that the reconciler should have dealt with long ago."""
    since = timezone.now() - LONGEST_WAIT
    for order in Order.objects.filter(state__in=(State.CREATED, State.OPEN, State.EXPIRING), expires_at__lt=since):
        message = f"{order.state} since {order.expires_at:%d %B %H:%M} UTC, when its hold should have ended."
        yield Finding("stuck-hold", f"order {order.pk}", message)
    overdue = Refund.objects.filter(state=Refund.State.DUE, created_at__lt=since)
    for refund in overdue.exclude(order__state=State.DISPUTED):  # it waits for the bank, which takes weeks
        message = f"{refund.amount} {refund.currency} due since {refund.created_at:%d %B %H:%M} UTC."
        yield Finding("stuck-refund", f"order {refund.order_id}", message)
    for evidence in Evidence.objects.filter(state__in=Evidence.WAITING, created_at__lt=since).select_related("dispute"):
        message = f"evidence on {evidence.dispute.stripe_id} is {evidence.get_state_display()} for an hour."
        yield Finding("stuck-evidence", f"order {evidence.dispute.order_id}", message)
    for event in WebhookEvent.objects.filter(processed_at=None, received_at__lt=since):
        message = f"{event.type}, not processed after {event.attempts} attempts."
        yield Finding("stuck-event", f"event {event.event_id}", message)
