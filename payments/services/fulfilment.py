"""`fulfil`: the one end of every road. Webhook, return page and reconciler call it, in any order and any number."""

import logging
import uuid
from collections.abc import Callable, Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.services import hold_family, mark_family_sold, release_family
from marketplace.errors import ConflictError, NotFoundError
from marketplace.rights.queries import owner_of
from marketplace.rights.services import transfer_ownership
from payments.billing.typed import name_buyer_as_typed
from payments.gateway import get_gateway
from payments.gateway_types import CheckoutSession, GatewayRefusedError, Outcome
from payments.invoices.issuing import issue_invoice
from payments.locks import lock_order
from payments.models import Order, Refund
from payments.services.letters import write_to_buyer
from payments.services.persons import call_person
from payments.services.refunds import try_refund
from payments.states import TRANSITIONS, State, move_order

logger = logging.getLogger(__name__)
alerts = logging.getLogger("payments.alerts")


def fulfil(*, session_id: str, actor: str) -> Order:
    """Ask Stripe how this session stands and bring our order in line. Raises NotFoundError if it is none of ours."""
    try:
        session = get_gateway().retrieve_session(session_id=session_id)
    except GatewayRefusedError as error:
        raise NotFoundError(f"Stripe knows no session {session_id!r}: {error}", code="session_not_found") from error
    return settle_session(order=_find_order(session), session=session, actor=actor)


def settle_session(*, order: Order, session: CheckoutSession, actor: str) -> Order:
    """Apply what a session says, as Stripe has just told it, and start the refund that may follow."""
    try:
        settled = _settle(order, session, actor)
    except (IntegrityError, ConflictError):
        if session.outcome is not Outcome.PAID or not _is_sold_elsewhere(order):
            raise
        # The constraints or the register had the last word: the family has another sale, so this money goes back.
        settled = _settle_without_sale(order, session, actor)
    return try_refund(order=settled, actor=actor) if settled.state == State.REFUND_DUE else settled


def _is_sold_elsewhere(order: Order) -> bool:
    """Only then does a good payment go back: any other fault of the sale is raised, and tried again."""
    others = Order.objects.filter(family_id=order.family_id, state__in=Order.OWNING).exclude(pk=order.pk)
    return others.exists() or owner_of(order.family) is not None


def _find_order(session: CheckoutSession) -> Order:
    order = Order.objects.filter(session_id=session.id).first() or _find_order_by_reference(session)
    if order is None:
        raise NotFoundError(f"Session {session.id} belongs to no order of ours.", code="order_not_found")
    if session.livemode != get_gateway().livemode:
        alerts.error("Session %s: livemode is %s, ours is not. Ignored.", session.id, session.livemode)
        raise NotFoundError(f"Session {session.id} is of another mode.", code="order_not_found")
    named = (session.client_reference_id, session.metadata.get("order_id"), session.metadata.get("track_id"))
    if named != (str(order.pk), str(order.pk), str(order.track_id)):
        alerts.error("Session %s names other things than its order %s: %s. Ignored.", session.id, order.pk, named)
        raise NotFoundError(f"Session {session.id} is not of order {order.pk}.", code="order_not_found")
    return order


def _find_order_by_reference(session: CheckoutSession) -> Order | None:
    """Found when we crashed between Stripe's answer and storing the session's id."""
    try:
        order_id = uuid.UUID(session.metadata.get("order_id", ""))
    except ValueError:
        return None
    return Order.objects.filter(pk=order_id, session_id=None).first()


@transaction.atomic
def _settle(order: Order, session: CheckoutSession, actor: str) -> Order:
    family, locked = lock_order(order=order)
    _record_session(locked, session)
    _SETTLERS[session.outcome](family, locked, session, actor)
    return locked


@transaction.atomic
def _settle_without_sale(order: Order, session: CheckoutSession, actor: str) -> Order:
    family, locked = lock_order(order=order)
    _record_session(locked, session)
    if State.SOLD in TRANSITIONS[State(locked.state)]:
        _owe_refund(family, locked, session, actor, reason="The track was sold to another company first.")
    return locked


def _record_session(order: Order, session: CheckoutSession) -> None:
    order.session_id = session.id
    order.checkout_url = session.url or order.checkout_url
    order.payment_intent_id = session.payment_intent_id or order.payment_intent_id
    order.checked_at = timezone.now()
    order.save(update_fields=["session_id", "checkout_url", "payment_intent_id", "checked_at"])


def _settle_open(_family: TrackFamily, order: Order, session: CheckoutSession, actor: str) -> None:
    if order.state == State.CREATED:
        _move(order, State.OPEN, session, actor, reason="Stripe opened the checkout.")


