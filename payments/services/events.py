"""Webhook events: stored as they came, then acted on. An event only wakes us up; the truth is read from Stripe."""

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from marketplace.errors import NotFoundError
from payments.gateway import get_gateway
from payments.gateway_types import GatewayUnavailableError, SignedEvent
from payments.models import Order, WebhookEvent
from payments.services.disputes import settle_disputes
from payments.services.fulfilment import fulfil
from payments.services.refunds import send_refund
from payments.services.returns import settle_returns
from payments.states import State

logger = logging.getLogger(__name__)
alerts = logging.getLogger("payments.alerts")

ACTOR = "webhook"
MAX_ATTEMPTS = 20
SESSION_EVENTS = frozenset(
    f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
)
REFUND_STATES = (State.REFUND_DUE, State.REFUND_PENDING, State.REFUNDED, State.REFUND_FAILED)
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refunded"})
DISPUTE_EVENTS = frozenset(
    f"charge.dispute.{what}" for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)


def store_event(*, event: SignedEvent) -> tuple[WebhookEvent, bool]:
    """The stored event and whether it is new: Stripe sends each at least once."""
    with transaction.atomic():
        return WebhookEvent.objects.get_or_create(
            event_id=event.id,
            defaults={"type": event.type, "livemode": event.livemode, "payload": event.payload},
        )


def process_event(*, event_id: int) -> WebhookEvent:
    """Act on a stored event once. If Stripe is silent it stays unprocessed, and the reconciler comes back to it.

    An attempt counts before it is made, so that an event which kills its worker is given up too; one that failed by
    Stripe's silence does not count, however long that lasts.
    """
    event = WebhookEvent.objects.get(pk=event_id)
    if event.processed_at:
        return event
    attempts = WebhookEvent.objects.filter(pk=event.pk)
    attempts.update(attempts=F("attempts") + 1)
    try:
        event.outcome = _act_on(event)[:300]
    except GatewayUnavailableError:
        attempts.update(attempts=F("attempts") - 1)
        raise
    except Exception:
        if event.attempts + 1 >= MAX_ATTEMPTS:
            alerts.exception("Event %s (%s) is given up: see to it in the admin.", event.event_id, event.type)
        raise
    event.processed_at = timezone.now()
    event.save(update_fields=["outcome", "processed_at"])
    return event


def _act_on(event: WebhookEvent) -> str:
    subject = event.payload["data"]["object"]
    if event.livemode != get_gateway().livemode:
        alerts.error("Event %s: livemode is %s, ours is not. Ignored.", event.event_id, event.livemode)
        return "ignored: of another mode (livemode)"
    if event.type in SESSION_EVENTS:
        return _act_on_session(str(subject.get("id", "")))
    if event.type in REFUND_EVENTS:
        return _act_on_payment(str(subject.get("payment_intent") or ""), _settle_refunds)
    if event.type in DISPUTE_EVENTS:
        return _act_on_payment(str(subject.get("payment_intent") or ""), _settle_disputes)
    return "nothing to do"


def _act_on_session(session_id: str) -> str:
    try:
        order = fulfil(session_id=session_id, actor=ACTOR)
    except NotFoundError as error:
        logger.warning("Webhook for session %r: %s", session_id, error.message)
        return f"ignored: {error.message}"
    return f"order {order.pk} is {order.state}"


def _act_on_payment(payment_intent_id: str, settle: Callable[[Order], Order]) -> str:
    order = Order.objects.filter(payment_intent_id=payment_intent_id).first() if payment_intent_id else None
    if order is None:
        return "ignored: the payment belongs to no order of ours"
    order = settle(order)
    return f"order {order.pk} is {order.state}"


def _settle_refunds(order: Order) -> Order:
    if order.state in Order.UNPAID:
        order = fulfil(session_id=order.session_id or "", actor=ACTOR)  # its own event has not come yet
    if order.state in REFUND_STATES:
        return send_refund(order=order, actor=ACTOR)
    return settle_returns(order=order, actor=ACTOR) if order.state in Order.ONCE_SOLD else order


def _settle_disputes(order: Order) -> Order:
    return settle_disputes(order=order, actor=ACTOR)
