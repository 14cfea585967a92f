"""Reads of orders."""

import uuid
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Company
from marketplace.errors import NotFoundError
from payments.models import Order


def orders_of(*, company: Company) -> QuerySet[Order]:
    return Order.objects.filter(company=company).select_related("track", "track__family")


def find_order(*, order_id: uuid.UUID, company: Company | None) -> Order:
    """An order of this company; another company's reads as if it did not exist."""
    order = orders_of(company=company).filter(pk=order_id).first() if company else None
    if order is None:
        raise NotFoundError("There is no such order in your company.", code="order_not_found")
    return order


def holding_order(*, family_id: int) -> Order | None:
    """The order that reserves the family now, if any; a constraint holds them to one."""
    return Order.objects.filter(family_id=family_id, state__in=Order.HOLDING).first()


def standing_order(*, family_id: int, company: Company) -> Order | None:
    """The company's own order that holds or owns the family: a second click finds it instead of making another."""
    states = (*Order.HOLDING, *Order.OWNING)
    return Order.objects.filter(family_id=family_id, company=company, state__in=states).first()


def retry_time(*, held_until: datetime | None) -> datetime:
    """When somebody else may try again: a whole minute, and never one that has passed."""
    soonest = max(held_until or timezone.now(), timezone.now())
    return soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)
