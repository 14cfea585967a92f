"""Stripe Tax, as far as it shows: one rate for everybody, and a breakdown that says which."""

from typing import Any

from payments.sandbox.store import Document

PERCENT = 20
"""The sandbox does not know where buyers live. Tests change the session for other rates and for reverse charge."""


def describe_tax(parameters: dict[str, Any], *, subtotal: int) -> Document:
    """The amounts of a session with the tax that is added to them, if it was asked for."""
    is_taxed = parameters.get("automatic_tax", {}).get("enabled", False)
    tax = (subtotal * PERCENT + 50) // 100 if is_taxed else 0
    return {
        "amount_total": subtotal + tax,
        "automatic_tax": {"enabled": is_taxed, "status": "complete" if is_taxed else None},
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": tax,
            "breakdown": {"discounts": [], "taxes": [_describe_rate(subtotal, tax)] if is_taxed else []},
        },
    }


def _describe_rate(subtotal: int, tax: int) -> Document:
    return {
        "amount": tax,
        "rate": {"object": "tax_rate", "id": "txr_sandbox", "display_name": "Tax", "percentage": PERCENT},
        "taxability_reason": "standard_rated",
        "taxable_amount": subtotal,
    }
