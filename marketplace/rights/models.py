"""Who owns what: copyright IDs, the append-only register and its head, and the record of every download."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily


class AssignedId(models.Model):
    """A copyright ID that was given away. Rows stay for ever, so that no ID is ever given twice.

    It is assigned before anything is rendered, so that every file can carry it. An attempt that ends without a track
    leaves its ID unused for good; a further attempt for the same cause finds its ID again.
    """

    copyright_id = models.CharField("copyright ID", max_length=32, unique=True)
    reference = models.CharField(max_length=120, unique=True)
    """What it was assigned for, e.g. 'job 6f1c…'."""
    assigned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.copyright_id


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
    All lines form one chain (`marketplace.rights.chain`): each holds the digest of the one before it.
    """

    class Kind(models.TextChoices):
        REGISTRATION = "registration"
        TRANSFER = "transfer"
        REVOCATION = "revocation"
        MERGER = "merger"  # the track joins this family, being too close to it

    position = models.PositiveBigIntegerField(unique=True)
    """In the whole register, from 1 without gaps."""
    family = models.ForeignKey(TrackFamily, on_delete=models.PROTECT, related_name="ownership_entries")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="ownership_entries")
    owner = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="ownership_entries")
    """The company that owns the family from this line on; empty on registration and revocation."""
    reference = models.CharField(max_length=120)
    """What caused it, e.g. 'order 6f1c…'."""
    created_at = models.DateTimeField(default=timezone.now)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

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


class RegisterHead(models.Model):
    """The register's last line, in the one row of this table. Whoever appends locks it: that is the total order."""

    position = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="register_has_one_head")]

    def __str__(self) -> str:
        return f"line {self.position}"


class LicenceTerms(models.Model):
    """A version of the licence terms. A sale freezes the newest; a new version never touches what was sold."""

    version = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField(help_text="Paragraphs, one a line. Sales from now on are made under this text.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "licence terms"

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class Certificate(models.Model):
    """What a sale certifies, frozen with it. Signed when its owner first asks, so that no sale waits for a key."""

    entry = models.OneToOneField(OwnershipEntry, on_delete=models.PROTECT, related_name="certificate")
    terms = models.ForeignKey(LicenceTerms, on_delete=models.PROTECT, related_name="certificates")
    content = models.JSONField()
    envelope = models.JSONField(null=True)

    def __str__(self) -> str:
        return str(self.content["certificate"])


class CertificatePaper(models.Model):
    """The bytes of a certificate's PDF as they left us, so that the paper is known again when somebody drops it."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="papers")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.certificate} as PDF"


class OwnerNaming(models.Model):
    """The owner's consent to be named to whoever verifies the track. It ends with the ownership that it belongs to."""

    entry = models.OneToOneField(OwnershipEntry, on_delete=models.PROTECT, related_name="naming")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.entry} may be named"


class AssignmentOffer(models.Model):
    """The owner offers all its rights in a family to somebody, who accepts for a company. Nothing passes before."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        WITHDRAWN = "withdrawn"  # by the owner
        DECLINED = "declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(OwnershipEntry, on_delete=models.PROTECT, related_name="offers")
    """The line by which the offering company owns. Once it is not the family's last, the offer is void."""
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="offers")
    recipient = models.EmailField("recipient's e-mail address")
    """Companies are not searched for: the offer is mailed here, and whoever has the link accepts for their company."""
    deed = models.CharField(max_length=200)
    """What the companies agreed on and where it is written, in their words."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["entry"], condition=Q(state="open"), name="offer_open_once")]

    def __str__(self) -> str:
        return f"offer of {self.track} to {self.recipient} ({self.state})"


class SigningKey(models.Model):
    """The public half of a key that signed, or signs, for this house. Kept for ever: old signatures stay valid."""

    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.CharField(max_length=44)
    """The 32 bytes of an Ed25519 key in base64."""
    certificates = models.TextField()
    """PEM of the signer of Content Credentials under this key, and of its root."""
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)
    """Nothing that claims to be signed later is genuine."""

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.key_id


class SignedHead(models.Model):
    """The register's head at a moment, signed and published. Whoever kept a copy can prove any later change."""

    position = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    envelope = models.JSONField()
    """The signed document, see `marketplace.rights.signing`."""

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"line {self.position}"


class Fingerprint(models.Model):
    """A track's melodies, by which music that is too close to it is found."""

    track = models.OneToOneField(Track, on_delete=models.PROTECT, related_name="fingerprint")
    lines = models.BinaryField()
    """`generator.engine.originality.fingerprint.pack_lines`"""

    def __str__(self) -> str:
        return f"fingerprint of {self.track_id}"


class OriginalityReport(models.Model):
    """What a new track has in common with the training corpora and with what was listed or sold then."""

    track = models.OneToOneField(Track, on_delete=models.PROTECT, related_name="originality_report")
    content = models.JSONField()
    """`marketplace.rights.originality_report.write_report`"""
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"originality of {self.track_id}"


class FingerprintGram(models.Model):
    """The index: which fingerprints have this gram in their sketch. Two numbers a row, found by either database."""

    pk = models.CompositePrimaryKey("gram", "fingerprint_id")
    gram = models.BigIntegerField()
    fingerprint = models.ForeignKey(Fingerprint, on_delete=models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"{self.gram} in {self.fingerprint_id}"


class DownloadLink(models.Model):
    """One file's link that works without logging in, until it expires: for an agency, or a download manager.

    It is its maker's: it ends with their membership, and with the company's ownership. The address carries a signature,
    so a copied database opens nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="links")
    file_name = models.CharField(max_length=120)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="download_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="download_links")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"link to {self.file_name} of {self.track}"


class Download(models.Model):
    """Someone fetched a full file. Kept for ever: a refund after a download retires the family."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="downloads")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="downloads")
    file_name = models.CharField(max_length=120)
    link = models.ForeignKey(DownloadLink, on_delete=models.PROTECT, null=True, related_name="downloads")
    """Empty where the person or their program was logged in."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} of {self.track}"
