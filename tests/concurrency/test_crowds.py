"""Two hundred buyers at once on PostgreSQL: on one track, and on fifty, with every webhook three times."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.errors import ConflictError
from marketplace.rights.models import OwnershipEntry
from payments.books import check_books
from payments.models import Order, WebhookEvent
from payments.sandbox.server import Sandbox
from payments.services import place_order, process_event
from payments.states import State
from tests.concurrency.conftest import race
from tests.payments.conftest import company_of, send

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

BUYERS, TRACKS = 200, 50


@pytest.fixture
def crowd(make_user: Callable[..., User]) -> list[User]:
    return [make_user(f"buyer{number}@example.com") for number in range(BUYERS)]


def count_answers(answers: list[Any]) -> Counter[str]:
    return Counter(answer.code if isinstance(answer, ConflictError) else type(answer).__name__ for answer in answers)


def count_deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def buy_at_once(crowd: list[User], tracks: list[Track]) -> list[Any]:
    buyers = [(user, company_of(user), tracks[number % len(tracks)]) for number, user in enumerate(crowd)]
    return race([partial(place_order, company=company, user=user, track=track) for user, company, track in buyers])


def deliver_thrice(sandbox: Sandbox) -> list[Any]:
    """Each event by three threads at once, through the webhook and a worker."""

    def deliver(event: dict[str, Any]) -> str:
        response = send(event, sandbox)
        assert response.status_code == 200
        return process_event(event_id=WebhookEvent.objects.get(event_id=event["id"]).pk).outcome

    return race([partial(deliver, event) for event in sandbox.list_kind("event")] * 3)


def test_two_hundred_buyers_of_one_track_make_one_sale(sandbox: Sandbox, crowd: list[User], track: Track) -> None:
    deadlocks = count_deadlocks()
    answers = buy_at_once(crowd, [track])
    assert count_answers(answers) == {"Order": 1, "track_reserved": BUYERS - 1}
    assert all("retry_at" in answer.extra for answer in answers if isinstance(answer, ConflictError))
    sandbox.pay(Order.objects.get().session_id)
    assert not [answer for answer in deliver_thrice(sandbox) if isinstance(answer, Exception)]
    assert Order.objects.get().state == State.SOLD
    assert OwnershipEntry.objects.filter(kind="transfer").count() == 1
    assert check_books() == []
    assert count_deadlocks() == deadlocks


def test_two_hundred_buyers_of_fifty_tracks_make_fifty_sales(
    sandbox: Sandbox, crowd: list[User], make_track: Callable[..., Track]
) -> None:
    deadlocks = count_deadlocks()
    answers = buy_at_once(crowd, [make_track() for _ in range(TRACKS)])
    assert count_answers(answers) == {"Order": TRACKS, "track_reserved": BUYERS - TRACKS}
    for order in Order.objects.all():
        sandbox.pay(order.session_id)
    assert not [answer for answer in deliver_thrice(sandbox) if isinstance(answer, Exception)]
    assert Counter(Order.objects.values_list("state", flat=True)) == {State.SOLD: TRACKS}
    assert OwnershipEntry.objects.filter(kind="transfer").count() == TRACKS
    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert check_books() == []
    assert count_deadlocks() == deadlocks
