"""What is on offer: tracks, their files, and the families in which they are held and sold."""

import uuid
from datetime import timedelta

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Company

REASON_LENGTH = 300
_PATIENCE_WITH_FILES = timedelta(minutes=15)
"""Until files that are not there are taken for files that will not come."""


class TrackFamily(models.Model):
    """A track with everything too close to it. A hold and a sale concern the whole family, never one track of it.

    Payments write `held_until` and `sold_at` in the transaction that moves the order; both are states, not timers:
    a hold ends when the order says so, `held_until` only tells the others when to try again.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    held_until = models.DateTimeField(null=True, blank=True)
    sold_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    """Never for sale again, although nobody owns it: refunded after a full file was downloaded."""
    frozen_at = models.DateTimeField(null=True, blank=True)
    """The owner's access rests while its bank disputes the payment. Nobody else gets any meanwhile."""

    class Meta:
        verbose_name_plural = "track families"
        constraints = [
            models.CheckConstraint(condition=Q(held_until=None) | Q(sold_at=None), name="family_sold_is_not_held"),
            models.CheckConstraint(condition=Q(frozen_at=None) | ~Q(sold_at=None), name="family_frozen_is_sold"),
        ]

    def __str__(self) -> str:
        return f"family {self.pk}"

    @property
    def was_sold(self) -> bool:
        """Now or once: a sale that was undone after a download leaves the family retired."""
        return self.sold_at is not None or self.retired_at is not None


class Track(models.Model):
    class Publication(models.TextChoices):
        LISTED = "listed"
        WITHDRAWN = "withdrawn"

    class Status(models.TextChoices):
        DRAFT = "draft"  # its company's alone: first refusal
        ON_SALE = "on_sale"
        RESERVED = "reserved"
        SOLD = "sold"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(TrackFamily, on_delete=models.PROTECT, related_name="tracks")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="tracks")
    """Who generated it, and may buy it first."""
    copyright_id = models.CharField("copyright ID", max_length=32, unique=True, editable=False)
    title = models.CharField(max_length=120)
    style = models.CharField(max_length=40)
    mood = models.CharField(max_length=40)
    key = models.CharField(max_length=20)
    metre = models.CharField(max_length=8)
    tempo = models.FloatField()
    """Quarter notes per minute, as it sounds."""
    seconds = models.DecimalField(max_digits=7, decimal_places=3)
    instruments = models.JSONField(default=list)
    """Slugs in score order."""
    seed = models.BigIntegerField()
    recipe = models.JSONField(default=dict)
    """Brief, checkpoint and font digests, engine version: what made it."""
    score_digest = models.CharField(max_length=64, unique=True, editable=False)
    """Of the score's canonical form, whatever its key, tempo, octave and sound: no music is listed under two IDs."""
    peaks = models.JSONField(default=list)
    """Waveform peaks of the preview, pairs of minimum and maximum in -127..127."""
    price_amount = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    """Minor units of `price_currency`."""
    price_currency = models.CharField(max_length=3)
    is_complete = models.BooleanField(default=True)
    """Whether the files that are sold are there. A track can be heard before they are, but not bought."""
    publication = models.CharField(max_length=10, choices=Publication, default=Publication.LISTED)
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    first_refusal_until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # read in the order of the list, and counted without the rows
            models.Index(
                fields=["-created_at", "first_refusal_until", "family"],
                name="track_listed",
                condition=Q(publication="listed"),
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price_amount__gt=0), name="track_price_is_positive"),
            models.CheckConstraint(
                condition=~Q(publication="withdrawn") | ~Q(withdrawn_reason=""), name="track_withdrawn_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.copyright_id})"

    @property
    def status(self) -> str:
        if self.family.sold_at:
            return self.Status.SOLD
        if self.publication == self.Publication.WITHDRAWN or self.family.retired_at:
            return self.Status.WITHDRAWN
        if self.family.held_until:
            return self.Status.RESERVED
        return self.Status.DRAFT if self.is_in_first_refusal else self.Status.ON_SALE

    @property
    def is_being_written(self) -> bool:
        """Are the files that are sold still to be expected?"""
        return not self.is_complete and timezone.now() < self.created_at + _PATIENCE_WITH_FILES

    @property
    def is_in_first_refusal(self) -> bool:
        return self.first_refusal_until > timezone.now()

    @property
    def is_public(self) -> bool:
        """May anyone know of it? A draft that its company is buying is reserved, and still nobody else's to see."""
        if self.status == self.Status.WITHDRAWN:
            return False
        return self.status == self.Status.SOLD or not self.is_in_first_refusal


class TrackFile(models.Model):
    """One file of a track in private storage. Only a preview may be heard before the sale."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    """As the owner asks for it: 'track.wav', 'parts/piano.mid'."""
    storage_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    is_preview = models.BooleanField(default=False)
    variant_storage_name = models.CharField(max_length=255, blank=True)
    """Of a preview: the second variant of it, as large as the first."""
    layout = models.JSONField(default=dict, blank=True)
    """Where the two may be joined: `generator.engine.audio.preview_variants.Layout` as JSON."""
    ready = models.PositiveBigIntegerField(null=True, blank=True)
    """Of a preview whose rest is still being encoded: how many of its bytes are stored. None: all."""

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["track", "name"], name="track_file_once")]

    def __str__(self) -> str:
        return self.name


class PreviewListener(models.Model):
    """Whom previews are marked for: a company, or the browser of a visitor who has none."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visit = models.CharField(max_length=64, blank=True, editable=False)
    """SHA-256 of what a visitor's cookie says; empty for a company."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company"], name="listener_once_per_company"),
            models.UniqueConstraint(fields=["visit"], condition=~Q(visit=""), name="listener_once_per_visit"),
            models.CheckConstraint(
                condition=(Q(company=None) & ~Q(visit="")) | Q(company__isnull=False, visit=""),
                name="listener_is_company_or_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"company {self.company}" if self.company else f"visitor {self.pk}"


class PreviewHearing(models.Model):
    """A listener was served a preview, in an order of variants that nobody else got."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="hearings")
    listener = models.ForeignKey(PreviewListener, on_delete=models.PROTECT, related_name="hearings")
    code = models.CharField(max_length=64, editable=False)
    """Random; the order is drawn from it."""
    first_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "listener"], name="hearing_once")]

    def __str__(self) -> str:
        return f"{self.listener} heard {self.track}"
