"""What tests do with evidence that goes to Stripe."""

from typing import Any

from django.utils import timezone

from payments.books import check_books
from payments.models import Dispute, Evidence
from payments.sandbox.server import Sandbox
from payments.services import (
    reconcile,
    stage_evidence,
)
from payments.services.reconciliation import PATIENCE_WITH_EVIDENCE

State = Evidence.State
UPDATE = ("POST", "/v1/disputes/.+")
UPLOAD = ("POST", "/v1/files")
PAPERS = {"receipt", "service_documentation", "customer_communication", "uncategorized_file"}


def at_stripe(sandbox: Sandbox) -> dict[str, Any]:
    (found,) = sandbox.list_kind("dispute")
    return found


def stage(dispute: Dispute, statement: str = "It was delivered.") -> Evidence:
    return stage_evidence(dispute=dispute, statement=statement, actor="admin ada")


def assert_submitted_once(dispute: Dispute, sandbox: Sandbox) -> None:
    dispute.refresh_from_db()
    evidence = Evidence.objects.get()
    assert (evidence.state, dispute.status) == (State.SUBMITTED, "under_review")
    assert evidence.requested_by == "admin ada"
    assert evidence.submitted_at is not None
    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 1
    assert check_books() == []


def sweep_evidence() -> None:
    reconcile(now=timezone.now() + 2 * PATIENCE_WITH_EVIDENCE)
