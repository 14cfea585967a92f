"""Evidence on its way to a bank: staged at Stripe with its papers, looked at by a person, and then submitted, once.

Each step is committed before Stripe is asked. What a crash or Stripe's silence leaves behind the reconciler takes on:
papers are uploaded under keys of their content, and Stripe is asked before submitting whether somebody did already.
"""

import logging

from django.db import transaction
from django.utils import timezone

from marketplace.errors import ConflictError, InvalidInputError
from payments.evidence.papers import Paper, draw_papers
from payments.evidence.records import LONGEST_TEXT, describe_for_bank
from payments.gateway import get_gateway
from payments.gateway_types import GatewayRefusedError, GatewayUnavailableError
from payments.locks import lock_order
from payments.models import Dispute, Evidence, Order
from payments.services.disputes import settle_disputes
from payments.services.persons import call_person

logger = logging.getLogger(__name__)

State = Evidence.State


def stage_evidence(*, dispute: Dispute, statement: str, actor: str) -> Evidence:
    """Bring statement, records and papers to Stripe, where the bank does not see them yet. Again replaces all of it.

    Raises ConflictError if the dispute waits for no answer (any more), InvalidInputError for an empty or overlong
    statement.
    """
    statement = statement.strip()
    with transaction.atomic():
        lock_order(order=dispute.order)
        dispute = Dispute.objects.get(pk=dispute.pk)
        _check_answerable(dispute)
        if not 0 < len(statement) <= LONGEST_TEXT:
            message = f"Give a statement of 1 to {LONGEST_TEXT:,} characters: the bank reads it."
            raise InvalidInputError(message, fields={"statement": [message]})
        evidence = Evidence.objects.filter(dispute=dispute).first() or Evidence(dispute=dispute, revision=0)
        if evidence.is_final:
            raise ConflictError("The evidence was submitted, and Stripe takes it once.", code="evidence_submitted")
        evidence.state, evidence.statement, evidence.error = State.TO_STAGE, statement, ""
        evidence.answers, evidence.revision, evidence.requested_by = dispute.status, evidence.revision + 1, actor[:80]
        evidence.save()
    return _try(evidence)


def submit_evidence(*, dispute: Dispute, actor: str, revision: int | None = None) -> Evidence:
    """Let the bank have what is staged, once and for all. `revision` is the one that was looked at, if any was.

    Raises ConflictError if nothing is staged, or something else than what was looked at.
    """
    with transaction.atomic():
        lock_order(order=dispute.order)
        _check_answerable(Dispute.objects.get(pk=dispute.pk))
        evidence = Evidence.objects.filter(dispute=dispute, state=State.STAGED).first()
        if evidence is None:
            raise ConflictError("Nothing is staged for this dispute: prepare the evidence first.", code="not_staged")
        if revision not in (None, evidence.revision):
            message = "The evidence was prepared anew meanwhile. Nothing was submitted: look at it as it is now."
            raise ConflictError(message, code="evidence_changed")
        evidence.state, evidence.requested_by = State.TO_SUBMIT, actor[:80]
        evidence.save(update_fields=["state", "requested_by"])
    return _try(evidence)


def settle_evidence(*, evidence: Evidence) -> Evidence:
    """Take it on as far as Stripe lets us. What Stripe refuses is a person's work."""
    Evidence.objects.filter(pk=evidence.pk).update(checked_at=timezone.now())
    evidence.refresh_from_db()
    try:
        if evidence.state == State.TO_STAGE:
            _stage(evidence)
        elif evidence.state == State.TO_SUBMIT:
            _submit(evidence)
    except (GatewayRefusedError, ConflictError) as error:
        _refuse(evidence, str(error))
    evidence.refresh_from_db()
    return evidence


def _try(evidence: Evidence) -> Evidence:
    try:
        return settle_evidence(evidence=evidence)
    except GatewayUnavailableError:
        logger.warning("The evidence on %s waits: Stripe does not answer.", evidence.dispute.stripe_id)
        return evidence


def _check_answerable(dispute: Dispute) -> None:
    if not dispute.is_answerable:
        message = f"The dispute is {dispute.status.replace('_', ' ')}: it waits for no evidence."
        raise ConflictError(message, code="nothing_to_answer")
    if dispute.evidence_due_by and dispute.evidence_due_by <= timezone.now():
        message = f"Evidence was due by {dispute.evidence_due_by:%d %B %Y, %H:%M} UTC. The bank takes none any more."
        raise ConflictError(message, code="evidence_overdue")


def _stage(evidence: Evidence) -> None:
    order = _order_of(evidence)
    before = get_gateway().retrieve_dispute(dispute_id=evidence.dispute.stripe_id).submissions
    ids = {field: _upload(evidence, field, paper) for field, paper in draw_papers(order).items()}
    fields = {**describe_for_bank(order, evidence.statement), **ids}
    get_gateway().stage_evidence(dispute_id=evidence.dispute.stripe_id, evidence=fields)
    _move(evidence, State.STAGED, fields=fields, submissions_before=before, staged_at=timezone.now())


def _upload(evidence: Evidence, field: str, paper: Paper) -> str:
    """Its id at Stripe. What got there before is not sent again; what has changed since is another file."""
    known = evidence.files.get(field, {})
    if known.get("sha256") == paper.sha256:
        return str(known["id"])
    key = f"evidence-{evidence.pk}-{field}-{paper.sha256}"
    file_id = get_gateway().upload_evidence(name=paper.name, content=paper.content, idempotency_key=key)
    evidence.files[field] = {
        "name": paper.name,
        "sha256": paper.sha256,
        "size": len(paper.content),
        "id": file_id,
    }
    Evidence.objects.filter(pk=evidence.pk, revision=evidence.revision).update(files=evidence.files)
    return file_id


def _submit(evidence: Evidence) -> None:
    dispute = evidence.dispute
    record = get_gateway().retrieve_dispute(dispute_id=dispute.stripe_id)
    if (
        record.submissions <= evidence.submissions_before
    ):  # else our own reply got lost, or somebody was quicker in Stripe's dashboard
        get_gateway().submit_evidence(
            dispute_id=dispute.stripe_id,
            evidence=evidence.fields,  # again: a worker that was late may have staged an earlier statement since
            idempotency_key=f"evidence-{evidence.pk}-{evidence.revision}-submit",
        )
    _move(evidence, State.SUBMITTED, submitted_at=timezone.now())
    try:
        settle_disputes(order=dispute.order, actor=evidence.requested_by)
    except GatewayUnavailableError:
        logger.warning("How %s stands is asked again by the reconciler.", dispute.stripe_id)


def _refuse(evidence: Evidence, why: str) -> None:
    with transaction.atomic():
        if _move(evidence, State.REFUSED, error=why[:300]):
            call_person(_order_of(evidence), f"Stripe did not take the evidence: {why}")


def _move(evidence: Evidence, to: Evidence.State, **fields: object) -> bool:
    """False if it has moved on meanwhile: another worker was here, or there is a newer statement."""
    unmoved = Evidence.objects.filter(pk=evidence.pk, state=evidence.state, revision=evidence.revision)
    return bool(unmoved.update(state=to, **fields))


def _order_of(evidence: Evidence) -> Order:
    return evidence.dispute.order
