"""Orders and what Stripe told us about them. `payments.states` says which transition is allowed."""

import uuid
from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily


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
        REFUND_DUE = "refund_due"  # paid, but not ours to give any more
        REFUND_PENDING = "refund_pending"
        REFUNDED = "refunded"
        REFUND_FAILED = "refund_failed"  # needs a person
        DISPUTED = "disputed"
        DISPUTE_LOST = "dispute_lost"
        REFUNDED_AFTER_SALE = "refunded_after_sale"

    HOLDING = (State.CREATED, State.OPEN, State.PROCESSING, State.EXPIRING)
    OWNING = (State.SOLD, State.DISPUTED)
    ONCE_SOLD = (State.SOLD, State.DISPUTED, State.DISPUTE_LOST, State.REFUNDED_AFTER_SALE)
    PROCESSING_HOLD = timedelta(days=3)
    """How long the others are told to wait while a bank makes up its mind."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(TrackFamily, on_delete=models.PROTECT, related_name="orders")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="orders")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=24, choices=State, default=State.CREATED)
    amount = models.PositiveIntegerField()
    """Minor units, frozen when the order was placed."""
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
    """When Stripe was last asked about it: the reconciler asks again after a while, the longest waiting first."""
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
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_amount_is_positive"),
        ]
        indexes = [models.Index(fields=["state", "checked_at"], name="order_to_reconcile")]

    def __str__(self) -> str:
        return f"order {self.pk} ({self.state})"

    @property
    def is_holding(self) -> bool:
        return self.state in self.HOLDING

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


class Refund(models.Model):
    """The outbox: a refund is committed here as due before Stripe is asked, so a crash cannot lose it or double it.

    Of an order that was sold, every refund at Stripe has its row, also one that was made in Stripe's dashboard.
    """

    class State(models.TextChoices):
        DUE = "due"
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField()
    """Minor units of `currency`. Before a sale it is what was really paid, which is not always the price."""
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    requested_by = models.CharField(max_length=80, blank=True)
    """The administrator; empty where nobody had to ask."""
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    stripe_id = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="due"), name="refund_one_due_per_order"),
            models.UniqueConstraint(fields=["stripe_id"], condition=~Q(stripe_id=""), name="refund_once_per_stripe_id"),
        ]

    def __str__(self) -> str:
        return f"refund of {self.order_id} ({self.state})"

    @property
    def idempotency_key(self) -> str:
        """A refund that failed is asked for anew in a row of its own, since its key would only replay the failure."""
        return f"refund-{self.order_id}-{self.pk}"


class Dispute(models.Model):
    """What the buyer's bank disputes, as Stripe told it last."""

    OPEN = ("needs_response", "under_review")
    """The bank has taken the money back for now. An inquiry ('warning_…') has not."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    stripe_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=40)
    reason = models.CharField(max_length=80)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    evidence_due_by = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"dispute of {self.order_id} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class WebhookEvent(models.Model):
    """An event as Stripe signed it, stored before anything acts on it. Its unique id makes duplicates harmless."""

    event_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=120)
    livemode = models.BooleanField()
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="event_unprocessed", condition=Q(processed_at=None))]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
