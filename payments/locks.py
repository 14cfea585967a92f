"""The one place that decides the order of locks: first the family, then the order. Nothing locks them the other way.

After both come the register's head, with a change of ownership, and the counter of invoices or of credit notes. A sale
takes the head first and then the invoices' counter; a return takes the credit notes' counter first and then the head.
No transaction takes both counters, so the two never wait for each other in a ring.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import lock_family
from payments.models import Order


def lock_order(*, order: Order) -> tuple[TrackFamily, Order]:
    """Both rows as they are now, locked until the transaction ends."""
    family = lock_family(family_id=order.family_id)
    return family, Order.objects.select_for_update(of=("self",)).select_related("track", "company").get(pk=order.pk)


_TURNS: "WeakValueDictionary[int, threading.RLock]" = WeakValueDictionary()
_ADDING = threading.Lock()


@contextmanager
def take_turn(*, family_id: int) -> Iterator[None]:
    """Of a crowd in one process, one at a time goes to the database for a family; the others wait here.

    It guards nothing, the database does. It spares a crowd the queue for the row: whoever's turn comes after the first
    finds the hold committed and is answered by one look. Taken before any transaction, so nobody waits here with a row.
    """
    with _ADDING:
        turn = _TURNS.setdefault(family_id, threading.RLock())
    with turn:
        yield
