"""Evidence goes to Stripe with its papers, is looked at, and is submitted once, whatever gets lost on the way."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.test import Client
from django.utils import timezone

from accounts.models import User
from marketplace.errors import ConflictError, InvalidInputError
from marketplace.rights.services import note_download
from payments.books import check_books
from payments.evidence import papers
from payments.evidence.records import LONGEST_TEXT
from payments.gateway import StripeGateway
from payments.models import Dispute, Evidence, Letter, Order
from payments.sandbox.server import Sandbox
from payments.services import (
    fulfil,
    reconcile,
    remind_of_deadlines,
    settle_disputes,
    settle_evidence,
    stage_evidence,
    submit_evidence,
)
from payments.services.reconciliation import PATIENCE_WITH_EVIDENCE
from tests.payments.conftest import EVERY_TRY, company_of

State = Evidence.State
UPDATE = ("POST", "/v1/disputes/.+")
UPLOAD = ("POST", "/v1/files")
PAPERS = {"receipt", "service_documentation", "customer_communication", "uncategorized_file"}

pytestmark = pytest.mark.any_database


@pytest.fixture
def dispute(order: Order, sandbox: Sandbox, buyer: User) -> Dispute:
    """Of a sale of which one file was fetched."""
    sandbox.pay(order.session_id)
    sale = fulfil(session_id=order.session_id, actor="webhook")
    note_download(
        file=sale.track.files.get(name="track.wav"), company=company_of(buyer), user=buyer, is_continuation=False
    )
    sandbox.dispute(order.session_id)
    settle_disputes(order=sale, actor="webhook")
    return Dispute.objects.get()


@pytest.fixture
def admin(make_user: Callable[..., User], client_for: Callable[[User], Client]) -> Client:
    return client_for(make_user("ada@example.com", is_staff=True, is_superuser=True))


def at_stripe(sandbox: Sandbox) -> dict[str, Any]:
    (found,) = sandbox.list_kind("dispute")
    return found


def stage(dispute: Dispute, statement: str = "It was delivered.") -> Evidence:
    return stage_evidence(dispute=dispute, statement=statement, actor="admin ada")


def sweep() -> None:
    reconcile(now=timezone.now() + 2 * PATIENCE_WITH_EVIDENCE)


def assert_submitted_once(dispute: Dispute, sandbox: Sandbox) -> None:
    dispute.refresh_from_db()
    evidence = Evidence.objects.get()
    assert (evidence.state, dispute.status) == (State.SUBMITTED, "under_review")
    assert dispute.evidence_sent_by == "admin ada"
    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 1
    assert check_books() == []


def test_staged_evidence_is_at_stripe_with_its_papers_and_the_bank_sees_nothing(
    dispute: Dispute, sandbox: Sandbox
) -> None:
    evidence = stage(dispute)
    assert evidence.state == State.STAGED
    staged = at_stripe(sandbox)
    assert (staged["status"], staged["evidence_details"]["submission_count"]) == ("needs_response", 0)
    assert staged["evidence"] == evidence.fields
    assert staged["evidence"]["uncategorized_text"] == "It was delivered."
    assert "track.wav" in staged["evidence"]["access_activity_log"]
    files = {file["id"]: file for file in sandbox.list_kind("file")}
    assert {field for field, value in staged["evidence"].items() if value in files} == PAPERS == set(evidence.files)
    for field, known in evidence.files.items():
        file = files[staged["evidence"][field]]
        assert (file["purpose"], file["type"], file["size"]) == ("dispute_evidence", "pdf", known["size"])
        assert base64.b64decode(file["_content"]).startswith(b"%PDF-")


def test_staging_again_replaces_the_statement_and_uploads_nothing_twice(dispute: Dispute, sandbox: Sandbox) -> None:
    stage(dispute)
    evidence = stage(dispute, "Better said.")
    assert at_stripe(sandbox)["evidence"]["uncategorized_text"] == evidence.statement == "Better said."
    assert len(sandbox.list_kind("file")) == len(PAPERS)


def test_submitted_evidence_is_what_was_staged_and_final(dispute: Dispute, sandbox: Sandbox) -> None:
    stage(dispute)
    submit_evidence(dispute=dispute, actor="admin ada")
    assert_submitted_once(dispute, sandbox)
    for again in (lambda: stage(dispute), lambda: submit_evidence(dispute=dispute, actor="admin ada")):
        with pytest.raises(ConflictError, match="is under review: it waits for no evidence"):
            again()
    assert_submitted_once(dispute, sandbox)


def test_evidence_that_wins_restores_the_sale(dispute: Dispute, sandbox: Sandbox) -> None:
    stage(dispute, "winning_evidence")
    submit_evidence(dispute=dispute, actor="admin ada")
    sandbox.clock.advance(seconds=60)
    assert settle_disputes(order=dispute.order, actor="reconciler").state == Order.State.SOLD


def test_inquiry_is_answered_in_the_same_way(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    sandbox.dispute(order.session_id, status="warning_needs_response")
    settle_disputes(order=fulfil(session_id=order.session_id, actor="webhook"), actor="webhook")
    stage(Dispute.objects.get())
    submit_evidence(dispute=Dispute.objects.get(), actor="admin ada")
    assert (Evidence.objects.get().state, Dispute.objects.get().status) == (State.SUBMITTED, "warning_under_review")
    assert Order.objects.get().state == Order.State.SOLD


def test_payment_that_became_no_sale_is_answered_without_an_invoice(
    order: Order, sandbox: Sandbox, admin: Client
) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=24_800)
    refunded = fulfil(session_id=order.session_id, actor="webhook")
    sandbox.dispute(order.session_id)
    settle_disputes(order=refunded, actor="webhook")
    dispute = Dispute.objects.get()
    assert set(stage(dispute).files) == PAPERS - {"receipt", "uncategorized_file"}
    assert "evidence.zip" not in admin.get(f"/admin/payments/dispute/{dispute.pk}/change/").content.decode()


def test_nothing_is_submitted_that_was_not_staged(dispute: Dispute, sandbox: Sandbox) -> None:
    with pytest.raises(ConflictError, match="prepare the evidence first"):
        submit_evidence(dispute=dispute, actor="admin ada")
    assert at_stripe(sandbox)["evidence"] == {}


@pytest.mark.parametrize("statement", ["", "  ", "x" * (LONGEST_TEXT + 1)])
def test_statement_that_stripe_would_not_take_is_refused_here(
    dispute: Dispute, sandbox: Sandbox, statement: str
) -> None:
    with pytest.raises(InvalidInputError, match="1 to 20,000 characters"):
        stage(dispute, statement)
    assert not Evidence.objects.exists()
    assert at_stripe(sandbox)["evidence"] == {}


def test_longest_statement_is_taken(dispute: Dispute) -> None:
    assert stage(dispute, "x" * LONGEST_TEXT).state == State.STAGED


def test_overdue_dispute_takes_no_evidence(dispute: Dispute, sandbox: Sandbox) -> None:
    stage(dispute)
    Dispute.objects.update(evidence_due_by=timezone.now() - timedelta(seconds=1))
    for late in (lambda: stage(dispute), lambda: submit_evidence(dispute=dispute, actor="admin ada")):
        with pytest.raises(ConflictError, match="Evidence was due by"):
            late()
    assert Evidence.objects.get().state == State.STAGED
    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 0


def test_deadline_that_passes_on_the_way_is_a_persons_work(dispute: Dispute, sandbox: Sandbox) -> None:
    stage(dispute)
    sandbox.clock.advance(seconds=8 * 24 * 3600)
    evidence = submit_evidence(dispute=dispute, actor="admin ada")
    assert evidence.state == State.REFUSED
    assert "deadline" in evidence.error
    assert "did not take the evidence" in Order.objects.get(pk=dispute.order_id).needs_person
    dispute.refresh_from_db()
    assert dispute.evidence_sent_at is None


@pytest.mark.parametrize("lose", ["lose_request", "lose_reply"])
@pytest.mark.parametrize("where", [UPLOAD, UPDATE])
def test_evidence_that_got_stuck_is_staged_by_the_reconciler(
    dispute: Dispute, sandbox: Sandbox, lose: str, where: tuple[str, str]
) -> None:
    getattr(sandbox.faults, lose)(*where, times=EVERY_TRY)
    assert stage(dispute).state == State.TO_STAGE
    sweep()
    assert Evidence.objects.get().state == State.STAGED
    assert len(sandbox.list_kind("file")) == len(PAPERS)


@pytest.mark.parametrize("lose", ["lose_request", "lose_reply"])
def test_submission_that_got_stuck_is_made_once_by_the_reconciler(
    dispute: Dispute, sandbox: Sandbox, lose: str
) -> None:
    stage(dispute)
    getattr(sandbox.faults, lose)(*UPDATE, times=EVERY_TRY)
    assert submit_evidence(dispute=dispute, actor="admin ada").state == State.TO_SUBMIT
    sweep()
    assert_submitted_once(dispute, sandbox)


def test_crash_after_the_submission_is_no_refusal(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day later the key is forgotten: only the look at the dispute tells that the bank has it already."""
    stage(dispute)
    crash_after_submitting(dispute, monkeypatch)
    sandbox.clock.advance(seconds=25 * 3600)
    sweep()
    assert_submitted_once(dispute, sandbox)


