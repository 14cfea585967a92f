"""Companies with an address, and a house that charges VAT."""

from typing import Any

from accounts.models import User
from payments.billing.profiles import save_billing_profile
from payments.models import BillingProfile
from tests.payments.conftest import company_of

GERMAN = {
    "legal_name": "Werbung GmbH",
    "line1": "Hauptstr. 1",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}
POLISH = {
    "legal_name": "Łódź Reklama",
    "line1": "ul. Nowa 1",
    "city": "Łódź",
    "country": "PL",
    "vat_number": "PL 856-734-62-15",
}
AMERICAN = {"legal_name": "Ads Inc.", "line1": "1 Main St", "city": "Reno", "country": "US"}


def bill_to(user: User, details: dict[str, str]) -> BillingProfile:
    return save_billing_profile(company=company_of(user), **details)


def charge_vat(settings: Any) -> None:
    """The house is German, and charges 19 %."""
    from decimal import Decimal

    settings.TAX, settings.VAT_PERCENT = "vat", Decimal("19")
    settings.SELLER_COUNTRY, settings.SELLER_VAT_NUMBER = "DE", "DE136695976"
