"""What was staged is submitted once, whatever gets lost on the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.utils import timezone

from marketplace.errors import ConflictError
from payments.gateway import StripeGateway
from payments.models import Dispute, Evidence, Order
from payments.sandbox.server import Sandbox
from payments.services import (
    fulfil,
    remind_of_deadlines,
    settle_disputes,
    submit_evidence,
)
from tests.payments.conftest import EVERY_TRY
from tests.payments.evidence import UPDATE, State, assert_submitted_once, at_stripe, stage, sweep_evidence

pytestmark = pytest.mark.any_database


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


def test_inquiry_that_was_answered_and_becomes_a_dispute_is_answered_once_more(order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    opened = sandbox.dispute(order.session_id, status="warning_needs_response")
    sale = settle_disputes(order=fulfil(session_id=order.session_id, actor="webhook"), actor="webhook")
    dispute = Dispute.objects.get()
    stage(dispute)
    submit_evidence(dispute=dispute, actor="admin ada")
    sandbox.clock.advance(seconds=24 * 3600)
    sandbox.escalate_dispute(opened["id"])
    assert settle_disputes(order=sale, actor="webhook").state == Order.State.DISPUTED
    dispute.refresh_from_db()
    assert remind_of_deadlines(now=dispute.evidence_due_by - timedelta(days=1)) == 1
    assert stage(dispute, "Once more.").state == State.STAGED
    submit_evidence(dispute=dispute, actor="admin ada")
    assert (Evidence.objects.get().state, Dispute.objects.get().status) == (State.SUBMITTED, "under_review")
    assert at_stripe(sandbox)["evidence"]["uncategorized_text"] == "Once more."
    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 2
    with pytest.raises(ConflictError, match="waits for no evidence"):
        stage(dispute)


def test_nothing_is_submitted_that_was_not_staged(dispute: Dispute, sandbox: Sandbox) -> None:
    with pytest.raises(ConflictError, match="prepare the evidence first"):
        submit_evidence(dispute=dispute, actor="admin ada")
    assert at_stripe(sandbox)["evidence"] == {}


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
    assert evidence.submitted_at is None


@pytest.mark.parametrize("lose", ["lose_request", "lose_reply"])
def test_submission_that_got_stuck_is_made_once_by_the_reconciler(
    dispute: Dispute, sandbox: Sandbox, lose: str
) -> None:
    stage(dispute)
    getattr(sandbox.faults, lose)(*UPDATE, times=EVERY_TRY)
    assert submit_evidence(dispute=dispute, actor="admin ada").state == State.TO_SUBMIT
    sweep_evidence()
    assert_submitted_once(dispute, sandbox)


def test_crash_after_the_submission_is_no_refusal(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day later the key is forgotten: only the look at the dispute tells that the bank has it already."""
    crash_after_submitting(dispute, sandbox, monkeypatch)
    sweep_evidence()
    assert_submitted_once(dispute, sandbox)


def test_without_the_look_a_submission_is_taken_for_refused(
    dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    crash_after_submitting(dispute, sandbox, monkeypatch)
    retrieve = StripeGateway.retrieve_dispute
    monkeypatch.setattr(
        StripeGateway, "retrieve_dispute", lambda self, **it: replace(retrieve(self, **it), submissions=0)
    )
    sweep_evidence()
    assert Evidence.objects.get().state == State.REFUSED


def crash_after_submitting(dispute: Dispute, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """And wait for a day: by then Stripe has forgotten the key."""
    stage(dispute)
    submit = StripeGateway.submit_evidence

    def submit_and_die(self: StripeGateway, **request: Any) -> None:
        submit(self, **request)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(StripeGateway, "submit_evidence", submit_and_die)
        with pytest.raises(KeyboardInterrupt):
            submit_evidence(dispute=dispute, actor="admin ada")
    assert Evidence.objects.get().state == State.TO_SUBMIT
    sandbox.clock.advance(seconds=25 * 3600)


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
