"""Keeps what the audit found, and tells the administrators of each finding once."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from payments.books.findings import Finding
from payments.models import BookFinding
from payments.services.letters import write_to_admins


@transaction.atomic
def record_findings(*, findings: Collection[Finding], is_full: bool, now: datetime) -> list[Finding]:
    """Those that were not open before. Only a full audit can say that a finding is resolved."""
    new = []
    for finding in sorted(findings):
        key = {"kind": finding.kind, "subject": finding.subject[:300], "resolved_at": None}
        found = {"message": finding.message, "seen_at": now}
        _, is_new = BookFinding.objects.update_or_create(
            **key, defaults=found, create_defaults={**key, **found, "found_at": now}
        )
        if is_new:
            new.append(finding)
    if is_full:
        BookFinding.objects.filter(resolved_at=None, seen_at__lt=now).update(resolved_at=now)
    if new:
        write_to_admins(
            cause=f"findings {now.isoformat()}",
            kind="findings",
            subject=f"The books do not agree: {len(new)} new findings",
            context={"findings": new},
        )
    return new
