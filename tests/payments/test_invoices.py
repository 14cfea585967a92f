"""Invoices: one per sale, numbered without gaps, never changed, corrected by credit notes alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import User
from marketplace.catalog.models import Track
from payments.books import check_books
from payments.invoices.drawing import draw_invoice
from payments.invoices.issuing import issue_credit_note, issue_invoice
from payments.invoices.papers import read_invoice_pdf, storage_name
from payments.models import Invoice, Order, OrderTransition, Refund
from payments.sandbox.server import Sandbox
from payments.services import fulfil, request_refund, settle_disputes, settle_returns
from tests.payments.billing import GERMAN, bill_to, charge_vat
from tests.payments.conftest import buy

pytestmark = pytest.mark.any_database


def sell(user: User, track: Track, sandbox: Sandbox) -> Order:
    order = buy(user, track)
    sandbox.pay(order.session_id)
    return fulfil(session_id=order.session_id, actor="webhook")


def number_of(sequence: int, series: str = "INV") -> str:
    return f"{series}-{datetime.now(UTC).year}-{sequence:06d}"


def test_sale_has_one_invoice_however_often_it_is_told(sandbox: Sandbox, buyer: User, track: Track) -> None:
    order = sell(buyer, track, sandbox)
    fulfil(session_id=order.session_id, actor="return page")
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.order, invoice.total) == (number_of(1), order, 24_900)
    assert track.copyright_id in invoice.content["lines"][0]["description"]


def test_order_that_is_no_sale_has_no_invoice(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=100)
    assert fulfil(session_id=order.session_id, actor="webhook").state == Order.State.REFUNDED
    assert not Invoice.objects.exists()


def test_sale_that_is_rolled_back_leaves_no_gap(
    sandbox: Sandbox, buyer: User, make_track: Callable[..., Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.services import fulfilment

    def fail_after_numbering(*, order: Order) -> Invoice:
        issue_invoice(order=order)
        raise RuntimeError("the process dies here")

    broken = buy(buyer, make_track())
    sandbox.pay(broken.session_id)
    with monkeypatch.context() as patch:
        patch.setattr(fulfilment, "issue_invoice", fail_after_numbering)
        with pytest.raises(RuntimeError):
            fulfil(session_id=broken.session_id, actor="webhook")
    sell(buyer, make_track(), sandbox)
    fulfil(session_id=broken.session_id, actor="reconciler")
    assert [invoice.number for invoice in Invoice.objects.order_by("pk")] == [number_of(1), number_of(2)]
    assert check_books() == []


def test_partial_refunds_have_credit_notes_whose_taxes_add_up(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any
) -> None:
    charge_vat(settings)
    bill_to(buyer, GERMAN)
    order = sell(buyer, track, sandbox)
    for amount in (10_000, 10_000, 9_631):
        request_refund(order=order, amount=amount, reason="Agreed.", actor="admin")
    notes = list(Invoice.objects.exclude(refund=None).order_by("pk"))
    assert [note.number for note in notes] == [number_of(place, "CN") for place in (1, 2, 3)]
    assert [(note.total, note.content["tax"]) for note in notes] == [(10_000, 1_597), (10_000, 1_596), (9_631, 1_538)]
    assert sum(note.content["tax"] for note in notes) == order.tax_amount == 4_731
    assert {note.content["corrects"]["number"] for note in notes} == {number_of(1)}
    assert check_books() == []


def test_lost_dispute_has_a_credit_note(sandbox: Sandbox, buyer: User, track: Track) -> None:
    order = sell(buyer, track, sandbox)
    dispute = sandbox.dispute(order.session_id)
    settle_disputes(order=order, actor="webhook")
    sandbox.close_dispute(dispute["id"], status="lost")
    settle_disputes(order=order, actor="webhook")
    assert [note.total for note in Invoice.objects.exclude(dispute=None)] == [24_900]
    assert check_books() == []


def test_same_return_is_credited_once(sandbox: Sandbox, buyer: User, track: Track) -> None:
    order = sell(buyer, track, sandbox)
    request_refund(order=order, amount=900, reason="Part.", actor="admin")
    again = issue_credit_note(order=order, cause=Refund.objects.get())
    assert again == Invoice.objects.exclude(refund=None).get()


def test_refund_that_came_back_and_is_made_again_is_credited_once(sandbox: Sandbox, buyer: User, track: Track) -> None:
    order = sell(buyer, track, sandbox)
    request_refund(order=order, amount=900, reason="Part.", actor="admin")
    (made,) = sandbox.list_kind("refund")
    sandbox.change(made["id"], status="failed")
    settle_returns(order=order, actor="webhook")
    assert {finding.kind for finding in check_books()} == {"credit-note-without-return"}
    request_refund(order=order, amount=900, reason="Once more.", actor="admin")
    assert [note.total for note in Invoice.objects.exclude(refund=None)] == [900]
    assert check_books() == []


CHANGES: dict[Any, dict[str, Any]] = {OrderTransition: {"reason": "Something else."}, Invoice: {"total": 1}}


@pytest.mark.parametrize("model", CHANGES)
def test_database_refuses_to_change_history_and_invoices(
    sandbox: Sandbox, buyer: User, track: Track, model: Any
) -> None:
    order = sell(buyer, track, sandbox)
    before = list(model.objects.values())
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(order=order).update(**CHANGES[model])
    assert list(model.objects.values()) == before


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("model", CHANGES)
def test_postgresql_refuses_to_delete_history_and_invoices(
    sandbox: Sandbox, buyer: User, track: Track, model: Any
) -> None:
    order = sell(buyer, track, sandbox)
    count = model.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(order=order)._raw_delete("default")
    assert model.objects.count() == count


def test_paper_is_kept_and_drawn_again_to_the_byte(sandbox: Sandbox, buyer: User, track: Track) -> None:
    sell(buyer, track, sandbox)
    invoice = Invoice.objects.get()
    first = read_invoice_pdf(invoice=invoice)
    assert first.startswith(b"%PDF-")
    assert draw_invoice(Invoice.objects.get().content) == first
    default_storage.delete(storage_name(invoice))
    assert read_invoice_pdf(invoice=invoice) == first
    with default_storage.open(storage_name(invoice), "wb") as file:
        file.write(b"as it was given out")
    assert read_invoice_pdf(invoice=invoice) == b"as it was given out"
    default_storage.delete(storage_name(invoice))
