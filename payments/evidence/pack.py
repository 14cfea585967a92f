"""Everything about a disputed sale as one ZIP, for whoever has to argue it."""

import json

from django.utils import timezone

from marketplace.rights.certificate_pdf import draw_certificate
from marketplace.rights.certificates import find_certificate_by_cause, sign_certificate
from marketplace.rights.zipping import write_zip
from payments.evidence.records import (
    describe_delivery,
    write_access_log,
    write_history,
    write_letters,
    write_statement,
)
from payments.invoices.papers import read_invoice_pdf
from payments.models import Order


def build_evidence_pack(order: Order) -> bytes:
    """Certificate, delivery record, access log, invoice, history and letters."""
    certificate = find_certificate_by_cause(f"order {order.pk}")
    contents: dict[str, bytes] = {"statement.txt": write_statement(order).encode() + b"\n"}
    if certificate:
        envelope = sign_certificate(certificate)
        contents["certificate.json"] = _write_json(envelope)
        contents["certificate.pdf"] = draw_certificate(envelope)
    for invoice in order.invoices.order_by("pk"):
        contents[f"{invoice.number}.pdf"] = read_invoice_pdf(invoice=invoice)
    contents |= {
        "delivery-record.json": _write_json(describe_delivery(order)),
        "access-log.csv": write_access_log(order).encode(),
        "order-history.csv": write_history(order).encode(),
        "letters.csv": write_letters(order).encode(),
    }
    folder = f"evidence-{order.track.copyright_id}"
    return write_zip({f"{folder}/{name}": content for name, content in contents.items()}, at=timezone.now())


def _write_json(value: object) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
