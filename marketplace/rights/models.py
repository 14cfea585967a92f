"""Who owns what: append-only ownership entries, and the record of every download."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily


class AppendOnlyError(TypeError):
    """Code tried to rewrite the register. Write a further line instead."""


class AppendOnlyQuerySet(models.QuerySet["OwnershipEntry"]):
    def update(self, **changes: Any) -> int:
        raise AppendOnlyError("Lines of the register are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Lines of the register are never deleted.")


class OwnershipEntry(models.Model):
    """One line of the register. A family's lines are numbered without gaps; the last one says who owns it.

    Rows are only ever added: a revocation is a new row. Two writers who both saw the same last line collide on
    `ownership_line_once`, so a family cannot be transferred twice. The database itself refuses updates, too.
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

    objects = AppendOnlyQuerySet.as_manager()

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Lines of the register are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Lines of the register are never deleted.")


class Download(models.Model):
    """Someone fetched a full file. Kept for ever: a refund after a download retires the family."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="downloads")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="downloads")
    file_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} of {self.track}"