def test_without_the_look_a_submission_is_taken_for_refused(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    stage(dispute)
    crash_after_submitting(dispute, monkeypatch)
    sandbox.clock.advance(seconds=25 * 3600)
    retrieve = StripeGateway.retrieve_dispute
    monkeypatch.setattr(
        StripeGateway, "retrieve_dispute", lambda self, **it: replace(retrieve(self, **it), submissions=0)
    )
    sweep()
    assert Evidence.objects.get().state == State.REFUSED


def crash_after_submitting(dispute: Dispute, monkeypatch: pytest.MonkeyPatch) -> None:
    submit = StripeGateway.submit_evidence

    def submit_and_die(self: StripeGateway, **request: Any) -> None:
        submit(self, **request)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(StripeGateway, "submit_evidence", submit_and_die)
        with pytest.raises(KeyboardInterrupt):
            submit_evidence(dispute=dispute, actor="admin ada")
    assert Evidence.objects.get().state == State.TO_SUBMIT


def test_answer_given_in_the_dashboard_meanwhile_is_taken_for_ours(dispute: Dispute, sandbox: Sandbox) -> None:
    stage(dispute)
    client = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox.url})
    client.v1.disputes.update(dispute.stripe_id, {"submit": True})
    submit_evidence(dispute=dispute, actor="admin ada")
    assert_submitted_once(dispute, sandbox)


