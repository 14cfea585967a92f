"""Money that goes back after a sale, by an administrator or in Stripe's dashboard, and what becomes of the rights."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.errors import ConflictError, InvalidInputError, NotFoundError
from marketplace.rights.queries import owner_of
from marketplace.rights.services import note_download
from payments.models import Order, Refund
from payments.sandbox.server import Sandbox
from payments.services import fulfil, look_for_returns, process_event, reconcile, request_refund, settle_returns
from payments.services.events import MAX_ATTEMPTS
from tests.payments.conftest import EVERY_TRY, REFUND, buy, company_of, deliver, history_of, last_event, send, state_of

State = Order.State

pytestmark = pytest.mark.any_database


def status_of(track: Track) -> str:
    return Track.objects.get(pk=track.pk).status


def refunds_of(order: Order) -> list[tuple[int, str]]:
    return list(order.refunds.order_by("pk").values_list("amount", "state"))


def download(order: Order) -> None:
    file = order.track.files.get(name="track.wav")
    note_download(file=file, company=order.company, user=order.user, is_continuation=False)


def test_refund_in_the_dashboard_ends_the_rights_and_the_track_is_for_sale_again(
    sale: Order, sandbox: Sandbox, track: Track, rival: User
) -> None:
    sandbox.refund(sale.session_id)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    assert history_of(sale) == ["created", "open", "sold", "refunded_after_sale"]
    assert owner_of(track.family) is None
    assert status_of(track) == Track.Status.ON_SALE
    assert refunds_of(sale) == [(24_900, "succeeded")]
    second = buy(rival, track)
    sandbox.pay(second.session_id)
    fulfil(session_id=second.session_id, actor="webhook")
    assert owner_of(track.family) == company_of(rival)


def test_refund_of_a_downloaded_track_retires_it_for_good(
    sale: Order, sandbox: Sandbox, track: Track, rival: User
) -> None:
    download(sale)
    sandbox.refund(sale.session_id)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    assert state_of(sale) == State.REFUNDED_AFTER_SALE
    assert owner_of(track.family) is None
    track.refresh_from_db()
    track.family.refresh_from_db()
    assert track.family.retired_at is not None
    with pytest.raises(NotFoundError):
        buy(rival, track)


def test_same_refund_told_by_every_road_ends_the_sale_once(sale: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.refund(sale.session_id)
    event = last_event(sandbox, "refund.created")
    for number, kind in enumerate(("refund.created", "refund.updated", "charge.refunded", "refund.created")):
        deliver(event | {"id": f"evt_{number}", "type": kind}, sandbox)
    look_for_returns()
    assert history_of(sale) == ["created", "open", "sold", "refunded_after_sale"]
    assert refunds_of(sale) == [(24_900, "succeeded")]
    assert track.family.ownership_entries.filter(kind="revocation").count() == 1


def test_refund_that_no_event_told_of_is_found_in_stripes_list(sale: Order, sandbox: Sandbox, track: Track) -> None:
    assert look_for_returns() == {}
    sandbox.refund(sale.session_id)
    assert look_for_returns() == {"refunded_after_sale": 1}
    assert look_for_returns() == {}
    assert owner_of(track.family) is None


def test_sale_and_refund_whose_events_come_the_wrong_way_round_end_without_an_owner(
    order: Order, sandbox: Sandbox, track: Track
) -> None:
    sandbox.pay(order.session_id)
    sandbox.refund(order.session_id)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    look_for_returns()
    assert history_of(order) == ["created", "open", "sold", "refunded_after_sale"]
    assert owner_of(track.family) is None


def test_refund_of_a_part_leaves_the_sale_and_is_shown(
    sale: Order, sandbox: Sandbox, track: Track, buyer: User, client_for: Callable[[User], Client]
) -> None:
    sandbox.refund(sale.session_id, amount=4_900)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    assert state_of(sale) == State.SOLD
    assert owner_of(track.family) == company_of(buyer)
    assert refunds_of(sale) == [(4_900, "succeeded")]
    page = client_for(buyer).get(reverse("payments:order", args=[sale.pk])).content.decode()
    assert "49.00" in page
    sandbox.refund(sale.session_id)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    assert state_of(sale) == State.REFUNDED_AFTER_SALE
    assert refunds_of(sale) == [(4_900, "succeeded"), (20_000, "succeeded")]


def test_rights_stay_until_a_pending_refund_has_arrived(sale: Order, sandbox: Sandbox, track: Track) -> None:
    sandbox.account.refund_status = "pending"
    refund = sandbox.refund(sale.session_id)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    assert state_of(sale) == State.SOLD
    sandbox.settle_refund(refund["id"], status="succeeded")
    assert reconcile(now=timezone.now() + timedelta(minutes=3)) == {"refunded_after_sale": 1}
    assert owner_of(track.family) is None


def test_refund_that_bounces_after_the_rights_ended_calls_a_person(
    sale: Order, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    refund = sandbox.refund(sale.session_id)
    deliver(last_event(sandbox, "refund.created"), sandbox)
    sandbox.settle_refund(refund["id"], status="failed")
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        deliver(last_event(sandbox, "refund.failed"), sandbox)
    assert "neither money nor track" in Order.objects.get(pk=sale.pk).needs_person
    request_refund(order=sale, amount=24_900, reason="Once more.", actor="admin ada@example.com")
    assert refunds_of(sale) == [(24_900, "failed"), (24_900, "succeeded")]


def test_administrator_refunds_all_with_a_reason(
    sale: Order, sandbox: Sandbox, track: Track, buyer: User, client_for: Callable[[User], Client]
) -> None:
    settled = request_refund(order=sale, amount=24_900, reason="The mix was faulty.", actor="admin ada@example.com")
    assert settled.state == State.REFUNDED_AFTER_SALE
    refund = Refund.objects.get()
    assert (refund.state, refund.reason, refund.requested_by) == (
        "succeeded",
        "The mix was faulty.",
        "admin ada@example.com",
    )
    assert [made["amount"] for made in sandbox.list_kind("refund")] == [24_900]
    assert owner_of(track.family) is None
    page = client_for(buyer).get(reverse("payments:order", args=[sale.pk])).content.decode()
    assert "your rights in this track have ended" in page
    assert "The mix was faulty." in page


@pytest.mark.parametrize("lose", ["lose_request", "lose_reply"])
def test_crash_around_an_administrators_refund_makes_one_refund(sale: Order, sandbox: Sandbox, lose: str) -> None:
    getattr(sandbox.faults, lose)(*REFUND, times=EVERY_TRY)
    request_refund(order=sale, amount=4_900, reason="Late.", actor="admin")
    assert refunds_of(sale) == [(4_900, "due")]
    with pytest.raises(ConflictError):
        request_refund(order=sale, amount=4_900, reason="Late.", actor="admin")
    assert reconcile(now=timezone.now() + timedelta(minutes=3)) == {"sold": 1}
    settle_returns(order=sale, actor="second worker")
    assert refunds_of(sale) == [(4_900, "succeeded")]
    assert [made["amount"] for made in sandbox.list_kind("refund")] == [4_900]


def test_refund_that_was_due_while_somebody_gave_all_back_elsewhere_is_not_made_as_well(
    sale: Order, sandbox: Sandbox
) -> None:
    """The sandbox would allow it here: Stripe's own refusal must not be what saves us."""
    sandbox.account.allows_overpaid_refunds = True
    sandbox.faults.lose_request(*REFUND, times=EVERY_TRY)
    request_refund(order=sale, amount=24_900, reason="Late.", actor="admin")
    sandbox.refund(sale.session_id)
    settled = settle_returns(order=sale, actor="reconciler")
    assert settled.state == State.REFUNDED_AFTER_SALE
    assert [made["amount"] for made in sandbox.list_kind("refund")] == [24_900]
    assert "given back elsewhere" in Order.objects.get(pk=sale.pk).needs_person


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [(0, "x", "amount"), (24_901, "x", "amount"), (1, "  ", "reason"), (1, "x" * 301, "reason")],
)
def test_refund_of_what_is_not_left_or_without_a_reason_is_refused(
    sale: Order, sandbox: Sandbox, amount: int, reason: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        request_refund(order=sale, amount=amount, reason=reason, actor="admin")
    assert list(refusal.value.fields) == [field]
    assert not Refund.objects.exists()
    assert sandbox.list_kind("refund") == []


def test_two_refunds_together_never_exceed_the_price(sale: Order) -> None:
    request_refund(order=sale, amount=20_000, reason="Part.", actor="admin")
    with pytest.raises(InvalidInputError):
        request_refund(order=sale, amount=4_901, reason="Part.", actor="admin")


def test_order_that_was_never_sold_is_not_refundable(order: Order) -> None:
    with pytest.raises(ConflictError):
        request_refund(order=order, amount=1, reason="Why not.", actor="admin")


def test_refund_that_stripe_refuses_leaves_the_rights_and_calls_a_person(
    sale: Order, sandbox: Sandbox, track: Track, buyer: User
) -> None:
    sandbox.faults.answer(*REFUND, status=400)
    request_refund(order=sale, amount=24_900, reason="Wish.", actor="admin")
    assert state_of(sale) == State.SOLD
    assert refunds_of(sale) == [(24_900, "failed")]
    assert "refused" in Order.objects.get(pk=sale.pk).needs_person
    assert owner_of(track.family) == company_of(buyer)


def test_event_that_fails_for_the_last_time_raises_an_alert(
    sale: Order, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.refund(sale.session_id)
    sandbox.change(sandbox.list_kind("refund")[0]["id"], amount="much")
    send(last_event(sandbox, "refund.created"), sandbox)
    event = sale_event()
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(Exception):  # noqa: B017, PT011  whatever it is
                process_event(event_id=event.pk)
    alerts = [record for record in caplog.records if record.name == "payments.alerts"]
    assert ["given up" in record.getMessage() for record in alerts] == [True]


def test_stripes_silence_never_uses_an_event_up(sale: Order, sandbox: Sandbox) -> None:
    from payments.gateway_types import GatewayUnavailableError

    sandbox.refund(sale.session_id)
    send(last_event(sandbox, "refund.created"), sandbox)
    event = sale_event()
    sandbox.faults.answer("GET", "/v1/refunds", status=500, times=EVERY_TRY * (MAX_ATTEMPTS + 1))
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(GatewayUnavailableError):
            process_event(event_id=event.pk)
    event.refresh_from_db()
    assert event.attempts == 0
    process_event(event_id=event.pk)
    assert state_of(sale) == State.REFUNDED_AFTER_SALE


def sale_event():
    from payments.models import WebhookEvent

    return WebhookEvent.objects.get()
