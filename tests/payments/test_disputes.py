"""A dispute freezes the owner's access; won, all is as before; lost, the rights end."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.errors import ConflictError
from marketplace.rights.queries import owner_of
from payments.books import check_books
from payments.models import Dispute, Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil, look_for_returns, reconcile, request_refund, settle_disputes
from tests.payments.conftest import EVERY_TRY, REFUND, buy, deliver, history_of, last_event, state_of, tell_of_dispute

State = Order.State

pytestmark = pytest.mark.any_database


@pytest.fixture
def program(buyer: User, api_for: Callable[[User], APIClient]) -> APIClient:
    return api_for(buyer)


def status_of_download(program: APIClient, order: Order) -> int:
    return program.get(f"/api/v1/tracks/{order.track_id}/files/track.wav").status_code


def test_dispute_freezes_access_and_calls_a_person(
    sale: Order, sandbox: Sandbox, program: APIClient, track: Track, rival: User, caplog: pytest.LogCaptureFixture
) -> None:
    assert status_of_download(program, sale) == 200
    sandbox.dispute(sale.session_id)
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        tell_of_dispute(sandbox, "created")
    assert history_of(sale) == ["created", "open", "sold", "disputed"]
    assert status_of_download(program, sale) == 403
    assert owner_of(track.family) == sale.company
    assert [record.name for record in caplog.records if record.levelno == logging.ERROR] == ["payments.alerts"]
    assert "fraudulent" in Order.objects.get(pk=sale.pk).needs_person
    track.refresh_from_db()
    with pytest.raises(ConflictError):
        buy(rival, track)


def test_won_dispute_restores_access(sale: Order, sandbox: Sandbox, program: APIClient) -> None:
    dispute = sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    sandbox.close_dispute(dispute["id"], status="won")
    tell_of_dispute(sandbox, "closed")
    assert history_of(sale)[-2:] == ["disputed", "sold"]
    assert status_of_download(program, sale) == 200
    assert Order.objects.get(pk=sale.pk).needs_person == ""
    assert Dispute.objects.get().status == "won"


def test_lost_dispute_ends_the_rights_and_the_track_is_for_sale_again(
    sale: Order, sandbox: Sandbox, program: APIClient, track: Track, rival: User
) -> None:
    dispute = sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    sandbox.close_dispute(dispute["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    assert history_of(sale)[-2:] == ["disputed", "dispute_lost"]
    assert owner_of(track.family) is None
    assert status_of_download(program, sale) == 404
    assert buy(rival, Track.objects.get(pk=track.pk)).state == State.OPEN


def test_lost_dispute_retires_a_track_that_was_downloaded(
    sale: Order, sandbox: Sandbox, program: APIClient, track: Track
) -> None:
    status_of_download(program, sale)
    dispute = sandbox.dispute(sale.session_id)
    sandbox.close_dispute(dispute["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    assert state_of(sale) == State.DISPUTE_LOST
    assert Track.objects.get(pk=track.pk).family.retired_at is not None
    assert Track.objects.get(pk=track.pk).status == Track.Status.WITHDRAWN


def test_events_of_a_dispute_in_any_order_and_number_end_the_same(sale: Order, sandbox: Sandbox) -> None:
    dispute = sandbox.dispute(sale.session_id)
    created = last_event(sandbox, "charge.dispute.created")
    sandbox.close_dispute(dispute["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    deliver(created, sandbox)
    for number, kind in enumerate(("updated", "funds_withdrawn", "created")):
        deliver(created | {"id": f"evt_{number}", "type": f"charge.dispute.{kind}"}, sandbox)
    assert history_of(sale) == ["created", "open", "sold", "disputed", "dispute_lost"]
    assert Dispute.objects.count() == 1


def test_dispute_that_no_event_told_of_is_found_in_stripes_list(sale: Order, sandbox: Sandbox) -> None:
    dispute = sandbox.dispute(sale.session_id)
    assert look_for_returns() == {"disputed": 1}
    assert look_for_returns() == {}
    sandbox.close_dispute(dispute["id"], status="won")
    assert reconcile(now=timezone.now() + timedelta(minutes=61)) == {"sold": 1}


def test_inquiry_leaves_access_and_calls_a_person(sale: Order, sandbox: Sandbox, program: APIClient) -> None:
    """The bank asks, and has taken nothing."""
    dispute = sandbox.dispute(sale.session_id, status="warning_needs_response")
    tell_of_dispute(sandbox, "created")
    assert state_of(sale) == State.SOLD
    assert status_of_download(program, sale) == 200
    assert "inquires" in Order.objects.get(pk=sale.pk).needs_person
    sandbox.refund(sale.session_id)
    sandbox.close_dispute(dispute["id"], status="warning_closed")
    tell_of_dispute(sandbox, "closed")
    assert state_of(sale) == State.REFUNDED_AFTER_SALE


def test_disputed_order_is_not_refunded(sale: Order, sandbox: Sandbox) -> None:
    """The bank has the money already; it would go back twice."""
    sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    with pytest.raises(ConflictError):
        request_refund(order=sale, amount=24_900, reason="To make peace.", actor="admin")
    assert sandbox.list_kind("refund") == []


@pytest.fixture
def owed_and_disputed(sale: Order, sandbox: Sandbox) -> Order:
    """An administrator's refund that never reached Stripe, and then the bank took the money back."""
    sandbox.faults.lose_request(*REFUND, times=EVERY_TRY)
    request_refund(order=sale, amount=24_900, reason="To make peace.", actor="admin")
    sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    sale.refunds.update(created_at=timezone.now() - timedelta(days=1))
    assert [refund.state for refund in sale.refunds.all()] == ["due"]
    return sale


