"""Orders, their history and Stripe's events, to read. Nothing is edited or deleted here: the books stay the books."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from marketplace.catalog.money import format_money
from payments.models import Dispute, Order, OrderTransition, Refund, WebhookEvent


class ReadOnlyMixin:
    model: type[Model]
    can_delete = False
    extra = 0

    def get_fields(self, _request: HttpRequest, _obj: Model | None = None) -> Any:
        return [field.name for field in self.model._meta.fields]

    def get_readonly_fields(self, _request: HttpRequest, _obj: Model | None = None) -> Any:
        return [field.name for field in self.model._meta.fields]

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False


class TransitionInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = OrderTransition


class RefundInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Refund


class DisputeInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Dispute


class NeedsPersonFilter(admin.SimpleListFilter):
    title = "needs a person"
    parameter_name = "needs_person"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.exclude(needs_person="") if self.value() == "yes" else queryset


@admin.register(Order)
class OrderAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    list_display = ("created_at", "track", "company", "price", "state", "refund_state", "needs_person")
    list_filter = ("state", NeedsPersonFilter)
    list_select_related = ("track", "company")
    search_fields = ("id", "track__title", "track__copyright_id", "company__name", "session_id", "payment_intent_id")
    date_hierarchy = "created_at"
    inlines = (TransitionInline, RefundInline, DisputeInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).prefetch_related("refunds")

    @admin.display(ordering="amount")
    def price(self, order: Order) -> str:
        return format_money(order.amount, order.currency)

    @admin.display(description="refund", empty_value="")
    def refund_state(self, order: Order) -> str | None:
        latest = max(order.refunds.all(), key=lambda refund: refund.pk, default=None)
        return latest.get_state_display() if latest else None


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    list_display = ("received_at", "type", "event_id", "attempts", "processed_at", "outcome")
    list_filter = ("type", "livemode")
    search_fields = ("event_id", "outcome")