def _settle_processing(family: TrackFamily, order: Order, session: CheckoutSession, actor: str) -> None:
    if State.PROCESSING in TRANSITIONS[State(order.state)]:
        _move(order, State.PROCESSING, session, actor, reason="Checkout completed; the bank has not paid yet.")
        hold_family(family=family, until=timezone.now() + Order.PROCESSING_HOLD)


def _settle_failed(family: TrackFamily, order: Order, session: CheckoutSession, actor: str) -> None:
    if order.is_holding:  # whatever we were told before: that the payment was on its way may never have reached us
        _move(order, State.FAILED, session, actor, reason="The bank refused the delayed payment.")
        release_family(family=family)


def _settle_expired(family: TrackFamily, order: Order, session: CheckoutSession, actor: str) -> None:
    if not order.is_holding:
        return
    if order.state == State.EXPIRING:
        _move(order, State.CANCELED, session, actor, reason="Canceled; Stripe expired the session.")
    else:
        _move(order, State.EXPIRED, session, actor, reason="Stripe says that the session has expired.")
    release_family(family=family)


def _settle_paid(family: TrackFamily, order: Order, session: CheckoutSession, actor: str) -> None:
    if State.SOLD not in TRANSITIONS[State(order.state)] or order.state == State.DISPUTED:
        return  # told before: sold, or the money is on its way back
    paid, price = _compare_amounts(order, session)
    if (paid, session.currency) != (price, order.currency):
        call_person(order, f"Paid {paid} {session.currency}, priced {price} {order.currency}. Refunding.")
        _owe_refund(family, order, session, actor, reason="What was paid is not the price of the order.")
    elif _is_deliverable(family, order):
        _deliver(family, order, session, actor)
    else:
        _owe_refund(family, order, session, actor, reason="The payment came after the track was no longer free.")


def _compare_amounts(order: Order, session: CheckoutSession) -> tuple[int, int]:
    """What was paid and what it should be: before tax where Stripe adds the tax, since only Stripe knows it."""
    if order.tax_treatment == Order.TaxTreatment.BY_STRIPE:
        return session.subtotal, order.net_amount
    return session.amount, order.amount


def _is_deliverable(family: TrackFamily, order: Order) -> bool:
    if order.is_holding:
        return family.sold_at is None
    order.track.family = family
    is_own_draft = order.track.status == Track.Status.DRAFT and order.track.company_id == order.company_id
    return is_own_draft or order.track.status == Track.Status.ON_SALE


def _deliver(family: TrackFamily, order: Order, session: CheckoutSession, actor: str) -> None:
    mark_family_sold(family=family)
    transfer_ownership(track=order.track, owner=order.company, reference=f"order {order.pk}")
    if order.tax_treatment == Order.TaxTreatment.BY_STRIPE:
        _record_checkout(order, session)
    _move(order, State.SOLD, session, actor, reason="Paid in full.")
    invoice = issue_invoice(order=order)
    write_to_buyer(order=order, kind="receipt", cause=order, invoice=invoice)


def _record_checkout(order: Order, session: CheckoutSession) -> None:
    """The tax that Stripe worked out, and whom the invoice names: the address and number by which it did."""
    if session.typed:
        order.billing = name_buyer_as_typed(order.billing, typed=session.typed)
    if session.is_reverse_charge:
        order.tax_treatment = Order.TaxTreatment.REVERSE_CHARGE
    order.amount, order.tax_percent = session.amount, session.tax_percent
    order.save(update_fields=["amount", "tax_percent", "tax_treatment", "billing"])


def _owe_refund(family: TrackFamily, order: Order, session: CheckoutSession, actor: str, *, reason: str) -> None:
    """Commit the debt first; paying it comes after, and survives a crash in between."""
    if order.is_holding and family.sold_at is None:
        release_family(family=family)
    _move(order, State.REFUND_DUE, session, actor, reason=reason)
    refund = Refund.objects.create(order=order, amount=session.amount, currency=session.currency, reason=reason)
    write_to_buyer(order=order, kind="owed", cause=refund)


def _move(order: Order, to: State, session: CheckoutSession, actor: str, *, reason: str) -> None:
    stripe_ids = {"session": session.id, "payment_intent": session.payment_intent_id}
    move_order(order=order, to=to, actor=actor, reason=reason, stripe_ids={k: v for k, v in stripe_ids.items() if v})


_SETTLERS: Mapping[Outcome, Callable[[TrackFamily, Order, CheckoutSession, str], None]] = {
    Outcome.OPEN: _settle_open,
    Outcome.PROCESSING: _settle_processing,
    Outcome.PAID: _settle_paid,
    Outcome.FAILED: _settle_failed,
    Outcome.EXPIRED: _settle_expired,
}
