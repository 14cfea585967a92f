"""What goes to a bank about a dispute: an outbox like the refunds', from the administrator's word to Stripe's."""

from django.db import models

from payments.models.returns import Dispute


class Evidence(models.Model):
    """Committed before Stripe is asked, so that a crash neither loses it nor sends it twice. One per dispute,
    written anew where the bank asks again."""

    class State(models.TextChoices):
        TO_STAGE = "to_stage", "on its way to Stripe"
        STAGED = "staged", "at Stripe, not submitted yet"
        TO_SUBMIT = "to_submit", "to be submitted"
        SUBMITTED = "submitted", "submitted to the bank"
        REFUSED = "refused"

    FINAL = (State.TO_SUBMIT, State.SUBMITTED)
    """Of these nothing is taken back, until the bank asks again."""
    WAITING = (State.TO_STAGE, State.TO_SUBMIT)
    OPEN = (*WAITING, State.STAGED)

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="evidence")
    state = models.CharField(max_length=10, choices=State, default=State.TO_STAGE)
    answers = models.CharField(max_length=40)
    """The dispute's status that it answers. An inquiry that was answered may yet become a dispute, and asks again."""
    submissions_before = models.PositiveIntegerField(default=0)
    """At Stripe, when it was staged: more of them tell that it is submitted."""
    revision = models.PositiveIntegerField(default=1)
    """Rises with each statement: what was staged for an earlier one is never taken for this one's."""
    statement = models.TextField()
    files = models.JSONField(default=dict)
    """What is at Stripe already, by Stripe's field: its name, SHA-256, size and id there."""
    fields = models.JSONField(default=dict)
    """What was staged, texts and ids of files, as it stands: the same is submitted, and nothing that came later."""
    requested_by = models.CharField(max_length=80)
    error = models.CharField(max_length=300, blank=True)
    """Why Stripe refused it."""
    checked_at = models.DateTimeField(auto_now_add=True)
    """When Stripe was last asked to take it on."""
    created_at = models.DateTimeField(auto_now_add=True)
    staged_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"evidence on {self.dispute_id} ({self.state})"

    @property
    def is_final(self) -> bool:
        """Is the bank's question, as it stands, answered with it?"""
        return self.state in self.FINAL and self.answers == self.dispute.status
