"""The one place that decides the order of locks: first the family, then the order. Nothing locks them the other way."""

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import lock_family
from payments.models import Order


def lock_order(*, order: Order) -> tuple[TrackFamily, Order]:
    """Both rows as they are now, locked until the transaction ends."""
    family = lock_family(family_id=order.family_id)
    return family, Order.objects.select_for_update(of=("self",)).select_related("track", "company").get(pk=order.pk)
