"""The sandbox takes evidence by Stripe's rules: files of the right kind, within the limits, in time, and once."""

import base64
from collections.abc import Iterator
from io import BytesIO

import pytest
import stripe

from payments.sandbox.disputes import EVIDENCE_SECONDS
from payments.sandbox.files import LARGEST_BYTES
from payments.sandbox.server import Sandbox
from tests.payments.test_sandbox import create

PDF = b"%PDF-1.7\r\n\x00\xff--\r\n\rbinary\n"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox.url, "files": sandbox.url})


@pytest.fixture
def dispute_id(sandbox: Sandbox) -> str:
    session = create(sandbox)
    sandbox.pay(session.id)
    return str(sandbox.dispute(session.id)["id"])


def upload(client: stripe.StripeClient, content: bytes = PDF, **more: str) -> stripe.File:
    file = BytesIO(content)
    file.name = more.get("name", "record.pdf")
    key = {"idempotency_key": more["key"]} if "key" in more else {}
    return client.v1.files.create({"file": file, "purpose": more.get("purpose", "dispute_evidence")}, {**key})


def test_file_arrives_byte_by_byte(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    file = upload(client)
    assert (file.filename, file.size, file.type, file.purpose) == ("record.pdf", len(PDF), "pdf", "dispute_evidence")
    assert base64.b64decode(sandbox.list_kind("file")[0]["_content"]) == PDF
    assert client.v1.files.retrieve(file.id).id == file.id


def test_upload_is_repeated_by_its_key_and_not_with_another_content(client: stripe.StripeClient) -> None:
    first = upload(client, key="k")
    assert upload(client, key="k").id == first.id
    with pytest.raises(stripe.IdempotencyError):
        upload(client, PDF + b"more", key="k")


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"PK\x03\x04", {}, "Unsupported file type"),
        (PDF + bytes(LARGEST_BYTES), {}, "The file has more than"),
        (PDF, {"purpose": "business_logo"}, "evidence for disputes alone"),
        (PDF, {"purpose": "holiday_pictures"}, "must be one of"),
    ],
)
def test_file_that_is_no_evidence_is_refused(
    client: stripe.StripeClient, sandbox: Sandbox, content: bytes, more: dict[str, str], words: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        upload(client, content, **more)
    assert sandbox.list_kind("file") == []


def test_evidence_is_staged_as_often_as_one_likes_and_submitted_once(
    client: stripe.StripeClient, dispute_id: str
) -> None:
    for words in ("First.", "Second."):
        staged = client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": words}, "submit": False})
        assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
        assert staged.evidence_details.has_evidence
    sent = client.v1.disputes.update(dispute_id, {"submit": True})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.uncategorized_text == "Second."
    with pytest.raises(stripe.InvalidRequestError, match="submitted already"):
        client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "Third."}})
    with pytest.raises(stripe.InvalidRequestError, match="submitted already"):
        client.v1.disputes.update(dispute_id, {"submit": True})


def test_evidence_that_comes_too_late_is_refused(
    client: stripe.StripeClient, sandbox: Sandbox, dispute_id: str
) -> None:
    sandbox.clock.advance(seconds=EVIDENCE_SECONDS + 1)
    assert client.v1.disputes.retrieve(dispute_id).evidence_details.past_due
    with pytest.raises(stripe.InvalidRequestError, match="deadline"):
        client.v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "Late."}})
    assert sandbox.list_kind("dispute")[0]["evidence"] == {}


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"receipt": "file_unknown"}, "No such file upload"),
        ({"receipt": "du_x"}, "No such file upload"),
        ({"uncategorized_text": "x" * 20_001}, "1 to 20000 characters"),
        ({"testimony": "x"}, "unknown parameter"),
    ],
)
def test_evidence_that_stripe_would_not_take_is_refused(
    client: stripe.StripeClient, sandbox: Sandbox, dispute_id: str, evidence: dict[str, str], words: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        client.v1.disputes.update(dispute_id, {"evidence": evidence})  # type: ignore[typeddict-item]
    assert sandbox.list_kind("dispute")[0]["evidence"] == {}


def test_fields_together_have_a_limit_too(client: stripe.StripeClient, dispute_id: str) -> None:
    names = ("access_activity_log", "product_description", "refund_policy_disclosure", "refund_refusal_explanation")
    more = ("uncategorized_text", "cancellation_rebuttal", "cancellation_policy_disclosure", "service_date")
    texts = dict.fromkeys((*names, *more), "x" * 18800)
    with pytest.raises(stripe.InvalidRequestError, match="more than 150000 characters"):
        client.v1.disputes.update(dispute_id, {"evidence": texts})  # type: ignore[typeddict-item]
