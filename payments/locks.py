"""The one place that decides the order of locks: first the family, then the order. Nothing locks them the other way.

After both come the register's head, with a change of ownership, and the counter of invoices or of credit notes. A sale
takes the head first and then the invoices' counter; a return takes the credit notes' counter first and then the head.
No transaction takes both counters, so the two never wait for each other in a ring.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import timezone

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import lock_family
from payments.models import Order
from payments.queries import Holder


def lock_order(*, order: Order) -> tuple[TrackFamily, Order]:
    """Both rows as they are now, locked until the transaction ends."""
    family = lock_family(family_id=order.family_id)
    return family, Order.objects.select_for_update(of=("self",)).select_related("track", "company").get(pk=order.pk)


def lock_order_since(*, order: Order) -> tuple[TrackFamily, Order] | None:
    """As lock_order, to record what Stripe has answered since `order` was read; it counts as checked now.

    None if another answer was recorded meanwhile: ours may be the older of the two, so read the order and ask again.
    """
    family, locked = lock_order(order=order)
    if locked.checked_at != order.checked_at:
        return None
    locked.checked_at = timezone.now()
    locked.save(update_fields=["checked_at"])
    return family, locked


def ask_until_recorded(ask: Callable[[Order], Order | None], *, order: Order) -> Order:
    """Reads the order and asks Stripe of it, again for as long as `ask` gives None: another was first to record."""
    recorded = None
    while recorded is None:
        recorded = ask(Order.objects.get(pk=order.pk))  # an older copy may not know the payment yet
    return recorded


class Turn:
    """One thread's work on a family, for which the others of its process wait; and what it leaves them to know."""

    def __init__(self, family_id: int) -> None:
        self._family_id = family_id
        self._is_closed = False
        self._is_over = threading.Event()
        self._told: Holder | None = None
        self.thread = threading.get_ident()
        self.holder: Holder | None = None
        """Of the family, by the turn that was waited for. None: look yourself."""

    def close(self) -> None:
        """To newcomers, before a hold is committed: so all who are told of it came while the family was still free."""
        self._is_closed = True
        if _TURNS.get(self._family_id) is self:
            del _TURNS[self._family_id]

    def tell(self, holder: Holder) -> None:
        """What was committed; of a hold that this turn only found, nobody knows whether it stands when others come."""
        if self._is_closed:
            self._told = holder

    def wait(self) -> Holder | None:
        self._is_over.wait()
        return self._told

    def end(self) -> None:
        self.close()
        self._is_over.set()


_TURNS: dict[int, Turn] = {}
"""Who is at work on a family in this process. `setdefault`, `get` and `del` of one key cannot be interrupted."""


@contextmanager
def take_turn(*, family_id: int) -> Iterator[Turn]:
    """Of a crowd in one process, the first goes to the database for a family; the others wait until it is done.

    It guards nothing, the database does. It spares a crowd the queue for the row, and even the look: who waited is told
    of the hold that was committed meanwhile, by `holder`. All who waited go on at once, since handing a lock from one
    to the next costs more than a look. Entered before any transaction, so nobody waits here with a row.
    """
    mine = Turn(family_id)
    first = _TURNS.setdefault(family_id, mine)
    if first is not mine:
        if first.thread != mine.thread:  # else it is ourselves
            mine.holder = first.wait()
        yield mine
        return
    try:
        yield mine
    finally:
        mine.end()
