"""The nightly audit is silent about books that agree, and finds each way in which they can break."""

import logging
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.services import revoke_ownership, transfer_ownership
from payments.books import Finding, check_books
from payments.models import (
    BookFinding,
    Dispute,
    Invoice,
    InvoiceCounter,
    Letter,
    Order,
    OrderTransition,
    Refund,
    WebhookEvent,
)
from payments.sandbox.server import Sandbox
from payments.services import cancel_order, fulfil, request_refund, settle_disputes, settle_returns
from tests.payments.conftest import EVERY_TRY, buy, last_event, send

State = Order.State

pytestmark = pytest.mark.any_database

Break = Callable[[Order, Sandbox], None]


def kinds(findings: list[Finding]) -> set[str]:
    return {finding.kind for finding in findings}


def set_order(order: Order, **fields: Any) -> None:
    Order.objects.filter(pk=order.pk).update(**fields)


def set_family(order: Order, **fields: Any) -> None:
    TrackFamily.objects.filter(pk=order.family_id).update(**fields)


def test_books_of_every_road_agree(
    sale: Order, sandbox: Sandbox, buyer: User, rival: User, make_track: Callable[..., Track]
) -> None:
    buy(rival, make_track())
    cancel_order(order=buy(rival, make_track()), actor="rival")
    wrong = buy(rival, make_track())
    sandbox.pay(wrong.session_id)
    sandbox.change(wrong.session_id, amount_total=100)
    fulfil(session_id=wrong.session_id, actor="webhook")
    settled = []
    for _ in range(4):
        order = buy(buyer, make_track())
        sandbox.pay(order.session_id)
        settled.append(fulfil(session_id=order.session_id, actor="webhook"))
    request_refund(order=settled[0], amount=24_900, reason="Wish.", actor="admin")
    request_refund(order=settled[1], amount=900, reason="Part.", actor="admin")
    for order, status in ((settled[2], ""), (settled[3], "lost")):
        dispute = sandbox.dispute(order.session_id)
        if status:
            sandbox.close_dispute(dispute["id"], status=status)
        settle_disputes(order=order, actor="webhook")
    assert check_books() == []


def lose_ownership(order: Order, _sandbox: Sandbox) -> None:
    revoke_ownership(track=order.track, reference=f"order {order.pk}, by mistake")


def forget_the_sale(order: Order, _sandbox: Sandbox) -> None:
    OrderTransition.objects.create(
        order=order, from_state="sold", to_state="refunded_after_sale", actor="x", reason="x"
    )
    set_order(order, state=State.REFUNDED_AFTER_SALE)


def give_back_twice(order: Order, _sandbox: Sandbox) -> None:
    for _ in range(2):
        Refund.objects.create(order=order, amount=20_000, currency="eur", reason="x", state=Refund.State.SUCCEEDED)


def owe_without_debt(order: Order, _sandbox: Sandbox) -> None:
    set_order(order, state=State.REFUND_DUE)


def open_long_ago(order: Order, _sandbox: Sandbox) -> None:
    set_order(order, state=State.OPEN, expires_at=timezone.now() - timedelta(hours=2))


def owe_long_ago(order: Order, _sandbox: Sandbox) -> None:
    refund = Refund.objects.create(order=order, amount=100, currency="eur", reason="x")
    Refund.objects.filter(pk=refund.pk).update(created_at=timezone.now() - timedelta(hours=2))


def leave_an_event(_order: Order, sandbox: Sandbox) -> None:
    send(last_event(sandbox, "checkout.session.completed"), sandbox)
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(hours=2))


def issue_wrongly(order: Order, **content: Any) -> None:
    """Past the models, as a defect in the code would."""
    right = Invoice.objects.get()
    Invoice.objects.create(
        **{name: getattr(right, name) for name in ("order", "series", "year", "total", "currency", "issued_at")},
        refund=Refund.objects.create(order=order, amount=100, currency="eur", reason="x", state="failed"),
        sequence=2,
        digest=right.digest,
        content=right.content | content,
    )


def give_back_and_fail(order: Order, _sandbox: Sandbox) -> None:
    request_refund(order=order, amount=100, reason="Part.", actor="admin")
    Refund.objects.update(state=Refund.State.FAILED)


def forget_an_order(order: Order, sandbox: Sandbox) -> None:
    sandbox.change(order.session_id, metadata={"order_id": "41f0a64c-6f6c-4f7c-9a86-000000000000"})


