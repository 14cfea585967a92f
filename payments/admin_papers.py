"""Invoices, letters and the audit's findings in the admin: to be read. Nothing is edited or deleted."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from marketplace.catalog.money import format_money
from payments.admin_reading import ReadOnlyMixin
from payments.billing_views import send_paper
from payments.models import BookFinding, Invoice, Letter
from payments.services.letters import MAX_ATTEMPTS


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    list_display = ("number", "issued_at", "company", "price", "paper", "order")
    list_filter = ("series", "year")
    list_select_related = ("order__company",)
    search_fields = ("=sequence", "order__id", "order__company__name", "order__track__title")
    date_hierarchy = "issued_at"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.show_paper)
        own = path("<int:invoice_id>/invoice.pdf", view, name="payments_invoice_paper")
        return [own, *super().get_urls()]

    def show_paper(self, request: HttpRequest, invoice_id: int) -> HttpResponse:
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        if not self.has_view_permission(request, invoice):
            raise PermissionDenied
        return send_paper(invoice)

    @admin.display(ordering="order__company__name")
    def company(self, invoice: Invoice) -> str:
        return invoice.order.company.name

    @admin.display(ordering="total")
    def price(self, invoice: Invoice) -> str:
        return ("−" if invoice.is_credit_note else "") + format_money(invoice.total, invoice.currency)

    @admin.display(description="PDF")
    def paper(self, invoice: Invoice) -> str:
        return format_html('<a href="{}">PDF</a>', reverse("admin:payments_invoice_paper", args=[invoice.pk]))


class UnsentFilter(admin.SimpleListFilter):
    title = "sending"
    parameter_name = "unsent"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting"), ("given-up", "Given up")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        unsent = queryset.filter(sent_at=None)
        match self.value():
            case "waiting":
                return unsent.filter(attempts__lt=MAX_ATTEMPTS)
            case "given-up":
                return unsent.filter(attempts__gte=MAX_ATTEMPTS)
        return queryset


@admin.register(Letter)
class LetterAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    list_display = ("created_at", "subject", "recipients", "sent_at", "attempts", "error")
    list_filter = (UnsentFilter,)
    search_fields = ("subject", "order__id", "recipients")


class OpenFilter(admin.SimpleListFilter):
    title = "open"
    parameter_name = "open"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Open")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[BookFinding]) -> QuerySet[BookFinding]:
        return queryset.filter(resolved_at=None) if self.value() == "yes" else queryset


@admin.register(BookFinding)
class BookFindingAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    list_display = ("found_at", "kind", "subject", "message", "resolved_at")
    list_filter = (OpenFilter, "kind")
    search_fields = ("subject", "message")
