"""Disputes: the buyer's bank takes a captured payment back, until one side has won."""

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.cards import SETTLING_SECONDS
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Document, make_id

EVIDENCE_SECONDS = 7 * 24 * 60 * 60
LONGEST_EVIDENCE = 150_000
"""Characters of all fields together."""
FILE_FIELDS = frozenset(
    {
        *("cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation"),
        *("receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file"),
    }
)
_OPEN = ("warning_needs_response", "warning_under_review", "needs_response", "under_review")
_OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}
"""What Stripe's own test mode understands as `evidence[uncategorized_text]`."""


def open_dispute(
    account: Account, charge_id: str, *, reason: str, status: str = "needs_response", amount: int | None = None
) -> Document:
    """`warning_needs_response` is an inquiry: the bank asks, and takes nothing yet."""
    charge = account.require("charge", charge_id)
    dispute: Document = {
        "id": make_id("du"),
        "object": "dispute",
        "amount": amount or charge["amount"],
        "charge": charge["id"],
        "created": account.clock.now(),
        "currency": charge["currency"],
        "evidence": {},
        "evidence_details": {
            "due_by": account.clock.now() + EVIDENCE_SECONDS,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": status,
    }
    account.store.put(dispute)
    account.store.put(charge | {"disputed": True})
    account.emit("charge.dispute.created", dispute)
    return dispute


def update_dispute(account: Account, dispute_id: str, parameters: dict[str, Any]) -> Document:
    """Evidence: staged, or submitted, once. A few seconds after that the bank decides."""
    dispute = _require_open(account, dispute_id)
    evidence, details = parameters.get("evidence", {}), dispute["evidence_details"]
    if evidence or parameters.get("submit"):
        _check_evidence(account, dispute, evidence)
    dispute["evidence"] |= {name: text for name, text in evidence.items() if not isinstance(text, dict)}
    dispute["metadata"] |= parameters.get("metadata", {})
    details["has_evidence"] = bool(dispute["evidence"])
    is_submission = parameters.get("submit", bool(evidence)) and details["has_evidence"]
    if is_submission:
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
        details["submission_count"] += 1
        if ends := _OUTCOMES.get(dispute["evidence"].get("uncategorized_text", "")):
            dispute |= {"_ends": ends, "_due": account.clock.now() + SETTLING_SECONDS}
    account.store.put(dispute)
    account.emit("charge.dispute.updated", dispute)
    return dispute


def _check_evidence(account: Account, dispute: Document, evidence: dict[str, Any]) -> None:
    details = dispute["evidence_details"]
    if not dispute["status"].endswith("needs_response"):
        raise ApiError(f"Evidence for {dispute['id']} was submitted already: it cannot be changed.", is_executed=True)
    if account.clock.now() >= details["due_by"]:
        raise ApiError(f"The deadline for evidence on {dispute['id']} has passed.", is_executed=True)
    texts = {**dispute["evidence"], **evidence}
    if sum(len(text) for text in texts.values() if isinstance(text, str)) > LONGEST_EVIDENCE:
        raise ApiError(f"The evidence has more than {LONGEST_EVIDENCE} characters.", param="evidence")
    for name in evidence.keys() & FILE_FIELDS:
        file = account.store.get(evidence[name])
        if file is None or file["object"] != "file" or file["purpose"] != "dispute_evidence":
            raise ApiError(f"No such file upload: '{evidence[name]}'", param=f"evidence[{name}]")


def escalate_dispute(account: Account, dispute_id: str) -> Document:
    """An inquiry becomes a dispute under the same id: the money is taken, and an answer is asked for once more."""
    dispute = _require_open(account, dispute_id)
    details = dispute["evidence_details"] | {"due_by": account.clock.now() + EVIDENCE_SECONDS}
    dispute |= {"status": "needs_response", "evidence_details": details, "_due": None}
    account.store.put(dispute)
    account.emit("charge.dispute.updated", dispute)
    return dispute


def close_dispute(account: Account, dispute_id: str, *, status: str = "lost") -> Document:
    """The end: 'won', 'lost' (also by giving in), or 'warning_closed' for an inquiry."""
    dispute = _require_open(account, dispute_id) | {"status": status, "_due": None}
    account.store.put(dispute)
    account.emit("charge.dispute.closed", dispute)
    return dispute


def run_due_disputes(account: Account) -> None:
    """Charges of the cards that are disputed, and submitted evidence, after a few seconds."""
    for charge in account.store.list_due("charge", account.clock.now()):
        account.store.put(charge | {"_due": None})
        open_dispute(account, charge["id"], reason=charge["_disputed_as"])
    for dispute in account.store.list_due("dispute", account.clock.now()):
        close_dispute(account, dispute["id"], status=dispute["_ends"])


def _require_open(account: Account, dispute_id: str) -> Document:
    dispute = account.require("dispute", dispute_id)
    if dispute["status"] not in _OPEN:
        raise ApiError(f"This dispute is already {dispute['status']}.", is_executed=True)
    return dispute
