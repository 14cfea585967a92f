"""The sweep that makes every lost message harmless: it asks Stripe about all that has waited too long."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

from marketplace.errors import NotFoundError
from payments.gateway_types import GatewayUnavailableError
from payments.models import Order, WebhookEvent
from payments.services.checkout import expire_checkout, open_checkout
from payments.services.events import process_event
from payments.services.fulfilment import fulfil
from payments.services.refunds import send_refund
from payments.states import State

_Row = TypeVar("_Row")

logger = logging.getLogger(__name__)
alerts = logging.getLogger("payments.alerts")

ACTOR = "reconciler"
BATCH = 200
MAX_SILENCES = 3
"""So many calls without an answer end the sweep: Stripe is down, and the next sweep is near."""
MAX_EVENT_ATTEMPTS = 20

# Live requests to Stripe are limited to 100 a second: ask again only after a while, sooner where a buyer waits.
PATIENCE: Mapping[State, timedelta] = {
    State.CREATED: timedelta(seconds=30),
    State.OPEN: timedelta(minutes=2),
    State.EXPIRING: timedelta(seconds=30),
    State.PROCESSING: timedelta(minutes=5),
    State.REFUND_DUE: timedelta(seconds=30),
    State.REFUND_PENDING: timedelta(minutes=10),
}


def reconcile(*, now: datetime | None = None) -> Counter[str]:
    """Check all that is overdue at `now` and count what became of it: 'sold', 'expired', 'silent', 'broken', ..."""
    now = now or timezone.now()
    counts: Counter[str] = Counter()
    _sweep(_overdue_events(now), _check_event, counts)
    _sweep(_overdue_orders(now), check_order, counts)
    return counts


def check_order(order: Order) -> str:
    """Ask Stripe about one order, whatever its state, and say what state it is in now."""
    # First to the end of the queue, so that an order that always fails cannot starve the others.
    Order.objects.filter(pk=order.pk).update(checked_at=timezone.now())
    match order.state:
        case State.CREATED:
            return open_checkout(order=order, actor=ACTOR).state
        case State.EXPIRING:
            return expire_checkout(order=order, actor=ACTOR).state
        case State.REFUND_DUE | State.REFUND_PENDING:
            return send_refund(order=order, actor=ACTOR).state
        case _:
            return _ask_stripe(order)


def _ask_stripe(order: Order) -> str:
    try:
        return fulfil(session_id=order.session_id or "", actor=ACTOR).state
    except NotFoundError as error:
        # Perhaps the key of another account: releasing the hold on that evidence could sell the track twice.
        Order.objects.filter(pk=order.pk).update(needs_person=error.message[:300])
        alerts.error("Order %s: %s", order.pk, error.message)
        return "unknown"


def _overdue_orders(now: datetime) -> Iterable[Order]:
    overdue = Q(state=State.OPEN, expires_at__lte=now)
    for state, patience in PATIENCE.items():
        overdue |= Q(state=state, checked_at__lte=now - patience)
    return Order.objects.filter(overdue).order_by("checked_at")[:BATCH]


def _overdue_events(now: datetime) -> Iterable[WebhookEvent]:
    waiting = WebhookEvent.objects.filter(processed_at=None, attempts__lt=MAX_EVENT_ATTEMPTS)
    return waiting.filter(received_at__lte=now - timedelta(seconds=30)).order_by("attempts", "pk")[:BATCH]


def _check_event(event: WebhookEvent) -> str:
    process_event(event_id=event.pk)
    return "event"


def _sweep(rows: Iterable[_Row], check: Callable[[_Row], str], counts: Counter[str]) -> None:
    for row in rows:
        if counts["silent"] >= MAX_SILENCES:
            return
        try:
            counts[check(row)] += 1
        except GatewayUnavailableError:
            counts["silent"] += 1
        except Exception:  # one broken row must not keep the others' money waiting
            logger.exception("Reconciling %s failed", row)
            counts["broken"] += 1
