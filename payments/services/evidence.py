"""What shows a bank that a sale was real: sent to Stripe in words, or taken along as a ZIP for the dashboard."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from django.db.models import Model
from django.utils import timezone

from marketplace.catalog.money import format_money
from marketplace.errors import ConflictError, InvalidInputError
from marketplace.rights.certificate_pdf import draw_certificate
from marketplace.rights.certificates import find_certificate_by_cause, sign_certificate
from marketplace.rights.models import Download
from marketplace.rights.queries import downloads_of
from marketplace.rights.zipping import write_zip
from payments.gateway import get_gateway
from payments.gateway_types import GatewayRefusedError, GatewayUnavailableError
from payments.invoices.papers import read_invoice_pdf
from payments.models import Dispute, Order
from payments.services.disputes import settle_disputes

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run: a buyer may be called anything."""
LONGEST_TEXT = 20_000
"""Stripe takes so many characters a field, and 150,000 in all."""


def write_statement(order: Order) -> str:
    """A first draft for the administrator, from the records."""
    downloads = list(_downloads(order))
    track, buyer = order.track, order.billing.get("buyer", {})
    lines = [
        f"On {order.created_at:%d %B %Y} {buyer.get('legal_name') or order.company} bought the exclusive rights in the "
        f'music track "{track.title}" (copyright ID {track.copyright_id}) for '
        f"{format_money(order.amount, order.currency)} on our site, logged in as {order.user.email}.",
        "The rights passed at once: the sale stands in our ownership register, and a signed certificate was issued. "
        "The track left the sale for good, so we could not sell it to anybody else.",
    ]
    if downloads:
        lines.append(
            f"The buyer downloaded {len({one.file_name for one in downloads})} files of it, first on "
            f"{downloads[0].created_at:%d %B %Y, %H:%M} UTC; the access log is below."
        )
    return "\n\n".join(lines)


def submit_evidence(*, order: Order, statement: str, actor: str) -> Order:
    """Send the records to the bank through Stripe. Final: Stripe takes evidence once.

    Raises ConflictError if no dispute waits for an answer, InvalidInputError for an empty or overlong statement.
    """
    dispute = order.disputes.filter(status__in=Dispute.ANSWERABLE).order_by("pk").last()
    if dispute is None:
        raise ConflictError("No dispute of this order waits for evidence.", code="nothing_to_answer")
    if not 0 < len(statement.strip()) <= LONGEST_TEXT:
        message = f"Give a statement of 1 to {LONGEST_TEXT} characters: the bank reads it."
        raise InvalidInputError(message, fields={"statement": [message]})
    try:
        get_gateway().submit_evidence(dispute_id=dispute.stripe_id, evidence=_describe(order, statement.strip()))
    except GatewayRefusedError as error:
        raise ConflictError(f"Stripe did not take the evidence: {error}", code="evidence_refused") from error
    Dispute.objects.filter(pk=dispute.pk).update(evidence_sent_at=timezone.now(), evidence_sent_by=actor[:80])
    try:
        return settle_disputes(order=order, actor=actor)
    except GatewayUnavailableError:
        return order  # the evidence is there; how the dispute stands is asked again by the reconciler


def build_evidence_pack(order: Order) -> bytes:
    """Certificate, delivery record, access log, invoice, history and letters as one ZIP."""
    certificate = find_certificate_by_cause(f"order {order.pk}")
    contents: dict[str, bytes] = {"statement.txt": write_statement(order).encode() + b"\n"}
    if certificate:
        envelope = sign_certificate(certificate)
        contents["certificate.json"] = _write_json(envelope)
        contents["certificate.pdf"] = draw_certificate(envelope)
    for invoice in order.invoices.order_by("pk"):
        contents[f"{invoice.number}.pdf"] = read_invoice_pdf(invoice=invoice)
    contents |= {
        "delivery-record.json": _write_json(_describe_delivery(order)),
        "access-log.csv": _write_access_log(order).encode(),
        "order-history.csv": _write_csv(
            ("at", "from", "to", "actor", "reason", "stripe_ids"),
            order.transitions.all(),
            ("created_at", "from_state", "to_state", "actor", "reason", "stripe_ids"),
        ).encode(),
        "letters.csv": _write_csv(
            ("written", "sent", "to", "subject"),
            order.letters.order_by("pk"),
            ("created_at", "sent_at", "recipients", "subject"),
        ).encode(),
    }
    folder = f"evidence-{order.track.copyright_id}"
    return write_zip({f"{folder}/{name}": content for name, content in contents.items()}, at=timezone.now())


def _downloads(order: Order) -> Iterable[Download]:
    return downloads_of(order.family, company=order.company)


def _describe(order: Order, statement: str) -> dict[str, str]:
    """In the fields of Stripe's evidence. Empty ones are left out: Stripe would take them for an answer."""
    buyer = order.billing.get("buyer", {})
    address = [buyer.get(name, "") for name in ("line1", "line2", "postal_code", "city", "state", "country")]
    fields = {
        "product_description": f"Exclusive rights in the music track {order.track.title}, {order.track.copyright_id}",
        "customer_name": buyer.get("legal_name") or order.company.name,
        "customer_email_address": order.user.email,
        "billing_address": ", ".join(part for part in address if part),
        "service_date": f"{order.created_at:%Y-%m-%d}",
        "access_activity_log": _write_access_log(order)[:LONGEST_TEXT],
        "uncategorized_text": statement,
    }
    return {name: value for name, value in fields.items() if value}


def _describe_delivery(order: Order) -> dict[str, Any]:
    fetched: dict[str, list[str]] = {}
    for one in _downloads(order):
        fetched.setdefault(one.file_name, []).append(one.created_at.isoformat())
    sold = order.transitions.filter(to_state=Order.State.SOLD).order_by("pk").first()
    return {
        "order": str(order.pk),
        "payment": order.payment_intent_id,
        "copyright_id": order.track.copyright_id,
        "owner": order.company.name,
        "buyer": order.billing.get("buyer", {}),
        "available_since": sold.created_at.isoformat() if sold else None,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256, "fetched": fetched.get(file.name, [])}
            for file in order.track.files.all()
            if not file.is_preview
        ],
        "other_papers_fetched": {
            name: times for name, times in fetched.items() if not order.track.files.filter(name=name).exists()
        },
    }


def _write_access_log(order: Order) -> str:
    return _write_csv(
        ("at", "person", "track", "file"), _downloads(order), ("created_at", "user", "track", "file_name")
    )


def _write_csv(head: Sequence[str], rows: Iterable[Model], fields: Sequence[str]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_write_cell(getattr(row, field)) for field in fields] for row in rows)
    return out.getvalue()


def _write_cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_json(value: object) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
