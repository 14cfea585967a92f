"""What an administrator may have done to an order: each action on a page of its own that says what it will do."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from marketplace.catalog.money import count_decimals, format_money
from marketplace.errors import AppError
from payments.evidence.pack import build_evidence_pack
from payments.models import Dispute, Order
from payments.queries import list_what_needs_a_person
from payments.services import (
    cancel_order,
    dismiss_person,
    request_refund,
    retry_refund,
)
from payments.services.events import MAX_ATTEMPTS as EVENT_ATTEMPTS
from payments.services.letters import MAX_ATTEMPTS as LETTER_ATTEMPTS
from payments.services.refunds import try_refund
from payments.services.returns import REASON_LENGTH, refundable_amount
from payments.states import State


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *arguments: Any, order: Order, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.order = order


class RefundForm(ReasonForm):
    amount = forms.DecimalField(min_value=0)
    field_order = ("amount", "reason")

    def __init__(self, *arguments: Any, order: Order, **options: Any) -> None:
        super().__init__(*arguments, order=order, **options)
        left, decimals = refundable_amount(order), count_decimals(order.currency)
        self.fields["amount"] = forms.DecimalField(
            min_value=Decimal(1).scaleb(-decimals),
            max_value=Decimal(left).scaleb(-decimals),
            decimal_places=decimals,
            initial=Decimal(left).scaleb(-decimals),
            help_text=f"In {order.currency.upper()}, up to {format_money(left, order.currency)}.",
        )
        self.order_fields(self.field_order)

    @property
    def minor_units(self) -> int:
        return int(self.cleaned_data["amount"].scaleb(count_decimals(self.order.currency)))


@dataclass(frozen=True)
class OrderAction:
    label: str
    explanation: str
    states: tuple[State, ...]
    run: Callable[[Order, Any, str], object]
    form: type[ReasonForm] = ReasonForm

    def is_offered(self, order: Order) -> bool:
        return order.state in self.states


def _refund(order: Order, form: RefundForm, actor: str) -> None:
    request_refund(order=order, amount=form.minor_units, reason=form.cleaned_data["reason"], actor=actor)


def _retry(order: Order, _form: ReasonForm, actor: str) -> None:
    try_refund(order=retry_refund(order=order, actor=actor), actor=actor)


def _release(order: Order, form: ReasonForm, actor: str) -> None:
    cancel_order(order=order, actor=actor, reason=f"Released by an administrator: {form.cleaned_data['reason']}"[:300])


def _dismiss(order: Order, _form: ReasonForm, _actor: str) -> None:
    dismiss_person(order=order)


ACTIONS = {
    "refund": OrderAction(
        "Refund",
        "The buyer reads the reason. A part of the price leaves the sale as it is. The whole price ends the buyer's "
        "rights; the track goes back on sale, or is retired for good if any of its files was downloaded.",
        (State.SOLD, State.REFUNDED_AFTER_SALE),
        _refund,
        RefundForm,
    ),
    "retry-refund": OrderAction(
        "Try the refund again", "Stripe is asked for the same refund once more.", (State.REFUND_FAILED,), _retry
    ),
    "release": OrderAction(
        "Release the hold",
        "Stripe is asked to expire the checkout. The track is free once Stripe has done so, and not before: if the "
        "buyer has paid meanwhile, the order becomes a sale.",
        (State.CREATED, State.OPEN, State.EXPIRING),
        _release,
    ),
    "dismiss": OrderAction("It is seen to", "The order leaves the queue of what needs a person.", (), _dismiss),
}


class OrderActionsMixin:
    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        act, pack, queue = map(self.admin_site.admin_view, (self.act, self.send_evidence_pack, self.show_queue))
        own = [
            path("queue/", queue, name="payments_order_queue"),
            path("<uuid:order_id>/evidence.zip", pack, name="payments_order_evidence"),
            path("<uuid:order_id>/<slug:name>/", act, name="payments_order_act"),
        ]
        # Django's own <id>/change/, /history/ and /delete/ have the same shape and go first.
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [own[0], *urls[:-1], *own[1:], urls[-1]]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        order = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        offered = _offer(order) if order and request.user.has_perm("payments.change_order") else {}
        has_pack = order is not None and order.state in Order.ONCE_SOLD and bool(offered or order.disputes.exists())
        disputes = order.disputes.filter(status__in=Dispute.ANSWERABLE) if offered and order else ()
        context = {
            **(extra_context or {}),
            "order_actions": offered,
            "has_evidence_pack": has_pack,
            "disputes_to_answer": disputes,
        }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[misc]

    def show_queue(self, request: HttpRequest) -> HttpResponse:
        """Everything that waits for a person, on one page."""
        if not request.user.has_perm("payments.view_order"):
            raise PermissionDenied
        queue = list_what_needs_a_person(event_attempts=EVENT_ATTEMPTS, letter_attempts=LETTER_ATTEMPTS)
        context = {**self.admin_site.each_context(request), "title": "What needs a person", "queue": queue}
        return TemplateResponse(request, "admin/payments/order/queue.html", context)

    def send_evidence_pack(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        if not request.user.has_perm("payments.change_order"):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.filter(state__in=Order.ONCE_SOLD), pk=order_id)
        self.log_change(request, order, "The evidence pack was downloaded.")  # type: ignore[attr-defined]
        headers = {"Content-Disposition": f'attachment; filename="evidence-{order.track.copyright_id}.zip"'}
        return HttpResponse(build_evidence_pack(order), content_type="application/zip", headers=headers)

    def act(self, request: HttpRequest, order_id: UUID, name: str) -> HttpResponse:
        if not request.user.has_perm("payments.change_order"):
            raise PermissionDenied
        order = get_object_or_404(Order, pk=order_id)
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        if name not in _offer(order):
            messages.error(request, f"The order is {order.get_state_display()}: there is nothing to do any more.")
            return redirect("admin:payments_order_change", order.pk)
        form = action.form(request.POST or None, order=order)
        if request.method == "POST" and form.is_valid() and self._try(request, order, action, form):
            return redirect("admin:payments_order_change", order.pk)
        context = {**self.admin_site.each_context(request), "title": f"{action.label}: {order.track}"}
        return TemplateResponse(
            request, "admin/payments/order/act.html", {**context, "order": order, "action": action, "form": form}
        )

    def _try(self, request: HttpRequest, order: Order, action: OrderAction, form: ReasonForm) -> bool:
        try:
            action.run(order, form, f"admin {request.user}")
        except AppError as error:
            form.add_error(None, error.message)
            return False
        self.log_change(request, order, f"{action.label}: {form.cleaned_data['reason']}")  # type: ignore[attr-defined]
        order.refresh_from_db()
        messages.success(request, f"{action.label}: done. The order is {order.get_state_display()}.")
        return True


def _offer(order: Order) -> dict[str, str]:
    offered = {name: action.label for name, action in ACTIONS.items() if action.is_offered(order)}
    if order.state in ACTIONS["refund"].states and refundable_amount(order) < 1:
        del offered["refund"]
    return offered | ({"dismiss": ACTIONS["dismiss"].label} if order.needs_person else {})
