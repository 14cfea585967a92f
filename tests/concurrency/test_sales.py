"""Many buyers, one track. Each guard holds alone; with all of them off the track is oversold, so the race is real."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from stripe._http_client import HTTPClient

from accounts.models import Company, User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.services import lock_family
from marketplace.errors import ConflictError
from marketplace.rights.models import OwnershipEntry
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil, orders, place_order, process_event, reconcile, store_event
from payments.services.orders import _reserve
from tests.concurrency.conftest import race
from tests.payments.conftest import last_event

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

BUYERS = 20


@pytest.fixture
def crowd(make_user: Callable[..., User]) -> list[User]:
    return [make_user(f"buyer{number}@example.com") for number in range(BUYERS)]


def count_answers(answers: list[Any]) -> Counter[str]:
    return Counter(answer.code if isinstance(answer, ConflictError) else type(answer).__name__ for answer in answers)


def company_of(user: User) -> Company:
    return user.memberships.select_related("company").get().company


def reserve_at_once(crowd: list[User], track: Track) -> list[Any]:
    """The transaction that holds the family, without Stripe."""
    companies = [company_of(user) for user in crowd]
    return race(
        [
            partial(_reserve, company=company, user=user, track=track, actor="buyer")
            for company, user in zip(companies, crowd, strict=True)
        ]
    )


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: everybody looks and finds the track free, and nobody writes before all have looked."""
    everybody, choose_price = threading.Barrier(BUYERS), orders._choose_price

    def choose_together(track: Track, currency: str) -> tuple[str, int]:
        everybody.wait()
        return choose_price(track, currency)

    monkeypatch.setattr(orders, "lock_family", lambda *, family_id: TrackFamily.objects.get(pk=family_id))
    monkeypatch.setattr(orders, "_choose_price", choose_together)
    if connection.vendor == "sqlite":
        # IMMEDIATE transactions are SQLite's lock: with them on, one reader at a time gets here.
        unguarded = SimpleNamespace(atomic=contextlib.nullcontext)
        monkeypatch.setattr("payments.services.orders.transaction", unguarded)


@pytest.fixture
def no_constraint() -> Any:
    """The other guard off: the database allows any number of holds."""
    constraint = next(one for one in Order._meta.constraints if one.name == "order_one_hold_per_family")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Order, constraint)
    yield
    Order.objects.all().update(state=Order.State.CANCELED)
    with connection.schema_editor() as editor:
        editor.add_constraint(Order, constraint)


def test_twenty_buyers_at_once_make_one_hold_and_nineteen_clean_refusals(
    sandbox: Sandbox, crowd: list[User], track: Track
) -> None:
    companies = [company_of(user) for user in crowd]
    answers = race(
        [
            partial(place_order, company=company, user=user, track=track)
            for company, user in zip(companies, crowd, strict=True)
        ]
    )
    assert count_answers(answers) == {"Order": 1, "track_reserved": BUYERS - 1}
    assert all("retry_at" in answer.extra for answer in answers if isinstance(answer, ConflictError))
    assert [order.state for order in Order.objects.all()] == [Order.State.OPEN]
    assert len(sandbox.list_kind("checkout.session")) == 1


def test_constraint_alone_allows_one_hold(no_lock: None, crowd: list[User], track: Track) -> None:
    answers = reserve_at_once(crowd, track)
    assert count_answers(answers) == {"Order": 1, "track_reserved": BUYERS - 1}


def test_lock_alone_allows_one_hold(no_constraint: None, crowd: list[User], track: Track) -> None:
    answers = reserve_at_once(crowd, track)
    assert count_answers(answers) == {"Order": 1, "track_reserved": BUYERS - 1}


def test_without_lock_and_constraint_the_track_is_oversold(
    no_lock: None, no_constraint: None, crowd: list[User], track: Track
) -> None:
    """The twin: every buyer gets the only one there is."""
    reserve_at_once(crowd, track)
    assert Order.objects.filter(family=track.family, state=Order.State.CREATED).count() == BUYERS


def test_twenty_clicks_of_one_company_make_one_order(
    sandbox: Sandbox, buyer: User, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All carry one idempotency key: those who come while the first is at work are told to come back, and do.
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0.5)
    monkeypatch.setattr(HTTPClient, "MAX_DELAY", 5)
    company = company_of(buyer)
    answers = race([partial(place_order, company=company, user=buyer, track=track)] * BUYERS)
    assert count_answers(answers) == {"Order": BUYERS}
    assert len({answer.pk for answer in answers}) == 1
    assert len(sandbox.list_kind("checkout.session")) == 1


def test_twenty_buyers_of_twenty_tracks_all_get_theirs(
    sandbox: Sandbox, crowd: list[User], make_track: Callable[..., Track]
) -> None:
    answers = race([partial(place_order, company=company_of(user), user=user, track=make_track()) for user in crowd])
    assert count_answers(answers) == {"Order": BUYERS}


def test_webhook_return_page_and_reconciler_at_once_make_one_sale(sandbox: Sandbox, buyer: User, track: Track) -> None:
    order = place_order(company=company_of(buyer), user=buyer, track=track)
    sandbox.pay(order.session_id)
    event, _ = store_event(event=_as_signed(last_event(sandbox, "checkout.session.completed")))
    answers = race(
        [
            *[partial(process_event, event_id=event.pk)] * 5,
            *[partial(fulfil, session_id=order.session_id, actor="return page")] * 5,
            *[partial(reconcile, now=order.expires_at)] * 2,
        ]
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert [step.to_state for step in order.transitions.all()] == ["created", "open", "sold"]
    assert OwnershipEntry.objects.filter(kind="transfer").count() == 1


def test_two_paid_sessions_settled_at_once_make_one_sale_and_one_refund(
    sandbox: Sandbox, buyer: User, rival: User, track: Track
) -> None:
    orders = []
    for user in (buyer, rival):
        order = place_order(company=company_of(user), user=user, track=track)
        sandbox.pay(order.session_id)
        Order.objects.filter(pk=order.pk).update(state=Order.State.EXPIRED)
        TrackFamily.objects.filter(pk=track.family_id).update(held_until=None)
        orders.append(order)
    race([partial(fulfil, session_id=order.session_id, actor="webhook") for order in orders * 3])
    states = sorted(Order.objects.values_list("state", flat=True))
    assert states == ["refunded", "sold"]
    assert OwnershipEntry.objects.filter(kind="transfer").count() == 1
    assert [refund["amount"] for refund in sandbox.list_kind("refund")] == [24_900]


def test_lock_of_the_family_is_the_real_one() -> None:
    """What the twins replace is what the service uses."""
    assert orders.lock_family is lock_family


def _as_signed(event: dict[str, Any]) -> Any:
    from payments.gateway_types import SignedEvent

    return SignedEvent(id=event["id"], type=event["type"], livemode=event["livemode"], payload=event)
