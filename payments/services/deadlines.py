"""The last call before a bank decides without us: a dispute that nobody answers is lost, and with it money or music."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from payments.models import Dispute, Evidence
from payments.services.letters import write_to_admins

WARNING = timedelta(days=2)


def remind_of_deadlines(*, now: datetime | None = None) -> int:
    """Write to the administrators once for each deadline of a dispute that waits for evidence. How many wait now."""
    now = now or timezone.now()
    near = Dispute.objects.filter(status__in=Dispute.ANSWERABLE, evidence_due_by__range=(now, now + WARNING))
    answered = Evidence.objects.filter(state__in=Evidence.FINAL, answers=F("dispute__status"))
    waiting = near.exclude(pk__in=answered.values("dispute")).select_related("order__track", "order__company")
    staged = set(Evidence.objects.filter(state=Evidence.State.STAGED).values_list("dispute_id", flat=True))
    for dispute in waiting:
        write_to_admins(
            cause=f"deadline {dispute.pk} {dispute.evidence_due_by:%Y-%m-%d}",
            kind="deadline",
            subject=f"Answer the bank by {dispute.evidence_due_by:%d %B, %H:%M} UTC: {dispute.order.track.title}",
            order=dispute.order,
            context={"dispute": dispute, "is_staged": dispute.pk in staged},
        )
    return len(waiting)
