"""What an invoice says, as plain data. The PDF, the API and the audit all read this and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from payments.billing.taxes import NOTES, share_of_tax
from payments.invoices.numbering import InvoiceNumber
from payments.models import Invoice, Order

FORMAT = "onetake-invoice/1"


def describe_sale(order: Order, *, number: InvoiceNumber) -> dict[str, Any]:
    track = order.track
    description = f"Exclusive rights in “{track.title}”, copyright ID {track.copyright_id}"
    return {
        **_describe_head(order, number=number, kind="invoice"),
        **_describe_amounts(order, description=description, total=order.amount, tax=order.tax_amount),
        "paid": True,
    }


def describe_credit(
    order: Order, *, number: InvoiceNumber, corrects: Invoice, amount: int, credited_before: int, reason: str
) -> dict[str, Any]:
    """A part of the sale given back. Taxes are shared so that the parts of a whole add up to the whole's tax."""
    after = share_of_tax(tax=order.tax_amount, total=order.amount, part=credited_before + amount)
    before = share_of_tax(tax=order.tax_amount, total=order.amount, part=credited_before)
    issued_on = corrects.content["issued_on"]
    description = f"Credit for invoice {corrects.number} of {issued_on}, copyright ID {order.track.copyright_id}"
    return {
        **_describe_head(order, number=number, kind="credit_note"),
        **_describe_amounts(order, description=description, total=amount, tax=after - before),
        "corrects": {"number": corrects.number, "issued_on": issued_on},
        "reason": reason,
    }


def digest_content(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def add_lines(content: Mapping[str, Any]) -> tuple[int, int, int]:
    """Net, tax and total of the lines."""
    lines = content["lines"]
    return sum(line["net"] for line in lines), sum(line["tax"] for line in lines), sum(line["total"] for line in lines)


def _describe_head(order: Order, *, number: InvoiceNumber, kind: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": kind,
        "number": str(number),
        "issued_on": f"{number.at:%Y-%m-%d}",
        "order": str(order.pk),
        "payment": order.payment_intent_id,
        "currency": order.currency,
        "seller": order.billing.get("seller", {}),
        "buyer": order.billing.get("buyer", {}),
    }


def _describe_amounts(order: Order, *, description: str, total: int, tax: int) -> dict[str, Any]:
    treatment = Order.TaxTreatment(order.tax_treatment)
    percent = f"{Decimal(order.tax_percent):.2f}"
    amounts = {"net": total - tax, "tax": tax, "total": total}
    return {
        "lines": [{"description": description, "quantity": 1, "tax_percent": percent, **amounts}],
        "taxes": [
            {"treatment": treatment, "label": treatment.label, "percent": percent, "net": total - tax, "tax": tax}
        ],
        **amounts,
        "notes": [NOTES[treatment]] if treatment in NOTES else [],
    }