def test_worker_that_was_late_does_not_change_what_is_submitted(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stages an earlier statement after the newer one had been staged."""
    write = StripeGateway.stage_evidence

    def be_overtaken(self: StripeGateway, **request: Any) -> Any:
        monkeypatch.setattr(StripeGateway, "stage_evidence", write)
        stage(dispute, "The newer.")
        return write(self, **request)

    monkeypatch.setattr(StripeGateway, "stage_evidence", be_overtaken)
    assert stage(dispute, "The earlier.").statement == "The newer."
    assert at_stripe(sandbox)["evidence"]["uncategorized_text"] == "The earlier."
    submit_evidence(dispute=dispute, actor="admin ada")
    assert at_stripe(sandbox)["evidence"]["uncategorized_text"] == "The newer."


def test_administrators_are_reminded_once_of_a_deadline_that_is_near(
    admin: Client, dispute: Dispute, sandbox: Sandbox
) -> None:
    assert remind_of_deadlines() == 0
    near = dispute.evidence_due_by - timedelta(days=1)
    assert [remind_of_deadlines(now=near) for _ in range(2)] == [1, 1]
    letter = Letter.objects.get(cause=f"deadline {dispute.pk}")
    assert letter.recipients == ["ada@example.com"]
    assert f"/admin/payments/dispute/{dispute.pk}/change/" in letter.body
    assert remind_of_deadlines(now=dispute.evidence_due_by + timedelta(seconds=1)) == 0


def test_nobody_is_reminded_of_a_dispute_that_was_answered(admin: Client, dispute: Dispute, sandbox: Sandbox) -> None:
    near = dispute.evidence_due_by - timedelta(days=1)
    stage(dispute)
    assert remind_of_deadlines(now=near) == 1
    assert "it only has to be submitted" in Letter.objects.get(cause=f"deadline {dispute.pk}").body
    Letter.objects.all().delete()
    submit_evidence(dispute=dispute, actor="admin ada")
    assert remind_of_deadlines(now=near) == 0
    assert not Letter.objects.filter(cause=f"deadline {dispute.pk}").exists()


def test_papers_that_are_too_large_are_a_persons_work(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "LARGEST_BYTES", 1000)
    evidence = stage(dispute)
    assert evidence.state == State.REFUSED
    assert "download the evidence pack" in evidence.error
    assert sandbox.list_kind("file") == []


def test_papers_hold_nothing_that_administrators_were_written(dispute: Dispute) -> None:
    Letter.objects.create(
        cause="x",
        order=dispute.order,
        recipients=["ada@example.com"],
        subject="Between us",
        body="",
        next_attempt_at=timezone.now(),
    )
    from payments.evidence.records import list_letters

    assert {letter.subject for letter in list_letters(dispute.order)} == {
        f"{dispute.order.track.title} is yours",
        f"Your bank disputes the payment for {dispute.order.track.title}",
    }


def test_same_records_draw_the_same_papers(dispute: Dispute) -> None:
    first, second = (papers.draw_papers(dispute.order) for _ in range(2))
    assert {field: paper.sha256 for field, paper in first.items()} == {
        field: paper.sha256 for field, paper in second.items()
    }


def test_evidence_that_waits_for_an_hour_is_a_finding(dispute: Dispute, sandbox: Sandbox) -> None:
    sandbox.faults.lose_request(*UPLOAD, times=EVERY_TRY)
    stage(dispute)
    assert check_books() == []
    Evidence.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert {finding.kind for finding in check_books()} == {"stuck-evidence"}
    settle_evidence(evidence=Evidence.objects.get())
    assert check_books() == []


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
    assert "The bank decides" in admin.post(f"{page}/submit/", follow=True).content.decode()
    assert at_stripe(sandbox)["status"] == "under_review"
    assert f"{page}/stage/" not in admin.get(f"{page}/change/").content.decode()
    assert Dispute.objects.get().evidence_sent_by == "admin ada@example.com"


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