BREAKS: dict[str, Break] = {
    "sold-without-ownership": lose_ownership,
    "ownership-without-sale": forget_the_sale,
    "sold-without-order": forget_the_sale,
    "not-sold": lambda order, _: set_family(order, sold_at=None),
    "held-without-order": lambda order, _: set_family(order, sold_at=None, held_until=timezone.now()),
    "frozen-without-order": lambda order, _: set_family(order, frozen_at=timezone.now()),
    "not-frozen": lambda order, _: set_order(order, state=State.DISPUTED),
    "not-held": lambda order, _: set_order(order, state=State.OPEN),
    "state-without-history": lambda order, _: set_order(order, state=State.DISPUTED),
    "broken-history": lambda order, _: OrderTransition.objects.create(
        order=order, from_state="open", to_state="sold", actor="x", reason="x"
    ),
    "lines-differ": lambda order, _: set_order(order, amount=25_000),
    "paid-otherwise": lambda order, _: set_order(order, amount=25_000),
    "refunded-without-refund": forget_the_sale,
    "sold-and-refunded": give_back_twice,
    "refunded-too-much": give_back_twice,
    "debt-not-on-the-books": owe_without_debt,
    "disputed-and-sold": lambda order, _: Dispute.objects.create(
        order=order, stripe_id="du_x", status="needs_response", reason="x", amount=1, currency="eur"
    ),
    "stuck-hold": open_long_ago,
    "stuck-refund": owe_long_ago,
    "stuck-event": leave_an_event,
    "unknown-payment": forget_an_order,
    "sale-without-payment": lambda order, sandbox: sandbox.change(order.session_id, payment_status="unpaid"),
    "payment-without-sale": open_long_ago,
    "unknown-refund": lambda order, sandbox: sandbox.refund(order.session_id, amount=100),
    "unknown-dispute": lambda order, sandbox: sandbox.dispute(order.session_id),
    "invoice-gap": lambda _order, _sandbox: InvoiceCounter.objects.update(last=2),
    "invoice-totals-differ": lambda order, _: issue_wrongly(order, net=1),
    "invoice-changed": lambda order, _: issue_wrongly(order, number="INV-1"),
    "sale-without-invoice": lambda order, _: set_order(order, amount=25_000),
    "invoice-without-sale": open_long_ago,
    "tax-differs": lambda order, _: set_order(order, amount=25_000),
    "return-without-credit-note": give_back_twice,
    "credit-note-without-return": give_back_and_fail,
}


@pytest.mark.parametrize("kind", BREAKS)
def test_audit_finds(sale: Order, sandbox: Sandbox, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    assert check_books() == []
    BREAKS[kind](sale, sandbox)
    with caplog.at_level(logging.ERROR, logger="payments.alerts"):
        found = check_books()
    assert kind in kinds(found)
    assert sum("do not agree" in record.getMessage() for record in caplog.records) == len(found)


def test_finding_is_told_once_until_it_is_resolved_and_comes_back(
    sale: Order, sandbox: Sandbox, make_user: Callable[..., User]
) -> None:
    make_user("ada@example.com", is_superuser=True)
    sandbox.refund(sale.session_id, amount=100)
    for _ in range(2):
        assert kinds(check_books()) == {"unknown-refund"}
    check_books(days=0)  # does not ask Stripe, so it cannot know
    (letter,) = Letter.objects.filter(order=None)
    assert letter.recipients == ["ada@example.com"]
    assert f"unknown-refund: order {sale.pk}" in letter.body
    assert BookFinding.objects.get().resolved_at is None
    settle_returns(order=sale, actor="webhook")
    assert check_books() == []
    assert BookFinding.objects.get().resolved_at is not None
    sandbox.refund(sale.session_id, amount=100)
    check_books()
    assert Letter.objects.filter(order=None).count() == 2


def test_transfer_that_is_written_twice_is_found(sale: Order) -> None:
    revoke_ownership(track=sale.track, reference="a mistake")
    transfer_ownership(track=sale.track, owner=sale.company, reference=f"order {sale.pk}")
    assert OwnershipEntry.objects.filter(kind="transfer").count() == 2
    assert kinds(check_books()) == {"transferred-twice"}


def test_what_mends_itself_between_two_looks_is_no_finding(
    sale: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.books import audit

    sandbox.refund(sale.session_id, amount=100)
    look = audit._look

    def look_and_settle(days: int) -> set[Finding]:
        found = look(days)
        settle_returns(order=sale, actor="webhook")
        return found

    monkeypatch.setattr(audit, "_look", look_and_settle)
    assert check_books() == []


def test_command_lists_what_does_not_agree_and_fails(sale: Order, sandbox: Sandbox) -> None:
    out, errors = StringIO(), StringIO()
    call_command("check_books", stdout=out)
    assert out.getvalue() == "The books agree.\n"
    sandbox.refund(sale.session_id)
    call_command("check_books", days=0, stdout=out)
    with pytest.raises(CommandError, match="1 findings"):
        call_command("check_books", stderr=errors)
    assert errors.getvalue().startswith(f"unknown-refund: order {sale.pk}, re_")
    with pytest.raises(CommandError, match="give 0 or more"):
        call_command("check_books", days=-1)


def test_silent_stripe_is_said_and_nothing_is_alarmed(sale: Order, sandbox: Sandbox) -> None:
    sandbox.faults.answer("GET", "/v1/checkout/sessions", status=500, times=EVERY_TRY)
    with pytest.raises(CommandError, match="--days 0"):
        call_command("check_books")
