"""Reads of orders."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Company
from marketplace.errors import NotFoundError
from payments.models import BookFinding, Dispute, Invoice, Letter, Order, WebhookEvent


def orders_of(*, company: Company) -> QuerySet[Order]:
    return Order.objects.filter(company=company).select_related("track", "track__family").prefetch_related("invoices")


def find_order(*, order_id: uuid.UUID, company: Company | None) -> Order:
    """An order of this company; another company's reads as if it did not exist."""
    order = orders_of(company=company).filter(pk=order_id).first() if company else None
    if order is None:
        raise NotFoundError("There is no such order in your company.", code="order_not_found")
    return order


def holding_order(*, family_id: int) -> Order | None:
    """The order that reserves the family now, if any; a constraint holds them to one."""
    return Order.objects.filter(family_id=family_id, state__in=Order.HOLDING).first()


class Holder(NamedTuple):
    company_id: uuid.UUID
    expires_at: datetime
    checked_at: datetime
    held_until: datetime | None


def find_holder(*, family_id: int) -> Holder | None:
    """Who reserves the family now, and until when: four columns and no model, since a crowd asks this at once."""
    held = Order.objects.filter(family_id=family_id, state__in=Order.HOLDING).order_by()
    rows = held.values_list("company_id", "expires_at", "checked_at", "family__held_until")
    return next((Holder(*row) for row in rows), None)


def standing_order(*, family_id: int, company: Company) -> Order | None:
    """The company's own order that holds or owns the family: a second click finds it instead of making another."""
    states = (*Order.HOLDING, *Order.OWNING)
    return Order.objects.filter(family_id=family_id, company=company, state__in=states).first()


def retry_time(*, held_until: datetime | None) -> datetime:
    """When somebody else may try again: a whole minute, and never one that has passed."""
    soonest = max(held_until or timezone.now(), timezone.now())
    whole = soonest.replace(second=0, microsecond=0)
    return whole if whole == soonest else whole + timedelta(minutes=1)


def find_invoice(*, invoice_id: int, company: Company | None) -> Invoice:
    """An invoice or credit note that was made out to this company; another company's reads as if it did not exist."""
    mine = invoices_of(company=company).filter(pk=invoice_id).first() if company else None
    if mine is None:
        raise NotFoundError("There is no such invoice in your company.", code="invoice_not_found")
    return mine


def invoices_of(*, company: Company) -> QuerySet[Invoice]:
    return Invoice.objects.filter(order__company=company).select_related("order__track")


@dataclass(frozen=True)
class Queue:
    """What waits for an administrator, the most urgent kind first."""

    disputes: QuerySet[Dispute]
    orders: QuerySet[Order]
    findings: QuerySet[BookFinding]
    events: QuerySet[WebhookEvent]
    letters: QuerySet[Letter]

    @property
    def length(self) -> int:
        return sum(each.count() for each in (self.disputes, self.orders, self.findings, self.events, self.letters))


def list_what_needs_a_person(*, event_attempts: int, letter_attempts: int) -> Queue:
    return Queue(
        disputes=Dispute.objects.filter(status__in=Dispute.ANSWERABLE)
        .select_related("order__track", "order__company")
        .order_by("evidence_due_by"),
        orders=Order.objects.exclude(needs_person="").select_related("track", "company").order_by("created_at"),
        findings=BookFinding.objects.filter(resolved_at=None),
        events=WebhookEvent.objects.filter(processed_at=None, attempts__gte=event_attempts).order_by("pk"),
        letters=Letter.objects.filter(sent_at=None, attempts__gte=letter_attempts).order_by("pk"),
    )
