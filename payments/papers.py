"""What payments adds to the papers of a track: its owner's invoice."""

from accounts.models import Company
from marketplace.catalog.models import Track
from marketplace.rights.papers import Paper
from payments.invoices.papers import read_invoice_pdf
from payments.models import Invoice


def list_papers(*, track: Track, company: Company | None) -> list[Paper]:
    """For the company that it was made out to. Whoever got the rights from that company has another cause."""
    invoice = Invoice.objects.filter(
        order__family=track.family_id, order__company=company, refund=None, dispute=None
    ).first()
    return [Paper(name="invoice.pdf", content=read_invoice_pdf(invoice=invoice))] if invoice else []
