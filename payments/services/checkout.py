"""An order's Checkout Session at Stripe: made once, expired at the buyer's wish. No network inside a transaction."""

import contextlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from marketplace.catalog.services import release_family
from payments.gateway import get_gateway
from payments.gateway_types import CheckoutSession, GatewayRefusedError
from payments.locks import lock_order
from payments.models import Order
from payments.services.fulfilment import fulfil, settle_session
from payments.states import move_order

_CLOCK_DIFFERENCE = timedelta(minutes=5)
"""By how much Stripe's clock may be behind ours."""


def build_session_parameters(*, order: Order) -> dict[str, Any]:
    """All that Stripe is told. Stored with the order, because an idempotency key replays only with the same words."""
    metadata = {"order_id": str(order.pk), "track_id": str(order.track_id)}
    back = settings.SITE_URL + reverse("payments:order", args=[order.pk])
    description = f"Exclusive rights, copyright ID {order.track.copyright_id}"
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},
        "line_items": _list_items(order, description=description),
        "client_reference_id": str(order.pk),
        "customer_email": order.user.email,
        "metadata": metadata,
        "payment_intent_data": {"description": description, "metadata": metadata},
        "success_url": f"{back}return/?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": back,
        "expires_at": int(order.expires_at.timestamp()),
        **(_STRIPE_TAX if order.tax_treatment == Order.TaxTreatment.BY_STRIPE else {}),
        **({"invoice_creation": {"enabled": True}} if settings.STRIPE_INVOICES else {}),
    }


_STRIPE_TAX: dict[str, Any] = {
    "automatic_tax": {"enabled": True},
    "billing_address_collection": "required",
    "tax_id_collection": {"enabled": True},
}


def _list_items(order: Order, *, description: str) -> list[dict[str, Any]]:
    """The track, and the tax that is ours to add; Stripe Tax adds its own."""
    product = {"name": order.track.title, "description": description}
    price: dict[str, Any] = {"currency": order.currency, "unit_amount": order.net_amount, "product_data": product}
    if order.tax_treatment == Order.TaxTreatment.BY_STRIPE:
        price["tax_behavior"] = "exclusive"
        if settings.STRIPE_TAX_CODE:
            product["tax_code"] = settings.STRIPE_TAX_CODE
    items = [{"quantity": 1, "price_data": price}]
    if order.tax_amount:
        label = {"name": f"VAT {order.tax_percent.normalize():f} %"}
        price = {"currency": order.currency, "unit_amount": order.tax_amount, "product_data": label}
        items.append({"quantity": 1, "price_data": price})
    return items


def open_checkout(*, order: Order, actor: str) -> Order:
    """Make the session of a CREATED order, or find the one that a lost reply hid from us: the key is the same."""
    gateway = get_gateway()
    try:
        if order.expires_at > timezone.now():
            session = gateway.create_session(parameters=order.session_parameters, idempotency_key=order.idempotency_key)
        else:
            session = _find_lost_session(order)
    except GatewayRefusedError as error:
        return _drop_order(order, actor=actor, reason=f"Stripe refused to open a checkout: {error}")
    return settle_session(order=order, session=session, actor=actor)


def expire_checkout(*, order: Order, actor: str) -> Order:
    """End an EXPIRING order's session at Stripe, then do what Stripe says: a buyer may have paid just before."""
    with contextlib.suppress(GatewayRefusedError):  # complete, or expired already: which one, `fulfil` asks
        get_gateway().expire_session(session_id=order.session_id or "")
    return fulfil(session_id=order.session_id or "", actor=actor)


def _find_lost_session(order: Order) -> CheckoutSession:
    """Past its expiry no session can be made for the order; was there one? Stripe's own list is the judge."""
    since = order.created_at - _CLOCK_DIFFERENCE
    session = get_gateway().find_session(client_reference_id=str(order.pk), created_after=since)
    if session is None:
        raise GatewayRefusedError("no session was ever opened for this order")
    return session


@transaction.atomic
def _drop_order(order: Order, *, actor: str, reason: str) -> Order:
    family, locked = lock_order(order=order)
    if locked.state == Order.State.CREATED:
        move_order(order=locked, to=Order.State.CANCELED, actor=actor, reason=reason)
        release_family(family=family)
    return locked
