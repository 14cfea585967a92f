"""Orders, what Stripe told us about them, and what we wrote to whom."""

from payments.models.billing import BillingProfile
from payments.models.events import WebhookEvent
from payments.models.evidence import Evidence
from payments.models.findings import BookFinding
from payments.models.invoices import Invoice, InvoiceCounter
from payments.models.letters import Letter
from payments.models.orders import Order, OrderTransition
from payments.models.returns import Dispute, Refund

__all__ = [
    "BillingProfile",
    "BookFinding",
    "Dispute",
    "Evidence",
    "Invoice",
    "InvoiceCounter",
    "Letter",
    "Order",
    "OrderTransition",
    "Refund",
    "WebhookEvent",
]
