"""Reserving a track: one hold, clean refusals, and nothing lost on the way to Stripe."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Company, User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.services import reprice_track
from marketplace.errors import ConflictError, NotFoundError, PermissionRefusedError, UnavailableError
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import cancel_order, fulfil, place_order, reconcile
from tests.payments.conftest import (
    CREATE,
    EVERY_TRY,
    EXPIRE,
    RETRIEVE,
    buy,
    company_of,
    history_of,
    state_of,
)

State = Order.State

pytestmark = pytest.mark.any_database


def refuse(user: User, track: Track) -> ConflictError:
    before = Order.objects.count()
    with pytest.raises(ConflictError) as caught:
        buy(user, track)
    assert Order.objects.count() == before
    return caught.value


def test_order_holds_the_track_and_has_a_checkout(order: Order, sandbox: Sandbox, track: Track) -> None:
    assert order.state == State.OPEN
    assert order.checkout_url == f"{sandbox.url}/c/pay/{order.session_id}"
    assert (order.amount, order.currency) == (24_900, "eur")
    track.family.refresh_from_db()
    assert track.family.held_until == order.expires_at
    assert history_of(order) == ["created", "open"]


def test_stripe_is_told_the_order_in_all_three_places(order: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.pay(order.session_id)
    session = sandbox.list_kind("checkout.session")[0]
    intent = sandbox.list_kind("payment_intent")[0]
    names = {"order_id": str(order.pk), "track_id": str(track.pk)}
    assert session["client_reference_id"] == str(order.pk)
    assert session["metadata"] == names
    assert intent["metadata"] == names
    assert session["expires_at"] == int(order.expires_at.timestamp())


def test_second_buyer_is_refused_and_told_when_to_try_again(order: Order, rival: User, track: Track) -> None:
    error = refuse(rival, track)
    assert error.code == "track_reserved"
    retry_at = datetime.fromisoformat(str(error.extra["retry_at"]))
    assert order.expires_at <= retry_at <= order.expires_at + timedelta(minutes=1)
    assert f"{retry_at:%H:%M}" in error.message


def test_second_buyer_is_told_that_the_track_is_sold(order: Order, sandbox: Sandbox, rival: User, track: Track) -> None:
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    assert refuse(rival, track).code == "track_sold"


def test_second_click_returns_to_the_same_checkout(order: Order, sandbox: Sandbox, buyer: User, track: Track) -> None:
    again = buy(buyer, track)
    assert (again.pk, again.checkout_url) == (order.pk, order.checkout_url)
    assert len(sandbox.list_kind("checkout.session")) == 1


def test_colleague_of_the_buyer_gets_the_same_checkout(
    order: Order, buyer: User, track: Track, make_user: Callable[..., User]
) -> None:
    colleague = make_user(company=company_of(buyer))
    assert buy(colleague, track).pk == order.pk


def test_click_after_paying_finds_the_sale(order: Order, sandbox: Sandbox, buyer: User, track: Track) -> None:
    sandbox.pay(order.session_id)
    assert buy(buyer, track).state == State.SOLD
    assert Order.objects.count() == 1


def test_draft_is_sold_to_its_own_company_only(
    sandbox: Sandbox, buyer: User, rival: User, make_track: Callable[..., Track]
) -> None:
    draft = make_track(company=company_of(buyer), draft=True)
    with pytest.raises(NotFoundError):
        buy(rival, draft)
    assert buy(buyer, draft).state == State.OPEN
    with pytest.raises(NotFoundError):
        buy(rival, draft)


def test_withdrawn_track_is_refused(sandbox: Sandbox, buyer: User, make_track: Callable[..., Track]) -> None:
    track = make_track(company=company_of(buyer), publication="withdrawn", withdrawn_reason="Not good enough.")
    assert refuse(buyer, track).code == "track_withdrawn"


def test_unclaimed_company_of_a_visitor_cannot_buy(sandbox: Sandbox, buyer: User, track: Track) -> None:
    visitors = Company.objects.create(name="Visitor", is_claimed=False)
    with pytest.raises(PermissionRefusedError):
        place_order(company=visitors, user=buyer, track=track)
    assert not Order.objects.exists()


def test_price_is_frozen_when_the_order_is_placed(order: Order, sandbox: Sandbox, track: Track) -> None:
    reprice_track(track=track, amount=99_900, currency="usd")
    sandbox.pay(order.session_id)
    assert fulfil(session_id=order.session_id, actor="webhook").state == State.SOLD


def test_declined_card_keeps_the_hold(order: Order, sandbox: Sandbox, rival: User, track: Track) -> None:
    from payments.sandbox.checkout import CardDeclinedError

    with pytest.raises(CardDeclinedError):
        sandbox.pay(order.session_id, card="4000000000000002")
    fulfil(session_id=order.session_id, actor="return page")
    assert state_of(order) == State.OPEN
    assert refuse(rival, track).code == "track_reserved"


def test_silent_stripe_keeps_the_order_and_a_second_click_opens_it(sandbox: Sandbox, buyer: User, track: Track) -> None:
    sandbox.faults.answer(*CREATE, status=500, times=EVERY_TRY)
    with pytest.raises(UnavailableError) as caught:
        buy(buyer, track)
    assert "again in a minute" in caught.value.message
    waiting = Order.objects.get()
    assert waiting.state == State.CREATED
    assert buy(buyer, track).pk == waiting.pk
    assert history_of(waiting) == ["created", "open"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_short_storm_is_ridden_out_by_the_client(sandbox: Sandbox, buyer: User, track: Track, status: int) -> None:
    if status == 429:
        sandbox.faults.answer(*CREATE, status=status)
        with pytest.raises(UnavailableError):
            buy(buyer, track)
    else:
        sandbox.faults.answer(*CREATE, status=status, times=EVERY_TRY - 1)
    assert buy(buyer, track).state == State.OPEN
    assert len(sandbox.list_kind("checkout.session")) == 1


def test_lost_reply_to_create_finds_the_same_session_again(sandbox: Sandbox, buyer: User, track: Track) -> None:
    sandbox.faults.lose_reply(*CREATE, times=EVERY_TRY)
    with pytest.raises(UnavailableError):
        buy(buyer, track)
    order = buy(buyer, track)
    assert [session["id"] for session in sandbox.list_kind("checkout.session")] == [order.session_id]


def test_crash_before_the_session_is_stored_is_recovered_by_the_reconciler(order: Order, sandbox: Sandbox) -> None:
    Order.objects.filter(pk=order.pk).update(session_id=None, state=State.CREATED, checkout_url="")
    assert reconcile(now=timezone.now() + timedelta(minutes=1))["open"] == 1
    recovered = Order.objects.get(pk=order.pk)
    assert (recovered.session_id, recovered.checkout_url) == (order.session_id, order.checkout_url)
    assert len(sandbox.list_kind("checkout.session")) == 1


def test_order_that_never_reached_stripe_is_dropped_and_the_track_is_free(
    sandbox: Sandbox, buyer: User, rival: User, track: Track
) -> None:
    sandbox.faults.lose_request(*CREATE, times=EVERY_TRY)
    with pytest.raises(UnavailableError):
        buy(buyer, track)
    stuck = Order.objects.get()
    # Two minutes later its expiry is less than thirty minutes ahead, and Stripe refuses it.
    sandbox.clock.advance(seconds=120)
    assert reconcile(now=timezone.now() + timedelta(minutes=2))["canceled"] == 1
    sandbox.clock.advance(seconds=-120)
    assert history_of(stuck) == ["created", "canceled"]
    assert buy(rival, track).state == State.OPEN


def test_session_hidden_behind_an_error_for_ever_is_found_in_stripes_list(
    order: Order, sandbox: Sandbox, track: Track
) -> None:
    """The key may replay a stored error all day. Past the expiry the list tells whether a session was paid."""
    sandbox.pay(order.session_id)
    long_ago = timezone.now() - timedelta(seconds=1)
    Order.objects.filter(pk=order.pk).update(session_id=None, state=State.CREATED, checkout_url="", expires_at=long_ago)
    sandbox.faults.answer(*CREATE, status=500, times=100)
    assert reconcile(now=timezone.now() + timedelta(minutes=1))["sold"] == 1


def test_cancel_expires_the_session_and_frees_the_track(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    assert cancel_order(order=order, actor="buyer").state == State.CANCELED
    assert sandbox.list_kind("checkout.session")[0]["status"] == "expired"
    assert history_of(order) == ["created", "open", "expiring", "canceled"]
    assert buy(rival, track).state == State.OPEN


def test_cancel_twice_is_the_same_as_once(order: Order) -> None:
    cancel_order(order=order, actor="buyer")
    cancel_order(order=Order.objects.get(pk=order.pk), actor="buyer")
    assert history_of(order) == ["created", "open", "expiring", "canceled"]


def test_cancel_that_races_a_payment_ends_in_the_sale(order: Order, sandbox: Sandbox) -> None:
    from payments.sandbox.faults import Fault

    def pay_first() -> None:
        sandbox.pay(order.session_id)

    sandbox.faults.add(Fault(*EXPIRE, before=pay_first))
    assert cancel_order(order=order, actor="buyer").state == State.SOLD
    assert history_of(order) == ["created", "open", "expiring", "sold"]


def test_cancel_of_a_paid_order_fulfils_it(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    assert cancel_order(order=order, actor="buyer").state == State.SOLD


def test_cancel_that_times_out_keeps_the_hold_until_stripe_has_spoken(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    sandbox.faults.lose_request(*EXPIRE, times=EVERY_TRY)
    with pytest.raises(UnavailableError):
        cancel_order(order=order, actor="buyer")
    assert state_of(order) == State.EXPIRING
    assert refuse(rival, track).code == "track_reserved"
    assert reconcile(now=timezone.now() + timedelta(minutes=1))["canceled"] == 1
    assert buy(rival, track).state == State.OPEN


def make_overdue(order: Order) -> None:
    past = timezone.now() - timedelta(seconds=30)
    Order.objects.filter(pk=order.pk).update(expires_at=past, checked_at=past)
    TrackFamily.objects.filter(pk=order.family_id).update(held_until=past)


def test_click_of_another_company_on_an_expired_hold_gets_the_track(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    """Nobody waits for a message that got lost."""
    make_overdue(order)
    sandbox.change(order.session_id, status="expired")
    assert buy(rival, track).state == State.OPEN
    assert state_of(order) == State.EXPIRED


def test_overdue_hold_stands_while_stripe_is_silent(order: Order, sandbox: Sandbox, rival: User, track: Track) -> None:
    make_overdue(order)
    sandbox.faults.answer(*RETRIEVE, status=500, times=EVERY_TRY)
    error = refuse(rival, track)
    assert error.code == "track_reserved"
    assert datetime.fromisoformat(str(error.extra["retry_at"])) > timezone.now()
    assert state_of(order) == State.OPEN
