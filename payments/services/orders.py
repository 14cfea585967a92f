"""Placing and canceling an order. One transaction holds the family; Stripe is asked only after it has committed."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Company, User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.prices import list_prices
from marketplace.catalog.services import hold_family, lock_family
from marketplace.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionRefusedError,
    UnavailableError,
)
from marketplace.rights.originality import settle_near_variants
from payments.billing.profiles import freeze_billing, require_billing_profile
from payments.billing.taxes import add_tax, choose_tax
from payments.gateway_types import GatewayUnavailableError
from payments.locks import lock_order, take_turn
from payments.models import BillingProfile, Order
from payments.queries import Holder, find_holder, holding_order, retry_time, standing_order
from payments.services.checkout import build_session_parameters, expire_checkout, open_checkout
from payments.services.fulfilment import fulfil
from payments.states import State, move_order, record_transition

logger = logging.getLogger(__name__)


def place_order(*, company: Company, user: User, track: Track, currency: str = "") -> Order:
    """Reserve the track for the company and open its checkout. Asked again, it answers with the same order.

    `currency` is one of those in which the track is offered, its own if empty.

    Raises ConflictError `track_reserved` (with `retry_at`), `track_sold`, `track_withdrawn` or `near_duplicate` (its
    like was sold, see `marketplace.rights.originality`), NotFoundError for another company's draft, InvalidInputError
    `billing_required`, UnavailableError while Stripe is silent: the order is kept then, and so is the track.
    """
    if not company.is_claimed:
        raise PermissionRefusedError(
            "Register first: a track is bought by a company with a name.", code="register_first"
        )
    actor = f"buyer {user.email}"
    order = hold_track(company=company, user=user, track=track, actor=actor, currency=currency)
    if order.state == State.CREATED:
        order = _open(order, actor)
    if order.state == State.CANCELED:
        raise UnavailableError(
            "The payment service refused to open a checkout. Nothing was charged and the track is free again: "
            "try once more, and tell us if it stays so.",
            code="payment_refused",
        )
    return order


def hold_track(*, company: Company, user: User, track: Track, actor: str, currency: str = "") -> Order:
    """Reserve the track in the database, or find the company's own order for it. See `place_order` for what it raises.

    Stripe is asked only about an earlier hold that is the company's own or overdue.
    """
    family_id = track.family_id
    with take_turn(family_id=family_id) as turn:
        if not _is_held(track, company, known=turn.holder):
            track = _settle_variants(track, company)
            if track.family_id == family_id:
                order = _reserve(
                    company=company, user=user, track=track, actor=actor, currency=currency, before_commit=turn.close
                )
                turn.tell(Holder(order.company_id, order.expires_at, order.checked_at, order.expires_at))
                return order
    track = _settle_variants(track, company)
    _refresh_hold(track, company, actor)
    return _reserve(company=company, user=user, track=track, actor=actor, currency=currency)


def cancel_order(*, order: Order, actor: str, reason: str = "The buyer canceled.") -> Order:
    """Give the reservation back: expire the session at Stripe, and release only once Stripe has done it."""
    if order.state == State.CREATED:
        order = _open(order, actor)
    order = _start_expiring(order, actor, reason)
    return expire_checkout(order=order, actor=actor) if order.state == State.EXPIRING else order


@transaction.atomic
def _start_expiring(order: Order, actor: str, reason: str) -> Order:
    _, locked = lock_order(order=order)
    if locked.state == State.PROCESSING:
        raise ConflictError("The payment is on its way and cannot be canceled any more.", code="order_processing")
    if locked.state == State.OPEN:
        move_order(order=locked, to=State.EXPIRING, actor=actor, reason=reason)
    return locked


def _open(order: Order, actor: str) -> Order:
    try:
        return open_checkout(order=order, actor=actor)
    except GatewayUnavailableError as error:
        order.refresh_from_db()
        if order.state != State.CREATED:
            return order  # another click of ours got through meanwhile
        raise UnavailableError(
            "The payment service does not answer right now. Your order is kept and the track stays reserved for you: "
            "press Buy again in a minute.",
            code="payment_unavailable",
        ) from error


def _is_held(track: Track, company: Company, *, known: Holder | None) -> bool:
    """At most one look, without a lock, which is all that a crowd needs: it refuses what is surely another's.

    Only a hold that has been committed is seen, so nobody is refused a track that is free; who sees none, or one to
    ask Stripe about, is answered under the lock.
    """
    holder = known or find_holder(family_id=track.family_id)
    if holder and track.is_public and holder.company_id != company.pk and not _is_overdue(holder):
        raise _reserved(holder.held_until)
    return holder is not None


def _settle_variants(track: Track, company: Company) -> Track:
    return settle_near_variants(track=track) if track.is_public or track.company_id == company.pk else track


def _refresh_hold(track: Track, company: Company, actor: str) -> None:
    """Ask Stripe about a hold that is ours or overdue, so that nobody waits for a message that got lost."""
    order = holding_order(family_id=track.family_id)
    if order is None:
        return
    if order.company_id == company.pk and order.state == State.CREATED:
        _open(order, actor)
    elif order.company_id == company.pk or _is_overdue(order):
        _ask_stripe(order, actor)


def _is_overdue(hold: Order | Holder) -> bool:
    """Others' clicks ask Stripe at most every ten seconds."""
    now = timezone.now()
    return hold.expires_at <= now and hold.checked_at <= now - timedelta(seconds=10)


