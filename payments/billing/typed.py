"""The buyer as typed at the checkout, where Stripe Tax asks for it, in the form in which an order keeps its buyer."""

from collections.abc import Mapping
from typing import Any

from payments.gateway_types import TypedAddress

_VAT = "_vat"
"""How Stripe's names of VAT numbers end: 'eu_vat', 'gb_vat', 'no_vat'."""


def name_buyer_as_typed(billing: Mapping[str, Any], *, typed: TypedAddress) -> dict[str, Any]:
    """The address is the typed one, whole: half of it and half of the profile's would be nobody's.

    The profile's VAT number stays only if none was typed and its country is the same. E-mail and reference stay.
    """
    before = billing.get("buyer", {})
    numbers = [each for each in typed.tax_ids if each.type.endswith(_VAT)]
    others = [each for each in typed.tax_ids if each not in numbers[:1]]
    kept = before.get("vat_number", "") if before.get("country") == typed.country else ""
    address = {name: getattr(typed, name) for name in ("line1", "line2", "postal_code", "city", "state", "country")}
    buyer = {
        **before,
        **address,
        "legal_name": typed.name or before.get("legal_name", ""),
        "vat_number": numbers[0].value if numbers else kept,
        "tax_ids": [{"type": each.type, "value": each.value} for each in others],
    }
    return {**billing, "buyer": buyer}
