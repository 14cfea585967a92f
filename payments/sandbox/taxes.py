"""Stripe Tax, as far as it shows: one rate for everybody who owes any, and a breakdown that says which and why."""

from typing import Any

from payments.billing.countries import EUROPEAN_UNION
from payments.sandbox.store import Document

PERCENT = 20


def describe_tax(parameters: dict[str, Any], *, subtotal: int) -> Document:
    """The amounts of a new session, with the full rate if tax was asked for: nobody knows yet where the buyer is."""
    is_taxed = parameters.get("automatic_tax", {}).get("enabled", False)
    return _describe(subtotal, is_taxed=is_taxed, percent=PERCENT, reason="standard_rated")


def tax_customer(session: Document, customer: Document, *, seller: str) -> Document:
    """The amounts once the buyer has said where it is, for a seller that is registered in its own country alone."""
    if not session["automatic_tax"]["enabled"]:
        return {}
    country = customer["address"]["country"]
    percent, reason = PERCENT, "standard_rated"
    if country not in EUROPEAN_UNION:
        percent, reason = 0, "not_collecting"
    elif country != seller and customer["tax_ids"]:
        percent, reason = 0, "reverse_charge"
    return _describe(session["amount_subtotal"], is_taxed=True, percent=percent, reason=reason)


def _describe(subtotal: int, *, is_taxed: bool, percent: int, reason: str) -> Document:
    tax = (subtotal * percent + 50) // 100 if is_taxed else 0
    rate = {"object": "tax_rate", "id": "txr_sandbox", "display_name": "Tax", "percentage": percent}
    taxes = [{"amount": tax, "rate": rate, "taxability_reason": reason, "taxable_amount": subtotal}]
    return {
        "amount_total": subtotal + tax,
        "automatic_tax": {"enabled": is_taxed, "status": "complete" if is_taxed else None},
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": tax,
            "breakdown": {"discounts": [], "taxes": taxes if is_taxed else []},
        },
    }
