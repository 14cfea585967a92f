"""The papers that go to Stripe as files, each under the field of Stripe's evidence in which a bank looks for it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from marketplace.errors import ConflictError
from marketplace.rights.certificate_pdf import draw_certificate
from marketplace.rights.certificates import find_certificate_by_cause, sign_certificate
from payments.evidence.drawing import draw_letters, draw_record
from payments.evidence.records import list_letters
from payments.invoices.papers import read_invoice_pdf
from payments.models import Order

LARGEST_BYTES = 4_500_000
"""Of all papers together. Stripe takes 5 MB a file, and banks get all of them as one."""


@dataclass(frozen=True)
class Paper:
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def draw_papers(order: Order) -> Mapping[str, Paper]:
    """PDFs by Stripe's field. Raises ConflictError where they are too large to be sent."""
    papers = dict(_draw(order))
    size = sum(len(paper.content) for paper in papers.values())
    if size > LARGEST_BYTES:
        message = (
            f"The papers have {size / 1e6:.1f} MB and Stripe takes {LARGEST_BYTES / 1e6} MB: download the evidence "
            "pack, and upload what matters most in Stripe's dashboard."
        )
        raise ConflictError(message, code="evidence_too_large")
    return papers


def _draw(order: Order) -> Iterator[tuple[str, Paper]]:
    if invoice := order.invoice:
        yield "receipt", Paper(f"{invoice.number}.pdf", read_invoice_pdf(invoice=invoice))
    yield "service_documentation", Paper("delivery-record.pdf", draw_record(order))
    if list_letters(order).exists():
        yield "customer_communication", Paper("letters.pdf", draw_letters(order))
    if certificate := find_certificate_by_cause(f"order {order.pk}"):
        yield "uncategorized_file", Paper("certificate.pdf", draw_certificate(sign_certificate(certificate)))
