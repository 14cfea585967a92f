"""A crowd in one process: the first goes to the database, the others wait for it and are told what it committed."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.errors import ConflictError
from payments.locks import take_turn
from payments.models import Order
from payments.queries import Holder, retry_time
from payments.services import orders
from payments.services.orders import hold_track
from tests.concurrency.conftest import race
from tests.payments.conftest import company_of

CROWD = 8
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOLDER = Holder(uuid.uuid4(), NOW, NOW, NOW)


@pytest.fixture
def all_have_come(monkeypatch: pytest.MonkeyPatch) -> threading.Barrier:
    """Passed by the first, within its turn, and by each of the others once it is about to wait for that turn's end."""
    everybody = threading.Barrier(CROWD)

    class Announced(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            everybody.wait()
            return super().wait(timeout)

    monkeypatch.setattr("payments.locks.threading", SimpleNamespace(Event=Announced, get_ident=threading.get_ident))
    return everybody


def take_turns(everybody: threading.Barrier, *, fails: bool = False) -> tuple[list[str], list[Exception | None]]:
    told: list[str] = []

    def come() -> None:
        with take_turn(family_id=1):
            if told:
                told.append("other")
                return
            told.append("first begins")
            everybody.wait()
            told.append("first ends")
            if fails:
                raise ConflictError("The track was withdrawn.")

    return told, race([come] * CROWD)


def test_others_go_on_once_the_first_is_done_and_none_before(all_have_come: threading.Barrier) -> None:
    told, answers = take_turns(all_have_come)
    assert told == ["first begins", "first ends", *["other"] * (CROWD - 1)]
    assert answers == [None] * CROWD


def test_first_that_fails_keeps_nobody_waiting(all_have_come: threading.Barrier) -> None:
    told, answers = take_turns(all_have_come, fails=True)
    assert told == ["first begins", "first ends", *["other"] * (CROWD - 1)]
    assert sorted(type(answer).__name__ for answer in answers) == ["ConflictError", *["NoneType"] * (CROWD - 1)]


def test_thread_does_not_wait_for_itself_nor_for_another_family() -> None:
    entered = []
    with take_turn(family_id=1), take_turn(family_id=2), take_turn(family_id=1):
        entered.append("within its own turn")
    with take_turn(family_id=1):
        entered.append("after it")
    assert entered == ["within its own turn", "after it"]


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_who_waited_is_refused_without_a_look_and_who_comes_after_looks(
    make_user: Callable[..., User],
    make_track: Callable[..., Track],
    all_have_come: threading.Barrier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track, users = make_track(), [make_user() for _ in range(CROWD + 1)]
    companies = [company_of(user) for user in users]
    create = orders._create_order

    def create_once_all_wait(**request: Any) -> Order:
        all_have_come.wait()
        return create(**request)

    monkeypatch.setattr(orders, "_create_order", create_once_all_wait)

    def hold(number: int) -> tuple[str, int]:
        with CaptureQueriesContext(connection) as asked:
            try:
                hold_track(company=companies[number], user=users[number], track=track, actor="buyer")
            except ConflictError as refusal:
                return f"{refusal.code} until {refusal.extra['retry_at']}", len(asked)
        return "held", len(asked)

    answers = race([partial(hold, number) for number in range(CROWD)])
    retry_at = retry_time(held_until=Order.objects.get().expires_at)
    refused = f"track_reserved until {retry_at:%Y-%m-%dT%H:%M:%S}Z"
    assert Counter(answers) == {("held", 10): 1, (refused, 0): CROWD - 1}
    assert hold(CROWD) == (refused, 1)


def test_who_comes_after_the_hold_was_written_is_told_nothing() -> None:
    """It may have been released again: only a look can tell."""
    with take_turn(family_id=1) as first:
        first.close()
        with take_turn(family_id=1) as second:
            assert first.thread == second.thread
            first.tell(HOLDER)
        assert second.holder is None


def test_hold_that_was_only_found_is_told_to_nobody(all_have_come: threading.Barrier) -> None:
    heard: list[Holder | None] = []

    def come() -> None:
        with take_turn(family_id=1) as turn:
            if not heard:
                heard.append(turn.holder)
                all_have_come.wait()
                turn.tell(HOLDER)
            else:
                heard.append(turn.holder)

    race([come] * CROWD)
    assert heard == [None] * CROWD


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_hold_takes_ten_statements_and_a_refusal_one(
    make_user: Callable[..., User], make_track: Callable[..., Track]
) -> None:
    """Two hundred at once share one processor's time: a statement more for each is felt by all."""
    track, (buyer, rival) = make_track(), (make_user(), make_user())
    companies = company_of(buyer), company_of(rival)
    with CaptureQueriesContext(connection) as asked:
        hold_track(company=companies[0], user=buyer, track=track, actor="buyer")
    assert len(asked) == 10, [query["sql"][:80] for query in asked]
    with CaptureQueriesContext(connection) as asked, pytest.raises(ConflictError):
        hold_track(company=companies[1], user=rival, track=track, actor="buyer")
    assert len(asked) == 1