def _ask_stripe(order: Order, actor: str) -> None:
    try:
        if order.session_id:
            fulfil(session_id=order.session_id, actor=actor)
        else:
            open_checkout(order=order, actor=actor)
    except GatewayUnavailableError:
        logger.warning("Order %s keeps its hold: Stripe does not answer.", order.pk)
    except NotFoundError:
        logger.exception("Order %s keeps its hold: Stripe does not know its session.", order.pk)


def _reserve(
    *,
    company: Company,
    user: User,
    track: Track,
    actor: str,
    currency: str = "",
    before_commit: Callable[[], None] = lambda: None,
) -> Order:
    try:
        with transaction.atomic():
            family = lock_family(family_id=track.family_id)
            if family.held_until or family.sold_at:
                standing = standing_order(family_id=family.pk, company=company)
                if standing:
                    return standing
            fresh = Track.objects.get(pk=track.pk)
            fresh.family = family
            _refuse_unless_free(fresh, company)
            price = _choose_price(fresh, currency)
            profile = require_billing_profile(company=company)
            order = _create_order(
                company=company, user=user, track=fresh, family=family, price=price, profile=profile, actor=actor
            )
            before_commit()
            return order
    except IntegrityError as error:
        raise _reserved(_find_end(track)) from error


def _refuse_unless_free(track: Track, company: Company) -> None:
    if not track.is_public and track.company_id != company.pk:
        raise NotFoundError("There is no such track on sale.", code="track_not_found")
    match track.status:
        case Track.Status.SOLD:
            raise ConflictError(
                "This track is sold; it has one owner for good. Nothing was charged.", code="track_sold"
            )
        case Track.Status.WITHDRAWN:
            raise ConflictError("This track was withdrawn from sale. Nothing was charged.", code="track_withdrawn")
        case Track.Status.RESERVED:
            raise _reserved(_find_end(track))
    if not track.is_complete:
        message = "The files of this track are still being written. Nothing was charged: try again in a few seconds."
        raise ConflictError(message, code="track_incomplete")


def _choose_price(track: Track, currency: str) -> tuple[str, int]:
    prices = list_prices(track)
    chosen = currency.strip().lower() or next(iter(prices))
    if chosen not in prices:
        message = f"{currency[:10]!r}: this track is sold in {', '.join(code.upper() for code in prices)}. Choose one."
        raise InvalidInputError(message, fields={"currency": [message]})
    return chosen, prices[chosen]


def _find_end(track: Track) -> datetime | None:
    holder = find_holder(family_id=track.family_id)
    return holder.held_until if holder else None


def _reserved(held_until: datetime | None) -> ConflictError:
    retry_at = retry_time(held_until=held_until)
    return ConflictError(
        f"Another company is buying this track. Try again at {retry_at:%H:%M} UTC: unless they pay, it is free then.",
        code="track_reserved",
        extra={"retry_at": retry_at.isoformat().replace("+00:00", "Z")},
    )


def _create_order(
    *,
    company: Company,
    user: User,
    track: Track,
    family: TrackFamily,
    price: tuple[str, int],
    profile: BillingProfile | None,
    actor: str,
) -> Order:
    (currency, net), tax = price, choose_tax(buyer=profile)
    order = Order(
        company=company,
        user=user,
        track=track,
        family=family,
        amount=net + add_tax(net=net, percent=tax.percent, currency=currency),
        net_amount=net,
        tax_treatment=tax.treatment,
        tax_percent=tax.percent,
        billing=freeze_billing(company=company, email=user.email, profile=profile),
        currency=currency,
        idempotency_key=f"order-{uuid.uuid4()}",
        expires_at=timezone.now().replace(microsecond=0) + settings.CHECKOUT_HOLD,
    )
    order.session_parameters = build_session_parameters(order=order)
    order.save(force_insert=True)
    record_transition(order=order, from_state="", to=State.CREATED, actor=actor, reason="The buyer reserved the track.")
    hold_family(family=family, until=order.expires_at)
    return order
