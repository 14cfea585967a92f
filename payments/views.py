"""Buying on pages. Nothing here decides: each view asks a service and shows what came of it."""

import logging
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from marketplace.catalog.models import Track
from marketplace.catalog.queries import visible_track
from marketplace.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from payments.billing_views import require_company
from payments.models import Order
from payments.queries import find_order
from payments.services import cancel_order, fulfil, place_order

logger = logging.getLogger(__name__)


@require_POST
def buy_track(request: MemberRequest, track_id: UUID) -> HttpResponse:
    """To Stripe's page, or a page that says why not and until when."""
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("catalog:detail", args=[track_id]))
    company = require_company(request)
    track = visible_track(track_id=track_id, company=company)
    try:
        order = place_order(company=company, user=request.user, track=track, currency=request.POST.get("currency", ""))
    except ConflictError as error:
        return _show_refusal(request, track, error)
    except InvalidInputError as error:
        if error.code != "billing_required":
            raise
        back = urlencode({"next": reverse("catalog:detail", args=[track.pk])})
        return redirect(f"{reverse('payments:billing')}?{back}")
    if order.state == Order.State.OPEN:
        return redirect(order.checkout_url)
    return redirect("payments:order", order_id=order.pk)


@never_cache
@login_required
@require_safe
def show_order(request: MemberRequest, order_id: UUID) -> HttpResponse:
    order = find_order(order_id=order_id, company=require_company(request))
    if request.GET.get("shown") == order.state:
        return HttpResponse(status=204)  # the page asks whether anything has changed, and keeps what it shows
    is_waiting = order.state in _WAITING or ("paid" in request.GET and order.state == Order.State.OPEN)
    context = {"order": order, "is_waiting": is_waiting, "transitions": order.transitions.all()}
    return render(request, "payments/order.html", context)


@never_cache
@login_required
@require_GET
def return_from_checkout(request: MemberRequest, order_id: UUID) -> HttpResponse:
    """Stripe sends the buyer here. The webhook may be late or lost, so this asks Stripe itself."""
    order = find_order(order_id=order_id, company=require_company(request))
    page = reverse("payments:order", args=[order.pk])
    try:
        if order.session_id:
            order = fulfil(session_id=order.session_id, actor="return page")
    except (UnavailableError, NotFoundError):
        logger.warning("Order %s: Stripe did not confirm the payment on return.", order.pk, exc_info=True)
        messages.info(
            request, "Your payment is being confirmed. Nothing is lost: this page shows it as soon as we know."
        )
    return redirect(f"{page}?paid" if order.is_holding else page)


@login_required
@require_POST
def cancel(request: MemberRequest, order_id: UUID) -> HttpResponse:
    order = find_order(order_id=order_id, company=require_company(request))
    try:
        order = cancel_order(order=order, actor=f"buyer {request.user}")
    except UnavailableError:
        order.refresh_from_db()
        messages.info(request, _explain_slow_cancel(order))
    if order.state == Order.State.CANCELED:
        messages.success(request, "Canceled. Nothing was charged, and the track is free again.")
    return redirect("payments:order", order_id=order.pk)


_WAITING = (
    Order.State.CREATED,
    Order.State.PROCESSING,
    Order.State.EXPIRING,
    Order.State.REFUND_DUE,
    Order.State.REFUND_PENDING,
)


def _explain_slow_cancel(order: Order) -> str:
    if order.state == Order.State.EXPIRING:
        return "The payment service is slow. We keep on canceling, and you are charged nothing for a track not yours."
    return "The payment service does not answer, so nothing has changed yet. Try to cancel again in a minute."


def _show_refusal(request: MemberRequest, track: Track, error: ConflictError) -> HttpResponse:
    context = {"track": track, "code": error.code, "message": error.message}
    return render(request, "payments/refused.html", context, status=error.status)
