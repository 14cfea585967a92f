"""The one place that decides the order of locks: first the family, then the order. Nothing locks them the other way.

After both come the register's head, with a change of ownership, and the counter of invoices or of credit notes. A sale
takes the head first and then the invoices' counter; a return takes the credit notes' counter first and then the head.
No transaction takes both counters, so the two never wait for each other in a ring.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import lock_family
from payments.models import Order


def lock_order(*, order: Order) -> tuple[TrackFamily, Order]:
    """Both rows as they are now, locked until the transaction ends."""
    family = lock_family(family_id=order.family_id)
    return family, Order.objects.select_for_update(of=("self",)).select_related("track", "company").get(pk=order.pk)


class _Turn:
    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.is_over = threading.Event()


_TURNS: dict[int, _Turn] = {}
"""Who is at work on a family in this process. `setdefault` and `pop` of one key cannot be interrupted."""


@contextmanager
def take_turn(*, family_id: int) -> Iterator[None]:
    """Of a crowd in one process, the first goes to the database for a family; the others wait until it is done.

    It guards nothing, the database does. It spares a crowd the queue for the row: who has waited looks first, and finds
    the hold committed. All who waited go on at once, since handing a lock from one to the next costs more than the
    look. Entered before any transaction, so nobody waits here with a row.
    """
    mine = _Turn()
    first = _TURNS.setdefault(family_id, mine)
    if first is not mine:
        if first.thread != mine.thread:  # else it is ourselves
            first.is_over.wait()
        yield
        return
    try:
        yield
    finally:
        _TURNS.pop(family_id)
        mine.is_over.set()
