"""Stripe's events."""

from django.db import models
from django.db.models import Q


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
