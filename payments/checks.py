"""System checks that stop a start with unsafe payment settings. `get_gateway` refuses the same faults everywhere."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from marketplace.catalog.money import check_price
from marketplace.errors import InvalidInputError
from payments.billing.countries import COUNTRIES
from payments.billing.vat_numbers import VatNumberError, read_vat_number

SANDBOX_KEY = "sk_test_sandbox"
SANDBOX_SECRET = "whsec_sandbox"  # noqa: S105  known to everybody, which is why it is refused
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@checks.register(checks.Tags.security)
def check_payment_settings(**_options: Any) -> list[checks.CheckMessage]:
    return list_faults() + _list_warnings()


def list_faults() -> list[checks.CheckMessage]:
    return _list_sandbox_faults() + _list_tax_faults() + (_list_production_faults() if settings.IS_PRODUCTION else [])


def _list_sandbox_faults() -> list[checks.CheckMessage]:
    base, key = settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY
    if not base:
        return []
    faults: list[checks.CheckMessage] = []
    if settings.IS_PRODUCTION:
        faults.append(
            checks.Error(
                "STRIPE_API_BASE is set in production: payments would go to a sandbox. Unset it.", id="payments.E001"
            )
        )
    address = urlsplit(base)
    if address.scheme != "http" or address.hostname not in _LOOPBACK:
        faults.append(
            checks.Error(
                f"STRIPE_API_BASE={base!r}: must be http:// on this machine, as 127.0.0.1.", id="payments.E002"
            )
        )
    if not key.startswith("sk_test_"):
        faults.append(
            checks.Error(
                "STRIPE_API_BASE is set beside a key that is not sk_test_…: unset one of them.", id="payments.E003"
            )
        )
    return faults


def _list_production_faults() -> list[checks.CheckMessage]:
    faults: list[checks.CheckMessage] = []
    key, secrets = settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS
    if key == SANDBOX_KEY or not key.startswith(("sk_", "rk_")):
        faults.append(
            checks.Error("STRIPE_SECRET_KEY is missing or the sandbox's. Give your sk_live_… key.", id="payments.E004")
        )
    if not secrets or SANDBOX_SECRET in secrets or not all(secret.startswith("whsec_") for secret in secrets):
        faults.append(
            checks.Error(
                "STRIPE_WEBHOOK_SECRET is missing or the sandbox's. Give the whsec_… of your webhook endpoint "
                "(two, separated by a comma, while you rotate it).",
                id="payments.E005",
            )
        )
    return faults


def _list_tax_faults() -> list[checks.CheckMessage]:
    faults: list[checks.CheckMessage] = []
    country, number = settings.SELLER_COUNTRY, settings.SELLER_VAT_NUMBER
    if country and country not in COUNTRIES:
        message = f"SELLER_COUNTRY={country!r}: give the two letters of a country (ISO 3166), such as DE."
        faults.append(checks.Error(message, id="payments.E006"))
    if settings.TAX == "vat" and not (country and number and settings.VAT_PERCENT):
        message = "TAX=vat: give SELLER_COUNTRY, SELLER_VAT_NUMBER and VAT_PERCENT, or set TAX=none."
        faults.append(checks.Error(message, id="payments.E007"))
    elif number and country in COUNTRIES:
        try:
            read_vat_number(number, country=country)
        except VatNumberError as error:
            faults.append(checks.Error(f"SELLER_VAT_NUMBER: {error}", id="payments.E008"))
    if settings.INVOICE_SERIES == settings.CREDIT_NOTE_SERIES or not all(
        re.fullmatch(r"[A-Z0-9]{1,8}", series) for series in (settings.INVOICE_SERIES, settings.CREDIT_NOTE_SERIES)
    ):
        message = "INVOICE_SERIES and CREDIT_NOTE_SERIES: give two different names of 1 to 8 capitals or digits."
        faults.append(checks.Error(message, id="payments.E009"))
    return faults + _list_price_faults()


def _list_price_faults() -> list[checks.CheckMessage]:
    faults: list[checks.CheckMessage] = []
    for currency, amount in settings.OTHER_PRICES.items():
        try:
            check_price(amount=amount, currency=currency)
        except InvalidInputError as error:
            message = f"OTHER_PRICES: {'; '.join(each for messages in error.fields.values() for each in messages)}"
            faults.append(checks.Error(message, id="payments.E010"))
    return faults


def _list_warnings() -> list[checks.CheckMessage]:
    if settings.IS_PRODUCTION and not (settings.SELLER_ADDRESS and settings.SELLER_COUNTRY):
        message = "SELLER_ADDRESS or SELLER_COUNTRY is not set: invoices must name your address."
        return [checks.Warning(message, id="payments.W002"), *_list_key_warnings()]
    return _list_key_warnings()


def _list_key_warnings() -> list[checks.CheckMessage]:
    if settings.IS_PRODUCTION and settings.STRIPE_SECRET_KEY.startswith(("sk_test_", "rk_test_")):
        return [checks.Warning("STRIPE_SECRET_KEY is a test key: nobody pays real money.", id="payments.W001")]
    return []
