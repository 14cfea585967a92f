"""Money that goes back: refunds as an outbox, disputes as Stripe told them last."""

from django.db import models
from django.db.models import Q

from payments.models.orders import Order


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
    ANSWERABLE = ("needs_response", "warning_needs_response")

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

    @property
    def is_answerable(self) -> bool:
        return self.status in self.ANSWERABLE
