"""Webhook events: stored as they came, then acted on. An event only wakes us up; the truth is read from Stripe."""

import logging

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from marketplace.errors import NotFoundError
from payments.gateway import get_gateway
from payments.gateway_types import SignedEvent
from payments.models import Order, WebhookEvent
from payments.services.fulfilment import fulfil
from payments.services.refunds import send_refund
from payments.states import State

logger = logging.getLogger(__name__)
alerts = logging.getLogger("payments.alerts")

SESSION_EVENTS = frozenset(
    f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
)
REFUND_STATES = (State.REFUND_DUE, State.REFUND_PENDING, State.REFUNDED, State.REFUND_FAILED)
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed"})


def store_event(*, event: SignedEvent) -> tuple[WebhookEvent, bool]:
    """The stored event and whether it is new: Stripe sends each at least once."""
    with transaction.atomic():
        return WebhookEvent.objects.get_or_create(
            event_id=event.id,
            defaults={"type": event.type, "livemode": event.livemode, "payload": event.payload},
        )


def process_event(*, event_id: int) -> WebhookEvent:
    """Act on a stored event once. If Stripe is silent it stays unprocessed, and the reconciler comes back to it."""
    event = WebhookEvent.objects.get(pk=event_id)
    if event.processed_at:
        return event
    WebhookEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)
    event.outcome = _act_on(event)[:300]
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
        return _act_on_refund(str(subject.get("payment_intent") or ""))
    return "nothing to do"


def _act_on_session(session_id: str) -> str:
    try:
        order = fulfil(session_id=session_id, actor="webhook")
    except NotFoundError as error:
        logger.warning("Webhook for session %r: %s", session_id, error.message)
        return f"ignored: {error.message}"
    return f"order {order.pk} is {order.state}"


def _act_on_refund(payment_intent_id: str) -> str:
    order = Order.objects.filter(payment_intent_id=payment_intent_id).first() if payment_intent_id else None
    if order is None:
        return "ignored: the refund belongs to no order of ours"
    if order.state in REFUND_STATES:
        order = send_refund(order=order, actor="webhook")
    elif order.state == State.SOLD:
        Order.objects.filter(pk=order.pk).update(
            needs_person="Refunded at Stripe after the sale: decide on the rights."
        )
        alerts.error("Order %s was refunded at Stripe after its sale.", order.pk)
    return f"order {order.pk} is {order.state}"
