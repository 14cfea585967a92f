"""The guards, each with what it takes to switch it off. A model that does not notice that would prove nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from marketplace.catalog.models import TrackFamily
from marketplace.catalog.services import release_family
from payments.gateway_types import RefundRecord
from payments.locks import lock_order
from payments.models import Order, Refund
from payments.services import orders, reconciliation
from payments.services.refunds import create_at_stripe
from payments.states import TRANSITIONS, State, move_order
from tests.payments.stateful.disturbance import Disturbance
from tests.payments.stateful.world import World


def lift_lock_and_uniqueness(world: World) -> None:
    """Another buyer comes between the last look and writing the hold, and no constraint has the last word."""

    def read_family(*, family_id: int) -> TrackFamily:
        return TrackFamily.objects.get(pk=family_id)

    def choose_late(*arguments: Any) -> tuple[str, int]:
        world.boundaries.overtake_now()
        return choose_price(*arguments)

    choose_price = orders._choose_price
    world.patch.setattr(orders, "lock_family", read_family)
    world.patch.setattr(orders, "_choose_price", choose_late)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX order_one_hold_per_family")
        cursor.execute("DROP INDEX order_one_sale_per_family")


def take_every_telling_for_a_payment(world: World) -> None:
    """No deduplication: an event is acted on each time, and a sale that is told again is a payment that came again."""
    world.does_deduplicate = False
    world.patch.setitem(TRANSITIONS, State.SOLD, TRANSITIONS[State.SOLD] | TRANSITIONS[State.EXPIRED])  # type: ignore[arg-type]


def stop_the_reconciler(world: World) -> None:
    world.does_reconcile = False


def release_on_timer(world: World) -> None:
    """The reconciler believes the clock and asks nobody."""
    ask = reconciliation.check_order

    def believe_the_clock(order: Order) -> str:
        return _release(order) if order.state == State.OPEN and order.expires_at <= world.now() else ask(order)

    world.patch.setattr(reconciliation, "check_order", believe_the_clock)


@transaction.atomic
def _release(order: Order) -> str:
    family, locked = lock_order(order=order)
    if locked.state == State.OPEN:
        move_order(order=locked, to=State.EXPIRED, actor="timer", reason="Its time is up.")
        release_family(family=family)
    return locked.state


def forget_created_orders(world: World) -> None:
    """Nobody comes back to an order whose checkout was never opened."""
    others = {state: patience for state, patience in reconciliation.PATIENCE.items() if state != State.CREATED}
    world.patch.setattr(reconciliation, "PATIENCE", others)
    overdue = reconciliation._overdue_orders
    world.patch.setattr(
        reconciliation,
        "_overdue_orders",
        lambda now: [order for order in overdue(now) if order.state != State.CREATED],
    )


def refund_without_regard(world: World) -> None:
    """The whole debt is asked for, whatever part of it somebody gave back in Stripe's dashboard."""

    def create_in_full(order: Order, refund: Refund, **_request: object) -> RefundRecord:
        return create_at_stripe(order, refund, amount=refund.amount)

    world.patch.setattr("payments.services.refunds.create_at_stripe", create_in_full)


def two_clicks_together(world: World) -> None:
    world.perform("click", 0, 0, Disturbance(at=99, what="click", who=1, which=0))


def same_event_twice(world: World) -> None:
    world.perform("click", 0, 0)
    world.perform("pay", 0, 1)
    for _ in range(2):
        world.perform("deliver", 0, 1)


def event_that_is_lost(world: World) -> None:
    world.perform("click", 0, 0)
    world.perform("pay", 0, 1)


def hold_that_ends_sooner_here_than_at_stripe(world: World) -> None:
    world.perform("click", 0, 0)
    world.pass_time(1870)
    world.perform("sweep", 0, 1)


def order_that_never_reaches_stripe(world: World) -> None:
    world.perform("fault", 1, 0)
    world.perform("click", 0, 0)


def debt_of_which_a_part_went_back(world: World) -> None:
    world.perform("click", 0, 0)
    world.perform("mischarge", 0, 0)
    world.perform("pay", 0, 1)
    world.perform("refund_in_dashboard", 0, 1)
    world.perform("come_back", 0, 0)


@dataclass(frozen=True)
class Guard:
    """`schedule` reaches the case that it is there for; `words` are those in which its lack is noticed."""

    switch_off: Callable[[World], None]
    schedule: Callable[[World], None]
    words: str


GUARDS: Mapping[str, Guard] = {
    "lock and uniqueness": Guard(lift_lock_and_uniqueness, two_clicks_together, "a family is held twice"),
    "deduplication": Guard(take_every_telling_for_a_payment, same_event_twice, "ownership-without-sale"),
    "reconciler": Guard(stop_the_reconciler, event_that_is_lost, "payment-without-sale"),
    "only Stripe ends a hold": Guard(
        release_on_timer, hold_that_ends_sooner_here_than_at_stripe, "can pay for a track that is not held"
    ),
    "recovery of created orders": Guard(
        forget_created_orders, order_that_never_reaches_stripe, "stuck-hold.* created since"
    ),
    "only the rest is refunded": Guard(
        refund_without_regard, debt_of_which_a_part_went_back, "more went back than was paid"
    ),
}
