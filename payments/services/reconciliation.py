"""The sweep that makes every lost message harmless: it asks Stripe about all that has waited too long."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from marketplace.errors import NotFoundError
from payments.gateway import get_gateway
from payments.gateway_types import GatewayUnavailableError, Outcome
from payments.models import Dispute, Evidence, Order, Refund, WebhookEvent
from payments.services.checkout import expire_checkout, open_checkout
from payments.services.disputes import settle_disputes
from payments.services.events import MAX_ATTEMPTS, REFUND_STATES, process_event
from payments.services.evidence import settle_evidence
from payments.services.fulfilment import fulfil
from payments.services.persons import call_person
from payments.services.refunds import send_refund
from payments.services.returns import read_state, settle_returns
from payments.states import State

_Row = TypeVar("_Row")

logger = logging.getLogger(__name__)

ACTOR = "reconciler"
BATCH = 200
RETURNS_WINDOW = timedelta(days=30)
"""How far back to look for returns: a bank may send a refund back weeks later."""
PAYMENTS_WINDOW = timedelta(days=7)
"""How far back to look for payments of orders that had ended: a session lives for a day at most, banks are slower."""
MAX_SILENCES = 3
"""So many calls without an answer end the sweep: Stripe is down, and the next sweep is near."""

# Live requests to Stripe are limited to 100 a second: ask again only after a while, sooner where a buyer waits.
PATIENCE: Mapping[State, timedelta] = {
    State.CREATED: timedelta(seconds=30),
    State.OPEN: timedelta(minutes=2),
    State.EXPIRING: timedelta(seconds=30),
    State.PROCESSING: timedelta(minutes=5),
    State.REFUND_DUE: timedelta(seconds=30),
    State.REFUND_PENDING: timedelta(minutes=10),
    State.DISPUTED: timedelta(hours=1),
}
_ENDED_UNPAID = (State.EXPIRED, State.CANCELED, State.FAILED)
PATIENCE_WITH_RETURNS = timedelta(minutes=2)
"""For a sale of which some money is on its way back."""
PATIENCE_WITH_EVIDENCE = timedelta(minutes=1)
"""Longer than its papers take to be uploaded by whoever has just asked for it."""


def reconcile(*, now: datetime | None = None) -> Counter[str]:
    """Check all that is overdue at `now` and count what became of it: 'sold', 'expired', 'silent', 'broken', ..."""
    now = now or timezone.now()
    counts: Counter[str] = Counter()
    _sweep(_overdue_events(now), _check_event, counts)
    _sweep(_overdue_orders(now), check_order, counts)
    _sweep(_overdue_evidence(now), _settle_evidence, counts)
    return counts


def look_for_returns(*, now: datetime | None = None) -> Counter[str]:
    """Late payments, refunds and disputes of the last weeks that no event told us of, from Stripe's own lists."""
    now = now or timezone.now()
    since = now - RETURNS_WINDOW
    gateway = get_gateway()
    paid = {
        session.id
        for session in gateway.list_recent_sessions(created_after=now - PAYMENTS_WINDOW)
        if session.outcome is Outcome.PAID
    }
    disputed = {
        record.payment_intent_id
        for record in gateway.list_recent_disputes(created_after=since)
        if not Dispute.objects.filter(stripe_id=record.id, status=record.status).exists()
    }
    refunded = {
        record.payment_intent_id
        for record in gateway.list_recent_refunds(created_after=since)
        if not Refund.objects.filter(stripe_id=record.id, state=read_state(record)).exists()
    }
    counts: Counter[str] = Counter()
    _sweep(Order.objects.filter(session_id__in=paid, state__in=_ENDED_UNPAID), _ask_stripe, counts)
    # A bank may dispute any payment, also one that became no sale, and may send back any refund.
    _sweep(Order.objects.filter(payment_intent_id__in=disputed - {""}), _settle_disputes, counts)
    returned = Order.objects.filter(payment_intent_id__in=refunded - {""})
    _sweep(returned.filter(state__in=Order.ONCE_SOLD), _settle_returns, counts)
    _sweep(returned.filter(state__in=REFUND_STATES), _settle_refund, counts)
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
            return _settle_refund(order)
        case State.DISPUTED:
            return _settle_disputes(order)
        case _ if order.state in Order.ONCE_SOLD:
            return _settle_returns(order)
        case _:
            return _ask_stripe(order)


def _ask_stripe(order: Order) -> str:
    try:
        return fulfil(session_id=order.session_id or "", actor=ACTOR).state
    except NotFoundError as error:
        # Perhaps the key of another account: releasing the hold on that evidence could sell the track twice.
        call_person(order, error.message)
        return "unknown"


def _settle_disputes(order: Order) -> str:
    return settle_disputes(order=order, actor=ACTOR).state


def _settle_refund(order: Order) -> str:
    return send_refund(order=order, actor=ACTOR).state


def _settle_returns(order: Order) -> str:
    return settle_returns(order=order, actor=ACTOR).state


def _overdue_orders(now: datetime) -> Iterable[Order]:
    overdue = Q(state=State.OPEN, expires_at__lte=now)
    for state, patience in PATIENCE.items():
        overdue |= Q(state=state, checked_at__lte=now - patience)
    on_its_way = Refund.objects.filter(order=OuterRef("pk"), state__in=(Refund.State.DUE, Refund.State.PENDING))
    overdue |= Q(Exists(on_its_way), state__in=Order.ONCE_SOLD, checked_at__lte=now - PATIENCE_WITH_RETURNS)
    return Order.objects.filter(overdue).order_by("checked_at")[:BATCH]


def _overdue_evidence(now: datetime) -> Iterable[Evidence]:
    waiting = Evidence.objects.filter(state__in=Evidence.WAITING, checked_at__lte=now - PATIENCE_WITH_EVIDENCE)
    return waiting.order_by("checked_at")[:BATCH]


def _settle_evidence(evidence: Evidence) -> str:
    return f"evidence {settle_evidence(evidence=evidence).state}"


def _overdue_events(now: datetime) -> Iterable[WebhookEvent]:
    waiting = WebhookEvent.objects.filter(processed_at=None, attempts__lt=MAX_ATTEMPTS)
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
