"""Writes of invoices: in the transaction of the sale, or of the money's return, and never alone."""

from typing import Any

from django.conf import settings

from payments.invoices.documents import describe_credit, describe_sale, digest_content
from payments.invoices.numbering import InvoiceNumber, take_number
from payments.models import Dispute, Invoice, Order, Refund


def issue_invoice(*, order: Order) -> Invoice:
    """The sale's own. The caller's transaction holds family and order; the counter is locked last."""
    number = take_number(series=settings.INVOICE_SERIES)
    return _write(order, number, describe_sale(order, number=number), total=order.amount)


def issue_credit_note(*, order: Order, cause: Refund | Dispute) -> Invoice | None:
    """For what has gone back of a sale beyond what was credited, once per refund or lost dispute.

    None if the sale had no invoice, or if an earlier note covers it: of a refund that the bank sent back and that is
    made again, the buyer is not credited twice.
    """
    known = Invoice.objects.filter(**_name_cause(cause)).first()
    invoice = order.invoice
    if known or invoice is None:
        return known
    credited = sum(note.total for note in order.invoices.all() if note.is_credit_note)
    amount = min(cause.amount, sum_returns(order) - credited, order.amount - credited)
    if amount <= 0:
        return None
    number = take_number(series=settings.CREDIT_NOTE_SERIES)
    content = describe_credit(
        order, number=number, corrects=invoice, amount=amount, credited_before=credited, reason=cause.reason
    )
    return _write(order, number, content, total=amount, **_name_cause(cause))


def sum_returns(order: Order) -> int:
    """What the buyer really has back, by refunds and by the bank, in minor units."""
    refunds = sum(each.amount for each in order.refunds.all() if each.state == Refund.State.SUCCEEDED)
    return refunds + taken_amount(order)


def taken_amount(order: Order) -> int:
    """What the bank took back for the buyer, in minor units."""
    return sum(each.amount for each in order.disputes.all() if each.status == "lost")


def _name_cause(cause: Refund | Dispute) -> dict[str, Any]:
    return {"refund": cause} if isinstance(cause, Refund) else {"dispute": cause}


def _write(order: Order, number: InvoiceNumber, content: dict[str, Any], *, total: int, **cause: Any) -> Invoice:
    return Invoice.objects.create(
        order=order,
        series=number.series,
        year=number.year,
        sequence=number.sequence,
        total=total,
        currency=order.currency,
        content=content,
        digest=digest_content(content),
        issued_at=number.at,
        **cause,
    )
