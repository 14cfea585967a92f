"""Refunds of captured payments."""

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.cards import SETTLING_SECONDS
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Document, make_id

_FIRST_STATUS = {"succeeded": "pending", "failed": "succeeded"}
"""By how the refund will end: what it is at first."""


def create_refund(account: Account, parameters: dict[str, Any]) -> Document:
    charge = _find_charge(account, parameters)
    intent = account.require("payment_intent", charge["payment_intent"])
    _refuse_disputed(account, charge)
    left = charge["amount"] - charge["amount_refunded"]
    amount = parameters.get("amount", left)
    _check_amount(amount, left, account)
    ends = intent["_refund_ends"]
    refund: Document = {
        "id": make_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": account.clock.now(),
        "currency": charge["currency"],
        "metadata": parameters.get("metadata", {}),
        "payment_intent": intent["id"],
        "reason": parameters.get("reason"),
        "status": _FIRST_STATUS.get(ends, account.refund_status),
    }
    if ends:
        refund |= {"_ends": ends, "_due": account.clock.now() + SETTLING_SECONDS}
    account.store.put(refund)
    _count_refunds(account, charge)
    account.emit("refund.created", refund)
    return refund


def settle_refund(account: Account, refund_id: str, *, status: str) -> Document:
    """The bank's last word on a refund: 'succeeded' or 'failed'."""
    refund = account.require("refund", refund_id)
    refund |= {"status": status, "_due": None}
    if status == "failed":
        refund["failure_reason"] = "expired_or_canceled_card"
    account.store.put(refund)
    _count_refunds(account, account.require("charge", refund["charge"]))
    account.emit("refund.failed" if status == "failed" else "refund.updated", refund)
    return refund


def run_due_refunds(account: Account) -> None:
    for refund in account.store.list_due("refund", account.clock.now()):
        settle_refund(account, refund["id"], status=refund["_ends"])


def _find_charge(account: Account, parameters: dict[str, Any]) -> Document:
    if "charge" in parameters:
        return account.require("charge", parameters["charge"])
    if "payment_intent" not in parameters:
        raise ApiError("One of the following params should be provided: charge or payment_intent.")
    intent = account.require("payment_intent", parameters["payment_intent"])
    if not intent["latest_charge"]:
        raise ApiError(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return account.require("charge", intent["latest_charge"])


def _refuse_disputed(account: Account, charge: Document) -> None:
    """The bank has the money already. An inquiry (`warning_…`) may still be answered by a refund."""
    taken = ("needs_response", "under_review", "lost")
    disputes = (one for one in account.store.list_kind("dispute") if one["charge"] == charge["id"])
    if any(one["status"] in taken for one in disputes):
        message = f"The charge {charge['id']} has been charged back; a refund cannot be made."
        raise ApiError(message, code="charge_disputed", is_executed=True)


def _check_amount(amount: int, left: int, account: Account) -> None:
    if amount < 1 and left > 0:
        raise ApiError(f"Invalid positive integer: {amount}.", param="amount")
    if account.allows_overpaid_refunds:
        return
    if left <= 0:
        raise ApiError("The charge has already been refunded.", code="charge_already_refunded", is_executed=True)
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        raise ApiError(message, param="amount", is_executed=True)


def _count_refunds(account: Account, charge: Document) -> None:
    refunds = (one for one in account.store.list_kind("refund") if one["charge"] == charge["id"])
    refunded = sum(one["amount"] for one in refunds if one["status"] not in ("failed", "canceled"))
    account.store.put(charge | {"amount_refunded": refunded, "refunded": refunded >= charge["amount"]})
