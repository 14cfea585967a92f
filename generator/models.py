"""Generation jobs and their steps. The rows are the truth; Celery only wakes somebody up to look at them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import Track


class GenerationJob(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    class Drive(models.TextChoices):
        """Who sees to it that a step follows the other."""

        CANVAS = "canvas"  # Celery's chain and chord, sent when the plan is done
        STEPS = "steps"  # each step sends the next: one had to be sent again, so the canvas is not counted on
        CALLER = "caller"  # a process that runs the steps itself, without a broker

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="generation_jobs")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="generation_jobs"
    )
    brief = models.JSONField()
    """`generator.engine.brief.Brief.to_json()`: complete, with the seed that decides everything."""
    chosen = models.JSONField(default=list)
    """The fields that a person settled; the seed drew the others. Begins the log of the human contribution."""
    refused_seeds = models.JSONField(default=list, blank=True)
    """Seeds whose music was too close to something registered, with the reason, first to last."""
    origin = models.ForeignKey(Track, on_delete=models.PROTECT, null=True, blank=True, related_name="edits")
    """The track that this job changes; the result joins its family."""
    edit = models.JSONField(default=dict)
    """`generator.engine.composing.editing.Edit.to_json()`: what is kept, and which bars are written anew."""
    is_for_catalogue = models.BooleanField(default=False)
    """On public sale as soon as it is made, without first refusal: the house's own."""
    drive = models.CharField(max_length=6, choices=Drive, default=Drive.CANVAS)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    error = models.CharField(max_length=500, blank=True)
    """Why it failed, in words for the business."""
    revivals = models.PositiveSmallIntegerField(default=0)
    """How often it was tried afresh without anybody's doing, for its track could be heard but not bought."""
    track = models.OneToOneField(Track, on_delete=models.PROTECT, null=True, blank=True, related_name="job")
    """As soon as it can be heard; the job succeeds once it can be bought."""
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_at"], name="job_active", condition=Q(status__in=["queued", "running"]))
        ]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.status})"


class GenerationStep(models.Model):
    """One task of a job: the plan, a part, the finish, the files. Claimed under a lease: a zombie cannot overwrite."""

    class Kind(models.TextChoices):
        PLAN = "plan"
        LEAD = "lead"
        PART = "part"
        FINISH = "finish"  # the preview, and the registration
        FILES = "files"  # what the buyer gets, while the preview is heard

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELED = "canceled"  # the job ended before it

    job = models.ForeignKey(GenerationJob, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=6, choices=Kind)
    instrument = models.CharField(max_length=40, blank=True)
    """Slug; empty for what is not an instrument's."""
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    """When whoever has the step is taken for lost: while it runs the worker, while it waits the message to one.
    Empty as long as the step is not due, and once it has ended."""
    output = models.JSONField(null=True, blank=True)
    """The plan, the part or the render report as JSON; written once, with the status."""
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "kind", "instrument"], name="generation_step_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.instrument}".strip()


class PackBuild(models.Model):
    """The delivery pack of a sold track: built once by a worker under a lease, and again if storage loses it.

    What the bytes depend on beside the score is kept here, so that a pack built again is the same to the byte.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # looked at again after a while: the owner has paid for it

    track = models.OneToOneField(Track, on_delete=models.PROTECT, related_name="pack_build")
    tags = models.JSONField()
    """`generator.engine.audio.tags.Tags` as every file of the pack carries them."""
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    """When the sweep looks at it again; empty once it is done."""
    manifest = models.JSONField(null=True, blank=True)
    """The signed manifest of the first build, whose signature later ones carry."""
    credentials = models.JSONField(default=dict, blank=True)
    """What the first build put into each sound file as its Content Credential (`engine.delivery.sealing`)."""
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"pack of {self.track} ({self.status})"
