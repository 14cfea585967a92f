"""Many sales at once, some of which fail: invoices are numbered without gaps. Without the lock, sales are lost."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track
from payments.books import check_books
from payments.invoices import issuing
from payments.invoices.numbering import InvoiceNumber
from payments.models import Invoice, InvoiceCounter, Order, Refund
from payments.sandbox.server import Sandbox
from payments.services import fulfil, fulfilment
from tests.concurrency.conftest import race
from tests.payments.conftest import buy

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

SALES = 12


@pytest.fixture
def paid(sandbox: Sandbox, buyer: User, make_track: Callable[..., Track]) -> list[Order]:
    orders = [buy(buyer, make_track()) for _ in range(SALES)]
    for order in orders:
        sandbox.pay(order.session_id)
    return orders


def fulfil_at_once(orders: list[Order]) -> list[Any]:
    return race([partial(fulfil, session_id=order.session_id, actor="webhook") for order in orders])


def test_racing_and_failing_sales_leave_no_gap(paid: list[Order], monkeypatch: pytest.MonkeyPatch) -> None:
    doomed = {order.pk for order in paid[::3]}

    def fail_some(*, order: Order) -> Invoice:
        invoice = issuing.issue_invoice(order=order)
        if order.pk in doomed:
            raise RuntimeError("the process dies after the number was taken")
        return invoice

    with monkeypatch.context() as patch:
        patch.setattr(fulfilment, "issue_invoice", fail_some)
        answers = fulfil_at_once(paid)
    assert sum(isinstance(answer, RuntimeError) for answer in answers) == len(doomed)
    fulfil_at_once([order for order in paid if order.pk in doomed])
    assert sorted(Invoice.objects.values_list("sequence", flat=True)) == list(range(1, SALES + 1))
    dates = list(Invoice.objects.order_by("sequence").values_list("issued_at", flat=True))
    assert dates == sorted(dates)
    assert check_books() == []


@pytest.mark.postgres
def test_without_the_lock_numbers_clash_and_sales_are_undone(
    paid: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register's head makes sales go one by one as well; it is off here too, so that the race shows."""
    from marketplace.rights.models import OwnershipEntry

    InvoiceCounter.objects.create(series="INV", year=timezone.now().year)
    everybody = threading.Barrier(SALES)

    def take_unlocked(*, series: str) -> InvoiceNumber:
        now = timezone.now()
        counter = InvoiceCounter.objects.get(series=series, year=now.year)
        everybody.wait()
        counter.last += 1
        counter.save(update_fields=["last"])
        return InvoiceNumber(series=series, year=now.year, sequence=counter.last, at=now)

    monkeypatch.setattr(issuing, "take_number", take_unlocked)
    monkeypatch.setattr(fulfilment, "transfer_ownership", lambda **_: OwnershipEntry())
    fulfil_at_once(paid)
    states = list(Order.objects.values_list("state", flat=True))
    assert states.count(Order.State.SOLD) == 1
    # Undone, and tried again later: a number that clashes is no second sale, so nobody's payment goes back.
    assert states.count(Order.State.OPEN) == SALES - 1
    assert not Refund.objects.exists()
