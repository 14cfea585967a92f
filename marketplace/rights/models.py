"""Who owns what: append-only ownership entries, and the record of every download."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily


class OwnershipEntry(models.Model):
    """One line of the register. A family's lines are numbered without gaps; the last one says who owns it.

    Rows are only ever added: a revocation is a new row. Two writers who both saw the same last line collide on
    `ownership_line_once`, so a family cannot be transferred twice.
    """

    class Kind(models.TextChoices):
        REGISTRATION = "registration"
        TRANSFER = "transfer"
        REVOCATION = "revocation"

    family = models.ForeignKey(TrackFamily, on_delete=models.PROTECT, related_name="ownership_entries")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="ownership_entries")
    owner = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="ownership_entries")
    """The company that owns the family from this line on; empty on registration and revocation."""
    reference = models.CharField(max_length=120)
    """What caused it, e.g. 'order 6f1c…'."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ownership entries"
        ordering = ["family", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["family", "sequence"], name="ownership_line_once"),
            models.CheckConstraint(
                condition=Q(kind="transfer", owner__isnull=False) | (~Q(kind="transfer") & Q(owner=None)),
                name="ownership_transfer_names_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} #{self.sequence} {self.kind}"


class Download(models.Model):
    """Someone fetched a full file. Kept for ever: a refund after a download retires the family."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="downloads")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="downloads")
    file_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.file_name} of {self.track}"
