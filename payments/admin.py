"""Orders, their history and Stripe's events. Nothing is edited or deleted: administrators ask the services to act."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from marketplace.catalog.money import format_money
from payments.admin_actions import OrderActionsMixin
from payments.admin_disputes import DisputeAdmin
from payments.admin_papers import BookFindingAdmin, InvoiceAdmin, LetterAdmin
from payments.admin_reading import ReadOnlyMixin
from payments.models import Dispute, Invoice, Letter, Order, OrderTransition, Refund, WebhookEvent
from payments.services.events import MAX_ATTEMPTS

__all__ = ["BookFindingAdmin", "DisputeAdmin", "InvoiceAdmin", "LetterAdmin", "OrderAdmin", "WebhookEventAdmin"]


class TransitionInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = OrderTransition


class RefundInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Refund


class DisputeInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Dispute
    show_change_link = True


class InvoiceInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Invoice
    shown = ("number", "issued_at", "total", "currency", "digest")


class LetterInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Letter
    shown = ("subject", "recipients", "created_at", "sent_at", "error")


class NeedsPersonFilter(admin.SimpleListFilter):
    title = "needs a person"
    parameter_name = "needs_person"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.exclude(needs_person="") if self.value() == "yes" else queryset


@admin.register(Order)
class OrderAdmin(OrderActionsMixin, ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    change_form_template = "admin/payments/order/change_form.html"
    change_list_template = "admin/payments/order/change_list.html"
    list_display = ("created_at", "track", "company", "price", "state", "refund_state", "needs_person")
    list_filter = ("state", NeedsPersonFilter)
    list_select_related = ("track", "company")
    search_fields = ("id", "track__title", "track__copyright_id", "company__name", "session_id", "payment_intent_id")
    date_hierarchy = "created_at"
    inlines = (TransitionInline, RefundInline, DisputeInline, InvoiceInline, LetterInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).prefetch_related("refunds")

    @admin.display(ordering="amount")
    def price(self, order: Order) -> str:
        return format_money(order.amount, order.currency)

    @admin.display(description="refund", empty_value="")
    def refund_state(self, order: Order) -> str | None:
        latest = max(order.refunds.all(), key=lambda refund: refund.pk, default=None)
        return latest.get_state_display() if latest else None


class StuckFilter(admin.SimpleListFilter):
    title = "processed"
    parameter_name = "stuck"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Given up")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        given_up = queryset.filter(processed_at=None, attempts__gte=MAX_ATTEMPTS)
        return given_up if self.value() == "yes" else queryset


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    list_display = ("received_at", "type", "event_id", "attempts", "processed_at", "outcome")
    list_filter = (StuckFilter, "type", "livemode")
    search_fields = ("event_id", "outcome")
