"""Writes of invoices: in the transaction of the sale, or of the money's return, and never alone."""

import logging
from typing import Any

from django.conf import settings

from payments.invoices.documents import describe_credit, describe_sale, digest_content
from payments.invoices.numbering import InvoiceNumber, take_number
from payments.models import Dispute, Invoice, Order, Refund

logger = logging.getLogger(__name__)


def issue_invoice(*, order: Order) -> Invoice:
    """The sale's own. The caller's transaction holds family and order; the counter is locked last."""
    number = take_number(series=settings.INVOICE_SERIES)
    return _write(order, number, describe_sale(order, number=number), total=order.amount)


def issue_credit_note(*, order: Order, cause: Refund | Dispute) -> Invoice | None:
    """For money that has gone back of a sale, once per refund or lost dispute. None if the sale had no invoice."""
    known = Invoice.objects.filter(**_name_cause(cause)).first()
    invoice = order.invoice
    if known or invoice is None:
        return known
    credited = sum(note.total for note in order.invoices.all() if note.is_credit_note)
    amount = min(cause.amount, order.amount - credited)
    if amount <= 0:
        logger.error("Order %s: more goes back than was invoiced; no credit note for %s.", order.pk, cause)
        return None
    number = take_number(series=settings.CREDIT_NOTE_SERIES)
    content = describe_credit(
        order, number=number, corrects=invoice, amount=amount, credited_before=credited, reason=cause.reason
    )
    return _write(order, number, content, total=amount, **_name_cause(cause))


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
