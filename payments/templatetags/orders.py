"""A company's order for a track, for pages that know tracks alone: {% standing_order track as order %}."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings

from marketplace.catalog.models import Track
from marketplace.catalog.money import format_money
from marketplace.catalog.prices import list_prices
from payments import queries
from payments.models import Order

register = template.Library()


@register.simple_tag(takes_context=True)
def standing_order(context: dict[str, Any], track: Track) -> Order | None:
    """The visitor's own order that reserves or owns the track."""
    company = getattr(context["request"], "company", None)
    return queries.standing_order(family_id=track.family_id, company=company) if company else None


@register.simple_tag
def next_try(track: Track) -> datetime:
    """When somebody else may try to buy a reserved track: as the refusal says it, a whole minute after the hold."""
    return queries.retry_time(held_until=track.family.held_until)


@register.simple_tag
def other_prices(track: Track) -> list[tuple[str, str]]:
    """Currency and price as people read it, where there is a choice; the track's own first."""
    prices = list_prices(track)
    return [(code, format_money(amount, code)) for code, amount in prices.items()] if len(prices) > 1 else []


@register.simple_tag
def tax_note() -> str:
    """What comes on top of a price."""
    return {"vat": "plus VAT where it is due", "stripe": "plus tax where it is due"}.get(settings.TAX, "")
