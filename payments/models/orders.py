"""Orders and their history. `payments.states` says which transition is allowed."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily

if TYPE_CHECKING:
    from payments.models.invoices import Invoice
    from payments.models.returns import Refund


class Order(models.Model):
    class State(models.TextChoices):
        CREATED = "created"  # holds the family; Stripe has not answered yet
        OPEN = "open"  # a Checkout Session waits for the buyer
        PROCESSING = "processing"  # completed, paid by a delayed method that has not settled
        EXPIRING = "expiring"  # we asked Stripe to expire the session
        EXPIRED = "expired"
        CANCELED = "canceled"
        FAILED = "failed"  # a delayed payment that the bank refused in the end
        SOLD = "sold"
        REFUND_DUE = "refund_due", "Refund due"  # paid, but not ours to give any more
        REFUND_PENDING = "refund_pending", "Refund pending"
        REFUNDED = "refunded"
        REFUND_FAILED = "refund_failed", "Refund failed"  # needs a person
        DISPUTED = "disputed"
        DISPUTE_LOST = "dispute_lost", "Dispute lost"
        REFUNDED_AFTER_SALE = "refunded_after_sale", "Refunded after the sale"

    HOLDING = (State.CREATED, State.OPEN, State.PROCESSING, State.EXPIRING)
    OWNING = (State.SOLD, State.DISPUTED)
    UNPAID = (*HOLDING, State.EXPIRED, State.CANCELED, State.FAILED)
    """As far as we have heard: money may be on its way, or there already."""
    ONCE_SOLD = (State.SOLD, State.DISPUTED, State.DISPUTE_LOST, State.REFUNDED_AFTER_SALE)
    PROCESSING_HOLD = timedelta(days=3)
    """How long the others are told to wait while a bank makes up its mind."""

    class TaxTreatment(models.TextChoices):
        UNTAXED = "untaxed", "no VAT"  # this house charges none
        DOMESTIC = "domestic", "VAT"
        REVERSE_CHARGE = "reverse_charge", "reverse charge"  # a business elsewhere in the EU owes it itself
        OUTSIDE = "outside", "outside the scope of EU VAT"
        BY_STRIPE = "by_stripe", "tax by Stripe Tax"  # known once Stripe has been paid

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(TrackFamily, on_delete=models.PROTECT, related_name="orders")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="orders")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=24, choices=State, default=State.CREATED)
    amount = models.PositiveIntegerField()
    """What the buyer pays in all, in minor units, frozen with the order. Stripe Tax adds to it at the sale."""
    net_amount = models.PositiveIntegerField()
    """The price of the track; the rest of `amount` is tax."""
    tax_treatment = models.CharField(max_length=16, choices=TaxTreatment, default=TaxTreatment.UNTAXED)
    tax_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    billing = models.JSONField(default=dict, editable=False)
    """Seller and buyer as the invoice will name them, frozen with the order: see `payments.billing`."""
    currency = models.CharField(max_length=3)
    idempotency_key = models.CharField(max_length=255, unique=True, editable=False)
    session_parameters = models.JSONField(default=dict, editable=False)
    """Sent to Stripe as they stand, also on a retry: a key replays only with unchanged parameters."""
    session_id = models.CharField(max_length=255, unique=True, null=True, editable=False)  # noqa: DJ001  most orders have none at first
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True, editable=False)
    checkout_url = models.URLField(max_length=2000, blank=True, editable=False)
    expires_at = models.DateTimeField()
    needs_person = models.CharField(max_length=300, blank=True)
    """Why somebody has to look at it; empty when nobody has to."""
    checked_at = models.DateTimeField(auto_now_add=True)
    """When Stripe was last asked about it: the reconciler asks again after a while, the longest waiting first.

    Every answer that is recorded moves it, so where it stands still, nothing was recorded since the order was read.
    """
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(state__in=["created", "open", "processing", "expiring"]),
                name="order_one_hold_per_family",
            ),
            models.UniqueConstraint(
                fields=["family"], condition=Q(state__in=["sold", "disputed"]), name="order_one_sale_per_family"
            ),
            models.CheckConstraint(condition=Q(net_amount__gt=0), name="order_amount_is_positive"),
            models.CheckConstraint(condition=Q(amount__gte=F("net_amount")), name="order_tax_is_not_negative"),
        ]
        indexes = [models.Index(fields=["state", "checked_at"], name="order_to_reconcile")]

    def __str__(self) -> str:
        return f"order {self.pk} ({self.state})"

    @property
    def is_holding(self) -> bool:
        return self.state in self.HOLDING

    @property
    def tax_amount(self) -> int:
        return self.amount - self.net_amount

    @property
    def invoice(self) -> "Invoice | None":
        """The sale's; credit notes correct it."""
        return self.invoices.filter(refund=None, dispute=None).first()

    @property
    def papers(self) -> "list[Invoice]":
        """The invoice and its credit notes, in the order in which they were issued."""
        return sorted(self.invoices.all(), key=lambda invoice: invoice.pk)

    @property
    def refund(self) -> "Refund | None":
        """The latest: an order has several if one failed, or if an administrator gave parts back."""
        return self.refunds.order_by("pk").last()


class OrderTransition(models.Model):
    """Append-only history: who moved an order, from where to where, why, and on what evidence."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24)
    actor = models.CharField(max_length=80)
    """'buyer', 'webhook', 'return page', 'reconciler', 'admin ada@…'."""
    reason = models.CharField(max_length=300)
    stripe_ids = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_state or '-'} → {self.to_state}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("The history of an order is append-only: write a new transition instead.")
        super().save(**options)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        raise TypeError("The history of an order is append-only: nothing is deleted from it.")
