"""E-mail as an outbox: written in the transaction of its cause, sent after it, tried again until it went."""

from django.db import models
from django.db.models import Q

from payments.models.invoices import Invoice
from payments.models.orders import Order


class Letter(models.Model):
    """One e-mail. `cause` makes it once: the same event told twice writes no second one."""

    cause = models.CharField(max_length=200, unique=True)
    """'receipt order 6f1c…', 'refund 12', 'findings 2026-11-25 …'."""
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="letters")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="letters")
    """Attached as a PDF."""
    recipients = models.JSONField()
    is_internal = models.BooleanField(default=False)
    """To administrators. What they are written about an order is nobody else's to read."""
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    next_attempt_at = models.DateTimeField()
    """Also the lease of whoever is sending it: nobody else tries before then."""
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["next_attempt_at"], name="letter_unsent", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return f"{self.subject} ({self.cause})"
