"""A company's billing details: checked, kept, and copied onto each order."""

from typing import Any

from django.conf import settings

from accounts.models import Company
from marketplace.errors import InvalidInputError
from payments.billing.countries import COUNTRIES
from payments.billing.vat_numbers import VatNumberError, read_vat_number
from payments.models import BillingProfile

FIELDS = ("legal_name", "line1", "line2", "postal_code", "city", "country", "vat_number", "reference")
_REQUIRED = ("legal_name", "line1", "city", "country")


def find_billing_profile(*, company: Company) -> BillingProfile | None:
    return BillingProfile.objects.filter(company=company).first()


def save_billing_profile(*, company: Company, **given: str) -> BillingProfile:
    """For the company's next orders; those that were placed keep theirs. Raises InvalidInputError by field."""
    values = {name: " ".join(given.get(name, "").split()) for name in FIELDS}
    values["country"] = values["country"].upper()
    faults = _find_faults(values)
    if not faults and values["vat_number"]:
        try:
            values["vat_number"] = read_vat_number(values["vat_number"], country=values["country"])
        except VatNumberError as error:
            faults["vat_number"] = [str(error)]
    if faults:
        raise InvalidInputError("The billing details were not saved.", fields=faults)
    profile, _ = BillingProfile.objects.update_or_create(company=company, defaults=values)
    return profile


def require_billing_profile(*, company: Company) -> BillingProfile | None:
    """Without it nobody could say which VAT is due: with TAX=vat no order is placed before it is given."""
    profile = find_billing_profile(company=company)
    if profile is None and settings.TAX == "vat":
        message = (
            "Give your company's billing details first: the VAT of the sale depends on them. Nothing was reserved."
        )
        raise InvalidInputError(message, code="billing_required")
    return profile


def freeze_billing(*, company: Company, email: str, profile: BillingProfile | None) -> dict[str, Any]:
    """Seller and buyer as they are now, for the order and its invoice."""
    buyer = {name: getattr(profile, name, "") for name in FIELDS}
    return {
        "seller": {
            "name": settings.SELLER_NAME,
            "address": settings.SELLER_ADDRESS,
            "country": settings.SELLER_COUNTRY,
            "vat_number": settings.SELLER_VAT_NUMBER,
        },
        "buyer": {**buyer, "legal_name": buyer["legal_name"] or company.name, "email": email},
    }


def _find_faults(values: dict[str, str]) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for name in FIELDS:
        longest, value = getattr(BillingProfile._meta.get_field(name), "max_length", 0), values[name]
        if name in _REQUIRED and not value:
            faults[name] = ["This is missing: an invoice needs it."]
        elif name not in ("country", "vat_number") and len(value) > longest:
            faults[name] = [f"{value[:20]!r}… has {len(value)} characters: give at most {longest}."]
    if values["country"] and values["country"] not in COUNTRIES:
        message = f"{values['country'][:20]!r} is no country: give its two letters (ISO 3166), such as DE or US."
        faults["country"] = [message]
    return faults
