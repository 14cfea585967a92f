"""Invoices and credit notes: numbered without gaps, adding up, one for each sale and each return."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, Max

from payments.billing.taxes import add_tax
from payments.books.findings import Finding
from payments.invoices.documents import add_lines, digest_content
from payments.invoices.issuing import sum_returns
from payments.models import Invoice, InvoiceCounter, Order


def check_numbers() -> Iterator[Finding]:
    """Each year's series runs from 1 to its counter. The constraint has it that no number is given twice."""
    runs = Invoice.objects.order_by().values("series", "year").annotate(count=Count("pk"), last=Max("sequence"))
    counted = {(run["series"], run["year"]): (run["count"], run["last"]) for run in runs}
    counters = {(one.series, one.year): one.last for one in InvoiceCounter.objects.all()}
    for key in sorted(counted.keys() | counters.keys()):
        count, last = counted.get(key, (0, 0))
        counter = counters.get(key, 0)
        if not count == last == counter:
            message = f"{count} documents, the last is number {last}, the counter says {counter}."
            yield Finding("invoice-gap", f"series {key[0]}-{key[1]}", message)


def check_documents() -> Iterator[Finding]:
    """What stands on each adds up and is what was issued."""
    for invoice in Invoice.objects.iterator(chunk_size=500):
        content, subject = invoice.content, f"invoice {invoice.number}"
        totals = (content["net"], content["tax"], content["total"])
        if add_lines(content) != totals or totals[0] + totals[1] != totals[2] or totals[2] != invoice.total:
            message = f"its lines come to {add_lines(content)}, it says {totals}, the books {invoice.total}."
            yield Finding("invoice-totals-differ", subject, message)
        if digest_content(content) != invoice.digest or content["number"] != invoice.number:
            yield Finding("invoice-changed", subject, "its content is not what was issued.")


def check_coverage() -> Iterator[Finding]:
    """Every sale has its invoice over its price, every return of a sale its credit note, and no other has any."""
    sold = Order.objects.filter(state__in=Order.ONCE_SOLD).prefetch_related("invoices", "refunds", "disputes")
    for order in sold.iterator(chunk_size=500):
        subject = f"order {order.pk}"
        totals = [invoice.total for invoice in order.invoices.all() if not invoice.is_credit_note]
        if totals != [order.amount]:
            yield Finding("sale-without-invoice", subject, f"sold for {order.amount}, its invoices: {totals}.")
        yield from _check_tax(order)
        yield from _check_credits(order)
    for invoice in Invoice.objects.exclude(order__state__in=Order.ONCE_SOLD).select_related("order"):
        message = f"order {invoice.order_id} is {invoice.order.state}, and was never sold."
        yield Finding("invoice-without-sale", f"invoice {invoice.number}", message)


def _check_tax(order: Order) -> Iterator[Finding]:
    expected = add_tax(net=order.net_amount, percent=Decimal(order.tax_percent), currency=order.currency)
    if order.tax_treatment != Order.TaxTreatment.BY_STRIPE and order.tax_amount != expected:
        message = f"tax of {order.tax_amount} on {order.net_amount}, at {order.tax_percent} % it is {expected}."
        yield Finding("tax-differs", f"order {order.pk}", message)


def _check_credits(order: Order) -> Iterator[Finding]:
    """By their sums: a refund that came back and was made again is covered by the note of the first."""
    credited = sum(invoice.total for invoice in order.invoices.all() if invoice.is_credit_note)
    returned, subject = sum_returns(order), f"order {order.pk}"
    if credited < min(returned, order.amount):  # nobody is credited more than the invoice says, whatever a bank took
        yield Finding("return-without-credit-note", subject, f"{returned} went back, {credited} was credited.")
    if credited > returned:
        yield Finding("credit-note-without-return", subject, f"{credited} was credited, {returned} went back.")
