"""The table of transitions, and the history that is written with every step."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.catalog.models import Track
from payments.diagram import PATH, draw_states
from payments.models import Order
from payments.states import TRANSITIONS, ForbiddenTransitionError, State, move_order
from tests.payments.conftest import history_of, state_of


def test_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_but_the_first_can_be_reached() -> None:
    reached = {State.CREATED}
    while new := {to for state in reached for to in TRANSITIONS[state]} - reached:
        reached |= new
    assert reached == set(State)


def test_payment_is_answered_from_every_state_before_it() -> None:
    before = {State.CREATED, State.OPEN, State.PROCESSING, State.EXPIRING, State.EXPIRED, State.CANCELED, State.FAILED}
    for state in before:
        assert {State.SOLD, State.REFUND_DUE} <= TRANSITIONS[state]


def test_step_that_is_not_in_the_table_is_refused_and_leaves_no_trace(order: Order) -> None:
    with pytest.raises(ForbiddenTransitionError):
        move_order(order=order, to=State.REFUNDED, actor="test", reason="No.")
    assert state_of(order) == State.OPEN
    assert history_of(order) == ["created", "open"]


def test_step_is_judged_by_the_stored_state_not_by_a_stale_copy(order: Order) -> None:
    stale = Order.objects.get(pk=order.pk)
    move_order(order=order, to=State.EXPIRED, actor="test", reason="Gone.")
    with pytest.raises(ForbiddenTransitionError):
        move_order(order=stale, to=State.EXPIRING, actor="test", reason="No.")


def test_history_is_append_only(order: Order) -> None:
    entry = order.transitions.first()
    entry.reason = "Something else."
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    assert history_of(order) == ["created", "open"]


@pytest.mark.any_database
@pytest.mark.parametrize(("first", "second"), [("open", "created"), ("open", "expiring"), ("sold", "disputed")])
def test_database_refuses_a_second_hold_and_a_second_sale(order: Order, track: Track, first: str, second: str) -> None:
    Order.objects.filter(pk=order.pk).update(state=first)
    twin = Order.objects.get(pk=order.pk)
    twin.pk, twin.session_id, twin.idempotency_key, twin.state = None, None, "another", second
    twin._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    assert Order.objects.filter(family=track.family).count() == 1


def test_diagram_in_the_documentation_is_that_of_the_code() -> None:
    """Draw it anew with `manage.py draw_states`."""
    text = PATH.read_text(encoding="utf-8")
    assert text == draw_states()
    assert text.count(" --> ") == 1 + sum(len(steps) or 1 for steps in TRANSITIONS.values())
