"""Invoices as files: drawn once, kept in storage, and drawn again from their content if storage lost them."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from payments.invoices.drawing import draw_invoice
from payments.models import Invoice


def read_invoice_pdf(*, invoice: Invoice) -> bytes:
    """The paper as it was first given out: what is in storage, so that a later version's drawing changes nothing."""
    name = storage_name(invoice)
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            kept: bytes = file.read()
            return kept
    drawn = draw_invoice(invoice.content)
    stored = default_storage.save(name, ContentFile(drawn))
    if stored != name:  # somebody else has just drawn the same
        default_storage.delete(stored)
    return drawn


def storage_name(invoice: Invoice) -> str:
    """With the digest: a database that was set back gives a number out again, and must not find the other paper."""
    return f"invoices/{invoice.number}-{invoice.digest[:16]}.pdf"
