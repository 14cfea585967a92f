"""The one place that decides the order of locks: first the family, then the order. Nothing locks them the other way.

After both come the register's head, with a change of ownership, and the counter of invoices or of credit notes. A sale
takes the head first and then the invoices' counter; a return takes the credit notes' counter first and then the head.
No transaction takes both counters, so the two never wait for each other in a ring.
"""

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import lock_family
from payments.models import Order


def lock_order(*, order: Order) -> tuple[TrackFamily, Order]:
    """Both rows as they are now, locked until the transaction ends."""
    family = lock_family(family_id=order.family_id)
    return family, Order.objects.select_for_update(of=("self",)).select_related("track", "company").get(pk=order.pk)
