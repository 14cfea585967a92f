"""Refunds of payments that became no sale: a committed debt before Stripe is asked, whose list is read before paying.

Three guards against paying twice: that list, one idempotency key per refund, and the row lock on what is recorded.
"""

import logging
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from marketplace.errors import ConflictError
from payments.gateway import get_gateway
from payments.gateway_types import GatewayRefusedError, GatewayUnavailableError, RefundRecord
from payments.locks import ask_until_recorded, lock_order, lock_order_since
from payments.models import Order, Refund
from payments.services.letters import write_to_buyer
from payments.services.persons import call_person
from payments.states import TRANSITIONS, State, move_order

logger = logging.getLogger(__name__)

_LOST = ("failed", "canceled")


def try_refund(*, order: Order, actor: str) -> Order:
    """Pay a due refund now if Stripe answers; else it stays due, and the reconciler comes back to it."""
    try:
        return send_refund(order=order, actor=actor)
    except GatewayUnavailableError:
        logger.warning("The refund of order %s stays due: Stripe does not answer.", order.pk)
        return order


def send_refund(*, order: Order, actor: str) -> Order:
    """Bring a refund forward as far as Stripe has got with it. Only a refund that is still due is asked for."""
    return ask_until_recorded(partial(_ask_and_record, actor=actor), order=order)


def _ask_and_record(order: Order, *, actor: str) -> Order | None:
    """None if what Stripe said may be older than what was recorded meanwhile."""
    refund = Refund.objects.filter(order=order).latest("pk")
    Refund.objects.filter(pk=refund.pk).update(attempts=F("attempts") + 1)
    records = _list_at_stripe(order)
    record = _find_covering(records, refund)
    if record is None and order.state == State.REFUND_DUE:
        try:
            # A part of it may have been given back elsewhere: Stripe refuses more than is left, and so do we.
            made = create_at_stripe(order, refund, amount=refund.amount - _standing_amount(records))
            record = _find_covering([*records, made], refund) or made
        except GatewayRefusedError as error:
            # "Already refunded" lands here when a refund from elsewhere appeared after the list was read.
            record = _find_covering(_list_at_stripe(order), refund)
            if record is None:
                return _record_refusal(order, refund, actor=actor, reason=f"Stripe refused the refund: {error}")
    return _record_refund(order, refund, record, actor=actor) if record else order


@transaction.atomic
def retry_refund(*, order: Order, actor: str) -> Order:
    """An administrator asks for a failed refund once more, perhaps after the bank has mended what was wrong."""
    _, locked = lock_order(order=order)
    failed = locked.refund
    if locked.state != State.REFUND_FAILED or failed is None:
        raise ConflictError(f"The order is {locked.get_state_display()}: only a failed refund can be tried again.")
    Refund.objects.create(order=locked, amount=failed.amount, currency=failed.currency, reason=failed.reason)
    Order.objects.filter(pk=locked.pk).update(checked_at=timezone.now())  # what is being told of the first try is old
    move_order(order=locked, to=State.REFUND_DUE, actor=actor, reason="To be refunded once more.")
    return locked


def _list_at_stripe(order: Order) -> list[RefundRecord]:
    return get_gateway().list_refunds(payment_intent_id=order.payment_intent_id)


def _find_covering(records: list[RefundRecord], refund: Refund) -> RefundRecord | None:
    """What stands for this debt at Stripe, whoever asked for it; what was lost of it if it was covered before."""
    covering = [record for record in records if record.status not in _LOST]
    if _standing_amount(records) >= refund.amount:
        return next((record for record in covering if record.status != "succeeded"), covering[0])
    known = [record for record in records if record.id == refund.stripe_id]
    lost = [record for record in (*known, *records) if record.status in _LOST]
    return next(iter((*lost, *known)), None) if known else None


def _standing_amount(records: list[RefundRecord]) -> int:
    return sum(record.amount for record in records if record.status not in _LOST)


def create_at_stripe(order: Order, refund: Refund, *, amount: int) -> RefundRecord:
    """One key per debt, whatever the amount: two workers who saw different lists cannot both be paid."""
    return get_gateway().create_refund(
        payment_intent_id=order.payment_intent_id,
        amount=amount,
        metadata={"order_id": str(order.pk), "refund_id": str(refund.pk)},
        idempotency_key=refund.idempotency_key,
    )


@transaction.atomic
def _record_refund(order: Order, refund: Refund, record: RefundRecord, *, actor: str) -> Order | None:
    locks = lock_order_since(order=order)
    if locks is None:
        return None
    _, locked = locks
    if record.status in _LOST:
        return _fail_refund(
            locked, refund, actor=actor, reason=f"The refund is {record.status}: {record.failure_reason}"
        )
    to = State.REFUNDED if record.status == "succeeded" else State.REFUND_PENDING
    if to not in TRANSITIONS[State(locked.state)]:
        return locked  # another worker was here first, with the same refund
    is_done = to == State.REFUNDED
    # What an earlier row took for failed may have come through after all: it stands for one debt, the latest.
    Refund.objects.filter(stripe_id=record.id).exclude(pk=refund.pk).update(stripe_id="")
    Refund.objects.filter(pk=refund.pk).update(
        stripe_id=record.id, state=Refund.State.SUCCEEDED if is_done else Refund.State.PENDING
    )
    Order.objects.filter(pk=locked.pk).update(needs_person="")
    reason = "Stripe has refunded the payment." if is_done else "Stripe has taken the refund on."
    move_order(order=locked, to=to, actor=actor, reason=reason, stripe_ids={"refund": record.id})
    if is_done:
        write_to_buyer(order=locked, kind="refunded", cause=refund)
    return locked


@transaction.atomic
def _record_refusal(order: Order, refund: Refund, *, actor: str, reason: str) -> Order | None:
    locks = lock_order_since(order=order)
    return _fail_refund(locks[1], refund, actor=actor, reason=reason) if locks else None


def _fail_refund(locked: Order, refund: Refund, *, actor: str, reason: str) -> Order:
    """Nothing automatic is left to try: a person has to see to it."""
    if State.REFUND_FAILED in TRANSITIONS[State(locked.state)]:
        Refund.objects.filter(pk=refund.pk).update(state=Refund.State.FAILED)
        move_order(order=locked, to=State.REFUND_FAILED, actor=actor, reason=reason)
        call_person(locked, reason)
        write_to_buyer(order=locked, kind="refund_failed", cause=refund)
    return locked
