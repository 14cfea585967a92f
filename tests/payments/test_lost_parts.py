"""A bank that takes back a part of the price leaves the sale, and the part is credited."""

import pytest

from marketplace.catalog.models import Track
from marketplace.errors import InvalidInputError
from marketplace.rights.queries import owner_of
from payments.books import check_books
from payments.models import Letter, Order
from payments.sandbox.server import Sandbox
from payments.services import request_refund, settle_disputes
from tests.payments.conftest import history_of, state_of, tell_of_dispute

State = Order.State

pytestmark = pytest.mark.any_database


def test_lost_part_of_the_price_leaves_the_sale_and_calls_a_person(sale: Order, sandbox: Sandbox, track: Track) -> None:
    dispute = sandbox.dispute(sale.session_id, amount=4_900)
    tell_of_dispute(sandbox, "created")
    sandbox.close_dispute(dispute["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    settle_disputes(order=sale, actor="reconciler")
    assert history_of(sale)[-2:] == ["disputed", "sold"]
    assert "a part of the price" in Order.objects.get(pk=sale.pk).needs_person
    assert owner_of(track.family) == sale.company
    assert [note.total for note in sale.invoices.all() if note.is_credit_note] == [4_900]


def test_what_the_bank_took_is_not_refunded_again(sale: Order, sandbox: Sandbox) -> None:
    dispute = sandbox.dispute(sale.session_id, amount=4_900)
    tell_of_dispute(sandbox, "created")
    sandbox.close_dispute(dispute["id"], status="lost")
    tell_of_dispute(sandbox, "closed")
    with pytest.raises(InvalidInputError, match="give 1 to 20000"):
        request_refund(order=sale, amount=20_001, reason="To make peace.", actor="admin")
    assert not sale.refunds.exists()
    assert check_books() == []


def test_part_that_was_lost_before_we_heard_of_it_is_credited_too(sale: Order, sandbox: Sandbox) -> None:
    dispute = sandbox.dispute(sale.session_id, amount=4_900)
    sandbox.close_dispute(dispute["id"], status="lost")
    for _ in range(2):
        settle_disputes(order=sale, actor="reconciler")
    assert history_of(sale)[-1] == "sold"
    assert [note.total for note in sale.invoices.all() if note.is_credit_note] == [4_900]
    (letter,) = Letter.objects.filter(order=sale, invoice__dispute__isnull=False)
    assert "4,900" not in letter.body
    assert "€49.00" in letter.body
    assert letter.invoice.number in letter.body
    assert "a part of the price" in Order.objects.get(pk=sale.pk).needs_person
    assert check_books() == []


def test_part_that_is_lost_while_another_dispute_is_open_is_credited_at_once(sale: Order, sandbox: Sandbox) -> None:
    lost, other = (sandbox.dispute(sale.session_id, amount=amount) for amount in (4_900, 5_000))
    sandbox.close_dispute(lost["id"], status="lost")
    assert settle_disputes(order=sale, actor="reconciler").state == State.DISPUTED
    assert [note.total for note in sale.invoices.all() if note.is_credit_note] == [4_900]
    assert check_books() == []
    assert "Answer the dispute" in Order.objects.get(pk=sale.pk).needs_person
    assert "stays yours" not in Letter.objects.get(invoice__dispute__isnull=False).body
    sandbox.close_dispute(other["id"], status="won")
    assert settle_disputes(order=sale, actor="reconciler").state == State.SOLD
    assert "a part of the price" in Order.objects.get(pk=sale.pk).needs_person


def test_part_that_was_lost_is_a_finding_without_its_credit_note(
    sale: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr("payments.services.disputes.issue_credit_note", lambda **_request: None)
    dispute = sandbox.dispute(sale.session_id, amount=4_900)
    sandbox.close_dispute(dispute["id"], status="lost")
    settle_disputes(order=sale, actor="reconciler")
    assert {finding.kind for finding in check_books()} == {"return-without-credit-note"}


def test_parts_lost_and_refunded_are_credited_up_to_the_price(sale: Order, sandbox: Sandbox) -> None:
    dispute = sandbox.dispute(sale.session_id, amount=4_900)
    sandbox.close_dispute(dispute["id"], status="lost")
    settle_disputes(order=sale, actor="reconciler")
    sandbox.change(dispute["id"], charge="ch_other")  # Stripe refunds nothing of a charge that was taken back
    request_refund(order=sale, amount=20_000, reason="To make peace.", actor="admin")
    assert state_of(sale) == State.REFUNDED_AFTER_SALE
    assert sum(note.total for note in sale.invoices.all() if note.is_credit_note) == 24_900
    assert check_books() == []
