"""What the nightly audit found, until it is found no more."""

from django.db import models
from django.db.models import Q


class BookFinding(models.Model):
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    message = models.TextField()
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """The last audit that found it."""
    resolved_at = models.DateTimeField(null=True, blank=True)
    """The first full audit that found it no more."""

    class Meta:
        ordering = ["-found_at", "kind", "subject"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(resolved_at=None), name="finding_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