def test_refund_that_waits_for_a_disputes_end_is_no_finding(owed_and_disputed: Order) -> None:
    assert check_books() == []


def test_refund_that_waited_is_made_once_the_dispute_is_won(owed_and_disputed: Order, sandbox: Sandbox) -> None:
    sandbox.close_dispute(sandbox.list_kind("dispute")[0]["id"], status="won")
    tell_of_dispute(sandbox, "closed")
    assert state_of(owed_and_disputed) == State.REFUNDED_AFTER_SALE
    assert [refund["amount"] for refund in sandbox.list_kind("refund")] == [24_900]


def test_refund_that_waited_is_never_made_once_the_dispute_is_lost(owed_and_disputed: Order, sandbox: Sandbox) -> None:
    sandbox.close_dispute(sandbox.list_kind("dispute")[0]["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    reconcile(now=timezone.now() + timedelta(hours=2))
    assert state_of(owed_and_disputed) == State.DISPUTE_LOST
    assert sandbox.list_kind("refund") == []
    assert check_books() == []


def test_dispute_of_a_payment_that_became_no_sale_calls_a_person(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=24_800)
    fulfil(session_id=order.session_id, actor="webhook")
    sandbox.dispute(order.session_id)
    tell_of_dispute(sandbox, "created")
    assert state_of(order) == State.REFUNDED
    assert "no sale" in Order.objects.get(pk=order.pk).needs_person


def test_payment_that_comes_twice_does_not_end_a_dispute(sale: Order, sandbox: Sandbox) -> None:
    sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    deliver(last_event(sandbox, "checkout.session.completed"), sandbox)
    fulfil(session_id=sale.session_id, actor="return page")
    assert state_of(sale) == State.DISPUTED


def test_order_page_tells_the_buyer(
    sale: Order, sandbox: Sandbox, buyer: User, client_for: Callable[[User], Client]
) -> None:
    dispute = sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    url = reverse("payments:order", args=[sale.pk])
    assert "Your bank disputes the payment" in client_for(buyer).get(url).content.decode()
    sandbox.close_dispute(dispute["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    assert "The sale was undone" in client_for(buyer).get(url).content.decode()


def test_without_the_freeze_a_disputed_owner_downloads(
    sale: Order, sandbox: Sandbox, program: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr("payments.services.disputes.freeze_family", lambda **_fact: None)
    sandbox.dispute(sale.session_id)
    tell_of_dispute(sandbox, "created")
    assert state_of(sale) == State.DISPUTED
    assert status_of_download(program, sale) == 200


def test_sandboxs_disputed_card_and_evidence_end_as_in_stripes_test_mode(order: Order, sandbox: Sandbox) -> None:
    import stripe

    sandbox.pay(order.session_id, card="4000000000000259")
    fulfil(session_id=order.session_id, actor="webhook")
    sandbox.clock.advance(seconds=4)
    assert look_for_returns() == {"disputed": 1}
    client = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox.url})
    dispute = Dispute.objects.get()
    client.v1.disputes.update(dispute.stripe_id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    sandbox.clock.advance(seconds=4)
    assert settle_disputes(order=order, actor="reconciler").state == State.SOLD
    with pytest.raises(stripe.InvalidRequestError, match="already won"):
        client.v1.disputes.close(dispute.stripe_id)
    dispute.refresh_from_db()
    assert dispute.status == "won"


def test_unheard_dispute_of_a_payment_that_became_no_sale_is_found_and_calls_a_person(
    order: Order, sandbox: Sandbox
) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=24_800)
    fulfil(session_id=order.session_id, actor="webhook")
    sandbox.dispute(order.session_id)
    assert look_for_returns() == {"refunded": 1}
    assert look_for_returns() == {}
    assert "no sale" in Order.objects.get(pk=order.pk).needs_person


def test_dispute_that_is_heard_of_before_the_payment_freezes_the_sale(order: Order, sandbox: Sandbox) -> None:
    """A delayed payment arrives, the bank takes it back, and of both we hear the second first."""
    sandbox.pay(order.session_id, card="4000000000000077")
    assert fulfil(session_id=order.session_id, actor="return page").state == State.PROCESSING
    sandbox.settle_payment(order.session_id, is_paid=True)
    sandbox.dispute(order.session_id)
    look_for_returns()
    reconcile(now=timezone.now() + timedelta(minutes=6))
    assert history_of(order)[-3:] == ["processing", "sold", "disputed"]
    assert Track.objects.get(pk=order.track_id).family.frozen_at is not None
    assert check_books() == []
