"""The buyer's bank takes the payment back: access rests until the dispute is won, and ends if it is lost."""

import logging
from functools import partial

from django.db import transaction

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import freeze_family, unfreeze_family
from payments.gateway import get_gateway
from payments.gateway_types import DisputeRecord
from payments.invoices.issuing import issue_credit_note, sum_returns, taken_amount
from payments.locks import ask_until_recorded, lock_order_since
from payments.models import Dispute, Order
from payments.services.fulfilment import fulfil
from payments.services.letters import write_to_buyer
from payments.services.persons import call_person
from payments.services.returns import end_sale, settle_returns
from payments.states import State, move_order

alerts = logging.getLogger("payments.alerts")

_CREDITED_IN_PART = (State.SOLD, State.DISPUTED, State.REFUNDED_AFTER_SALE)


def settle_disputes(*, order: Order, actor: str) -> Order:
    """Bring an order in line with what Stripe says about its disputes, as of now."""
    order = Order.objects.get(pk=order.pk)  # an older copy may not know the payment yet
    if order.state in Order.UNPAID:
        # Nothing is disputed that was not paid: a sale that is recorded after its dispute would not be frozen by it.
        fulfil(session_id=order.session_id or "", actor=actor)
    settled = ask_until_recorded(partial(_ask_and_record, actor=actor), order=order)
    # An inquiry may have ended by a refund, which waited for the dispute's end.
    return settle_returns(order=settled, actor=actor) if settled.state == State.SOLD else settled


def _ask_and_record(order: Order, *, actor: str) -> Order | None:
    records = get_gateway().list_disputes(payment_intent_id=order.payment_intent_id)
    return _record_disputes(order, records, actor)


@transaction.atomic
def _record_disputes(order: Order, records: list[DisputeRecord], actor: str) -> Order | None:
    """None if the list may be older than another that was recorded meanwhile."""
    locks = lock_order_since(order=order)
    if locks is None:
        return None
    family, locked = locks
    for record in records:
        _record(locked, record)
    disputes = list(locked.disputes.order_by("pk"))
    taken = taken_amount(locked)
    is_lost = taken > 0 and sum_returns(locked) >= locked.amount
    is_open = any(dispute.is_open for dispute in disputes)
    if locked.state == State.SOLD and (is_open or is_lost):
        _freeze(family, locked, disputes, actor)
    if locked.state == State.DISPUTED and not is_open:
        _thaw(family, locked, is_lost, taken, actor)
    elif is_open and locked.state != State.DISPUTED:
        call_person(locked, "The bank disputes a payment that is no sale (any more). Answer it in Stripe's dashboard.")
    if taken and locked.state in _CREDITED_IN_PART:
        _credit_part(locked, taken)
    return locked


def _record(order: Order, record: DisputeRecord) -> None:
    facts = {
        "status": record.status,
        "reason": record.reason,
        "amount": record.amount,
        "currency": record.currency,
        "evidence_due_by": record.evidence_due_by,
    }
    _, is_new = Dispute.objects.update_or_create(
        stripe_id=record.id, defaults=facts, create_defaults={**facts, "order": order}
    )
    if is_new and record.status.startswith("warning_"):
        call_person(order, f"The buyer's bank inquires ({record.reason}). Answer the dispute.")


def _freeze(family: TrackFamily, order: Order, disputes: list[Dispute], actor: str) -> None:
    freeze_family(family=family)
    latest = disputes[-1]
    reason = f"The buyer's bank disputes the payment: {latest.reason}."
    move_order(order=order, to=State.DISPUTED, actor=actor, reason=reason, stripe_ids={"dispute": latest.stripe_id})
    write_to_buyer(order=order, kind="disputed", cause=latest)
    until = f" by {latest.evidence_due_by:%d %B, %H:%M} UTC" if latest.evidence_due_by else ""
    call_person(order, f"{reason} Answer the dispute{until}.")


def _thaw(family: TrackFamily, order: Order, is_lost: bool, taken: int, actor: str) -> None:
    Order.objects.filter(pk=order.pk).update(needs_person="")
    if is_lost:
        for dispute in order.disputes.filter(status="lost"):
            note = issue_credit_note(order=order, cause=dispute)
            write_to_buyer(order=order, kind="dispute_lost", cause=dispute, invoice=note)
        reason = "The bank decided for the buyer."
        end_sale(family=family, order=order, to=State.DISPUTE_LOST, actor=actor, reason=reason)
        alerts.error("Order %s: the dispute is lost.", order.pk)
        return
    unfreeze_family(family=family)
    move_order(order=order, to=State.SOLD, actor=actor, reason="The dispute has ended; the sale stands.")
    write_to_buyer(order=order, kind="dispute_over", cause=order.disputes.order_by("pk").last())
    if taken:
        _ask_about_rights(order, taken)


def _credit_part(order: Order, taken: int) -> None:
    """Also where we hear of a dispute only after it was lost, and never froze anything for it."""
    for dispute in order.disputes.filter(status="lost", credit_note=None):
        note = issue_credit_note(order=order, cause=dispute)
        if note:
            write_to_buyer(order=order, kind="dispute_part", cause=dispute, invoice=note)
            if order.state != State.DISPUTED:  # else the other dispute is to be answered first
                _ask_about_rights(order, taken)


def _ask_about_rights(order: Order, taken: int) -> None:
    call_person(order, f"The bank took {taken} {order.currency} back, a part of the price. Decide on the rights.")
