"""Which state an order may go to from where, in one table, and the only function that takes it there."""

from collections.abc import Mapping

from django.db import transaction

from payments.models import Order, OrderTransition

State = Order.State

# Money decides: whatever else happened to an order, a payment that arrives ends in a sale or in a refund.
_PAID = frozenset({State.SOLD, State.REFUND_DUE})

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.CREATED: _PAID | {State.OPEN, State.PROCESSING, State.FAILED, State.EXPIRED, State.CANCELED},
    State.OPEN: _PAID | {State.PROCESSING, State.FAILED, State.EXPIRING, State.EXPIRED},
    State.PROCESSING: _PAID | {State.FAILED},
    State.EXPIRING: _PAID | {State.PROCESSING, State.FAILED, State.CANCELED},
    State.EXPIRED: _PAID,
    State.CANCELED: _PAID,
    State.FAILED: _PAID,
    State.SOLD: frozenset({State.DISPUTED, State.REFUNDED_AFTER_SALE}),
    State.DISPUTED: frozenset({State.SOLD, State.DISPUTE_LOST}),
    State.REFUND_DUE: frozenset({State.REFUND_PENDING, State.REFUNDED, State.REFUND_FAILED}),
    State.REFUND_PENDING: frozenset({State.REFUNDED, State.REFUND_FAILED}),
    State.REFUNDED: frozenset({State.REFUND_FAILED}),  # a bank can send a refund back days later
    State.REFUND_FAILED: frozenset({State.REFUND_DUE, State.REFUNDED}),
    State.DISPUTE_LOST: frozenset(),
    State.REFUNDED_AFTER_SALE: frozenset(),
}


class ForbiddenTransitionError(Exception):
    """The code asked for a step that the table does not have: a defect, never a user's doing."""


def move_order(
    *, order: Order, to: State, actor: str, reason: str, stripe_ids: Mapping[str, str] | None = None
) -> None:
    """Take the order to another state and write its history, both or neither, under the order's row lock."""
    with transaction.atomic():
        stored = State(Order.objects.select_for_update().get(pk=order.pk).state)
        if to not in TRANSITIONS[stored]:
            raise ForbiddenTransitionError(f"Order {order.pk}: {stored} → {to} is not in the table ({reason}).")
        Order.objects.filter(pk=order.pk).update(state=to)
        record_transition(order=order, from_state=stored, to=to, actor=actor, reason=reason, stripe_ids=stripe_ids)
    order.state = to


def record_transition(
    *, order: Order, from_state: str, to: State, actor: str, reason: str, stripe_ids: Mapping[str, str] | None = None
) -> None:
    OrderTransition.objects.create(
        order=order,
        from_state=from_state,
        to_state=to,
        actor=actor[:80],
        reason=reason[:300],
        stripe_ids=dict(stripe_ids or {}),
    )
