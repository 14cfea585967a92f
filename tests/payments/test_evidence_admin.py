"""Administrators are reminded of a dispute, prepare its evidence, look at it and submit it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from payments.models import Dispute, Evidence, Letter
from payments.sandbox.server import Sandbox
from payments.services import (
    remind_of_deadlines,
    submit_evidence,
)
from tests.payments.evidence import UPDATE, State, at_stripe, stage

pytestmark = pytest.mark.any_database


def test_administrators_are_reminded_once_of_a_deadline_that_is_near(
    admin: Client, dispute: Dispute, sandbox: Sandbox
) -> None:
    assert remind_of_deadlines() == 0
    near = dispute.evidence_due_by - timedelta(days=1)
    assert [remind_of_deadlines(now=near) for _ in range(2)] == [1, 1]
    letter = Letter.objects.get(cause=f"deadline {dispute.pk} {dispute.evidence_due_by:%Y-%m-%d}")
    assert letter.recipients == ["ada@example.com"]
    assert f"/admin/payments/dispute/{dispute.pk}/change/" in letter.body
    assert remind_of_deadlines(now=dispute.evidence_due_by + timedelta(seconds=1)) == 0


def test_nobody_is_reminded_of_a_dispute_that_was_answered(admin: Client, dispute: Dispute, sandbox: Sandbox) -> None:
    near = dispute.evidence_due_by - timedelta(days=1)
    stage(dispute)
    assert remind_of_deadlines(now=near) == 1
    assert "it only has to be submitted" in Letter.objects.get(cause__startswith="deadline").body
    Letter.objects.all().delete()
    submit_evidence(dispute=dispute, actor="admin ada")
    assert remind_of_deadlines(now=near) == 0
    assert not Letter.objects.filter(cause__startswith="deadline").exists()


def test_administrator_prepares_looks_and_submits(admin: Client, dispute: Dispute, sandbox: Sandbox) -> None:
    page = f"/admin/payments/dispute/{dispute.pk}"
    assert f"{page}/stage/" in admin.get(f"{page}/change/").content.decode()
    assert "Nothing is staged" in admin.get(f"{page}/submit/").content.decode()
    assert "The buyer downloaded 1 files of it" in admin.get(f"{page}/stage/").content.decode()
    answer = admin.post(f"{page}/stage/", {"statement": "It was fetched."}, follow=True).content.decode()
    assert "The bank does not see it before you submit it" in answer
    shown = admin.get(f"{page}/submit/").content.decode()
    for words in ("delivery-record.pdf", "certificate.pdf", "It was fetched.", "buyer@example.com", "gets this once"):
        assert words in shown
    seen = {"revision": Evidence.objects.get().revision}
    assert "The bank decides" in admin.post(f"{page}/submit/", seen, follow=True).content.decode()
    assert at_stripe(sandbox)["status"] == "under_review"
    assert f"{page}/stage/" not in admin.get(f"{page}/change/").content.decode()
    assert Evidence.objects.get().requested_by == "admin ada@example.com"


def test_evidence_that_was_prepared_anew_after_the_look_is_not_submitted_unseen(
    admin: Client, dispute: Dispute, sandbox: Sandbox
) -> None:
    seen = {"revision": stage(dispute, "Seen.").revision}
    stage(dispute, "Not seen.")
    answer = admin.post(f"/admin/payments/dispute/{dispute.pk}/submit/", seen)
    assert "prepared anew meanwhile" in answer.content.decode()
    assert Evidence.objects.get().state == State.STAGED
    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 0


def test_refusal_of_stripe_is_shown_to_the_administrator(admin: Client, dispute: Dispute, sandbox: Sandbox) -> None:
    sandbox.faults.answer(*UPDATE, status=400)
    answer = admin.post(f"/admin/payments/dispute/{dispute.pk}/stage/", {"statement": "x"}, follow=True)
    assert "Stripe did not take the evidence" in answer.content.decode()
    assert Evidence.objects.get().state == State.REFUSED
    assert stage(dispute).state == State.STAGED


def test_order_and_queue_lead_to_the_dispute(admin: Client, dispute: Dispute) -> None:
    page = f"/admin/payments/dispute/{dispute.pk}/change/"
    for address in (f"/admin/payments/order/{dispute.order_id}/change/", "/admin/payments/order/queue/"):
        assert page in admin.get(address).content.decode()
    assert dispute.order.track.title in admin.get("/admin/payments/dispute/").content.decode()


def test_staff_without_the_permission_neither_prepares_nor_submits(
    dispute: Dispute, sandbox: Sandbox, make_user: Callable[..., User], client_for: Callable[[User], Client]
) -> None:
    staff = client_for(make_user("staff@example.com", is_staff=True))
    for step in ("stage", "submit"):
        assert staff.post(f"/admin/payments/dispute/{dispute.pk}/{step}/", {"statement": "x"}).status_code == 403
    assert not Evidence.objects.exists()
    assert at_stripe(sandbox)["evidence"] == {}
