"""Money that goes back after a sale: asked for by an administrator here, or by somebody in Stripe's dashboard.

Stripe's list decides. Once all of the price is back the buyer's rights end, and not before: nobody is without both.
"""

import logging
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Sum

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import retire_family, return_family_to_sale
from marketplace.errors import ConflictError, InvalidInputError
from marketplace.rights.queries import was_downloaded
from marketplace.rights.services import revoke_ownership
from payments.gateway import get_gateway
from payments.gateway_types import GatewayRefusedError, GatewayUnavailableError, RefundRecord
from payments.invoices.issuing import issue_credit_note, sum_returns, taken_amount
from payments.locks import ask_until_recorded, lock_order, lock_order_since
from payments.models import Order, Refund
from payments.services.letters import write_to_buyer
from payments.services.persons import call_person
from payments.services.refunds import create_at_stripe
from payments.states import State, move_order

logger = logging.getLogger(__name__)

REASON_LENGTH = 300
_REFUNDABLE = (State.SOLD, State.REFUNDED_AFTER_SALE)
_STATES = {"succeeded": Refund.State.SUCCEEDED, "failed": Refund.State.FAILED, "canceled": Refund.State.FAILED}


def request_refund(*, order: Order, amount: int, reason: str, actor: str) -> Order:
    """Give back a part of a sale's price, or all of it, which ends the buyer's rights. The debt is committed first.

    Raises InvalidInputError for an amount that is not left or a missing reason, ConflictError in a state without a
    sale, during a dispute, and while an earlier refund is on its way to Stripe.
    """
    try:
        with transaction.atomic():
            _, locked = lock_order(order=order)
            _check_request(locked, amount, reason.strip())
            Refund.objects.create(
                order=locked, amount=amount, currency=locked.currency, reason=reason.strip(), requested_by=actor[:80]
            )
    except IntegrityError as error:
        raise ConflictError("A refund of this order is on its way to Stripe. Wait until it has arrived.") from error
    try:
        return settle_returns(order=locked, actor=actor)
    except GatewayUnavailableError:
        logger.warning("The refund of order %s stays due: Stripe does not answer.", order.pk)
        return locked


def settle_returns(*, order: Order, actor: str) -> Order:
    """Bring an order that was sold in line with what Stripe has refunded of it, and ask for what is due."""
    return ask_until_recorded(partial(_ask_and_record, actor=actor), order=order)


def refundable_amount(order: Order) -> int:
    """What is left to give back once all that is under way has arrived."""
    under_way = order.refunds.exclude(state=Refund.State.FAILED)
    return order.amount - taken_amount(order) - (under_way.aggregate(total=Sum("amount"))["total"] or 0)


def end_sale(*, family: TrackFamily, order: Order, to: State, actor: str, reason: str) -> None:
    """The sale is undone, both rows locked. A track of which a full file has left us is never sold again."""
    revoke_ownership(track=order.track, reference=f"order {order.pk}, {to.label.lower()}")
    if was_downloaded(family):
        retire_family(family=family)
        fate = "The track is retired: its files were downloaded."
    else:
        return_family_to_sale(family=family)
        fate = "The track is for sale again: nothing was downloaded."
    move_order(order=order, to=to, actor=actor, reason=f"{reason} {fate}")


def read_state(record: RefundRecord) -> Refund.State:
    return _STATES.get(record.status, Refund.State.PENDING)


def _check_request(order: Order, amount: int, reason: str) -> None:
    if order.state not in _REFUNDABLE:
        message = f"This order is {order.get_state_display()}: only a sale that stands undisputed can be refunded."
        raise ConflictError(message, code="not_refundable")
    if not 0 < len(reason) <= REASON_LENGTH:
        message = f"Give a reason of 1 to {REASON_LENGTH} characters: the buyer reads it."
        raise InvalidInputError(message, fields={"reason": [message]})
    left = refundable_amount(order)
    if not 1 <= amount <= left:
        message = f"{amount} cannot be refunded: give 1 to {left}, in minor units of {order.currency}."
        raise InvalidInputError(message, fields={"amount": [message]})


def _ask_and_record(order: Order, *, actor: str) -> Order | None:
    records = get_gateway().list_refunds(payment_intent_id=order.payment_intent_id)
    asked = {record.metadata.get("refund_id") for record in records}
    hopeless = []
    for refund in Refund.objects.filter(order=order, state=Refund.State.DUE):
        if str(refund.pk) not in asked:
            # Somebody may have given the money back since. That Stripe would refuse must not be what saves us.
            if refund.amount <= order.amount - taken_amount(order) - _standing(records):
                records += _ask_stripe(order, refund)
            else:
                hopeless.append(refund)
    return _record_returns(order, records, hopeless, actor)


def _standing(records: list[RefundRecord]) -> int:
    return sum(record.amount for record in records if read_state(record) != Refund.State.FAILED)


def _give_up(order: Order, refund: Refund) -> None:
    Refund.objects.filter(pk=refund.pk).update(state=Refund.State.FAILED)
    call_person(order, f"A refund of {refund.amount} {refund.currency} was not made: so much was given back elsewhere.")


def _ask_stripe(order: Order, refund: Refund) -> list[RefundRecord]:
    try:
        return [create_at_stripe(order, refund, amount=refund.amount)]
    except GatewayRefusedError as error:
        with transaction.atomic():
            Refund.objects.filter(pk=refund.pk).update(state=Refund.State.FAILED)
            call_person(order, f"Stripe refused a refund: {error}")
        return []


@transaction.atomic
def _record_returns(order: Order, records: list[RefundRecord], hopeless: list[Refund], actor: str) -> Order | None:
    """None if the list may be older than another that was recorded meanwhile."""
    locks = lock_order_since(order=order)
    if locks is None:
        return None
    family, locked = locks
    for refund in hopeless:
        _give_up(locked, refund)
    for record in records:
        _record(locked, record)
    returned = sum_returns(locked)
    if locked.state == State.SOLD and returned >= locked.amount:
        reason = "The whole price was refunded."
        end_sale(family=family, order=locked, to=State.REFUNDED_AFTER_SALE, actor=actor, reason=reason)
    elif locked.state == State.REFUNDED_AFTER_SALE and returned < locked.amount:
        call_person(locked, "A refund came back from the bank: the buyer has neither money nor track. Refund again.")
    return locked


def _record(order: Order, record: RefundRecord) -> None:
    """Stripe's refund in its row: the one that it was asked for by, or a new one."""
    state = read_state(record)
    row = order.refunds.filter(stripe_id=record.id).first() or _find_asking_row(order, record)
    if row is None:
        row = Refund(order=order, amount=record.amount, currency=record.currency, reason="Refunded at Stripe.")
    elif row.state != Refund.State.FAILED and state == Refund.State.FAILED:
        call_person(order, f"A refund of {record.amount} {record.currency} failed: {record.failure_reason}")
    row.stripe_id, row.state = record.id, state
    row.save()
    if state == Refund.State.SUCCEEDED:
        note = issue_credit_note(order=order, cause=row)
        ends_sale = sum_returns(order) >= order.amount
        write_to_buyer(order=order, kind="returned", cause=row, invoice=note, ends_sale=ends_sale)


def _find_asking_row(order: Order, record: RefundRecord) -> Refund | None:
    asked = record.metadata.get("refund_id", "")
    return order.refunds.filter(pk=int(asked), stripe_id="").first() if asked.isdecimal() else None
