"""What a buyer types beside the card: the billing address and the tax number, where the session asks for them."""

import html
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

import stripe

from payments.billing.countries import COUNTRIES, EUROPEAN_UNION
from payments.sandbox.store import Document

_ADDRESS = ("line1", "line2", "postal_code", "city", "state", "country")
_REQUIRED = {"name": "name", "line1": "street and number", "city": "town", "country": "country"}
_LONGEST = 250
_EU_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z ./-]{1,28}[0-9A-Z]")


class IncompleteError(Exception):
    """Something that has to be typed is missing or has the wrong form: the page says which, and nothing is paid."""


def start_customer(parameters: Mapping[str, Any]) -> Document:
    """As a session begins: what the page will ask for, and the e-mail address that it knows already."""
    return {
        "billing_address_collection": parameters.get("billing_address_collection"),
        "tax_id_collection": {"enabled": parameters.get("tax_id_collection", {}).get("enabled", False)},
        "customer_details": {
            **dict.fromkeys(("address", "business_name", "individual_name", "name", "phone", "tax_ids")),
            "email": parameters.get("customer_email"),
            "tax_exempt": "none",
        },
    }


def asks_for_address(session: Document) -> bool:
    return bool(session["billing_address_collection"] == "required")


def read_customer(session: Document, fields: Mapping[str, str]) -> Document | None:
    """The session's `customer_details` from the page's fields; None where it does not ask for an address."""
    if not asks_for_address(session):
        return None
    typed = {name: " ".join(fields.get(name, "").split())[:_LONGEST] for name in ("name", *_ADDRESS, "tax_id")}
    missing = next((words for name, words in _REQUIRED.items() if not typed[name]), None)
    if missing or typed["country"] not in COUNTRIES:
        raise IncompleteError(f"Your billing address is incomplete: give the {missing or 'country'}.")
    return {
        **session["customer_details"],
        "name": typed["name"],
        "address": {name: typed[name] or None for name in _ADDRESS},
        "tax_ids": _read_tax_ids(session, typed["country"], typed["tax_id"]),
    }


def _read_tax_ids(session: Document, country: str, number: str) -> list[Document]:
    if not number or not session["tax_id_collection"]["enabled"]:
        return []
    kind, value = name_tax_id(country), number.upper()
    compact = value.replace(" ", "")
    if kind is None:
        raise IncompleteError(f"Stripe takes no tax numbers of {COUNTRIES[country]}: leave the field empty.")
    if not (_EU_NUMBER.fullmatch(compact) if kind == "eu_vat" else _NUMBER.fullmatch(value)):
        form = f"{country} and the number" if kind == "eu_vat" else "letters and digits"
        raise IncompleteError(f"{number[:20]!r} is no tax number of {COUNTRIES[country]}: it has the form {form}.")
    return [{"type": kind, "value": compact if kind == "eu_vat" else value}]


def name_tax_id(country: str) -> str | None:
    """The kind of number that a country's companies have: of several that Stripe knows, the VAT number first."""
    if country in EUROPEAN_UNION:
        return "eu_vat"
    own = [kind for kind in _list_kinds() if kind.startswith(f"{country.lower()}_")]
    return min(own, key=lambda kind: (not kind.endswith(("_vat", "_gst", "_ein")), own.index(kind)), default=None)


@cache
def _list_kinds() -> tuple[str, ...]:
    """From the installed library's own type."""
    hints = get_type_hints(stripe.checkout.Session.CustomerDetails.TaxId, vars(stripe.checkout._session))
    return tuple(kind for arm in get_args(hints["type"]) for kind in get_args(arm))


def list_country_options(chosen: str) -> str:
    return "\n".join(
        f'            <option value="{code}"{" selected" if code == chosen else ""}>{html.escape(name)}</option>'
        for code, name in COUNTRIES.items()
    )
