"""Evidence goes to Stripe with its papers, to be looked at; the bank sees nothing of it yet."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.errors import InvalidInputError
from payments.books import check_books
from payments.evidence import papers
from payments.evidence.records import LONGEST_TEXT, list_letters
from payments.models import Dispute, Evidence, Order
from payments.sandbox.server import Sandbox
from payments.services import (
    fulfil,
    settle_disputes,
    settle_evidence,
)
from payments.services.letters import write_to_admins
from tests.payments.conftest import EVERY_TRY
from tests.payments.evidence import (
    PAPERS,
    UPDATE,
    UPLOAD,
    State,
    at_stripe,
    stage,
    sweep_evidence,
)

pytestmark = pytest.mark.any_database


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


@pytest.mark.parametrize("lose", ["lose_request", "lose_reply"])
@pytest.mark.parametrize("where", [UPLOAD, UPDATE])
def test_evidence_that_got_stuck_is_staged_by_the_reconciler(
    dispute: Dispute, sandbox: Sandbox, lose: str, where: tuple[str, str]
) -> None:
    getattr(sandbox.faults, lose)(*where, times=EVERY_TRY)
    assert stage(dispute).state == State.TO_STAGE
    sweep_evidence()
    assert Evidence.objects.get().state == State.STAGED
    assert len(sandbox.list_kind("file")) == len(PAPERS)


def test_papers_that_are_too_large_are_a_persons_work(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "LARGEST_BYTES", 1000)
    evidence = stage(dispute)
    assert evidence.state == State.REFUSED
    assert "download the evidence pack" in evidence.error
    assert sandbox.list_kind("file") == []


def test_papers_hold_the_buyers_letters_whatever_the_address_is_now_and_nothing_between_administrators(
    dispute: Dispute, admin: Client
) -> None:
    write_to_admins(
        cause="x",
        kind="person",
        subject="Between us",
        order=dispute.order,
        context={"order": dispute.order, "why": "x"},
    )
    dispute.order.user.email = "elsewhere@example.com"
    dispute.order.user.save()
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
