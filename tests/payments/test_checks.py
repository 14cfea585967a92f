"""Unsafe payment settings stop the start."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from payments.checks import check_payment_settings
from payments.gateway import get_gateway

LIVE = {
    "IS_PRODUCTION": True,
    "STRIPE_API_BASE": "",
    "STRIPE_SECRET_KEY": "sk_live_abc",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_abc"],
    "SELLER_ADDRESS": ["1 High Street", "Town"],
    "SELLER_COUNTRY": "DE",
}
LOCAL = {
    "IS_PRODUCTION": False,
    "STRIPE_API_BASE": "http://127.0.0.1:4242",
    "STRIPE_SECRET_KEY": "sk_test_sandbox",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_sandbox"],
}


def configure(settings: Any, values: dict[str, Any]) -> list[str]:
    for name, value in values.items():
        setattr(settings, name, value)
    return [message.id for message in check_payment_settings()]


@pytest.mark.parametrize(
    "values", [LIVE, LOCAL, LOCAL | {"STRIPE_API_BASE": ""}, LIVE | {"STRIPE_SECRET_KEY": "rk_live_a"}]
)
def test_safe_settings_pass(settings: Any, values: dict[str, Any]) -> None:
    assert configure(settings, values) == []
    assert get_gateway().livemode == values["STRIPE_SECRET_KEY"].startswith(("sk_live_", "rk_live_"))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (LIVE | {"STRIPE_API_BASE": "http://127.0.0.1:4242", "STRIPE_SECRET_KEY": "sk_test_a"}, ["E001", "W001"]),
        (LOCAL | {"STRIPE_API_BASE": "http://192.168.1.5:4242"}, ["E002"]),
        (LOCAL | {"STRIPE_API_BASE": "https://api.stripe.com"}, ["E002"]),
        (LOCAL | {"STRIPE_API_BASE": "http://127.0.0.1.evil.example:80"}, ["E002"]),
        (LOCAL | {"STRIPE_SECRET_KEY": "sk_live_abc"}, ["E003"]),
        (LIVE | {"STRIPE_SECRET_KEY": ""}, ["E004"]),
        (LIVE | {"STRIPE_SECRET_KEY": "sk_test_sandbox"}, ["E004", "W001"]),
        (LIVE | {"STRIPE_WEBHOOK_SECRETS": []}, ["E005"]),
        (LIVE | {"STRIPE_WEBHOOK_SECRETS": ["whsec_sandbox"]}, ["E005"]),
        (LIVE | {"STRIPE_WEBHOOK_SECRETS": ["whsec_a", "b"]}, ["E005"]),
        (LIVE | {"SELLER_COUNTRY": "UK"}, ["E006"]),
        (LIVE | {"TAX": "vat"}, ["E007"]),
        (LIVE | {"OTHER_PRICES": {"kwd": 84_005}}, ["E010"]),
        (LIVE | {"SELLER_VAT_NUMBER": "DE136695975"}, ["E008"]),
        (LIVE | {"INVOICE_SERIES": "CN"}, ["E009"]),
        (LIVE | {"INVOICE_SERIES": "inv/2026"}, ["E009"]),
    ],
)
def test_unsafe_settings_are_named_and_no_gateway_is_made(
    settings: Any, values: dict[str, Any], found: list[str]
) -> None:
    assert configure(settings, values) == [f"payments.{number}" for number in found]
    with pytest.raises(ImproperlyConfigured):
        get_gateway()


def test_house_without_an_address_is_warned(settings: Any) -> None:
    assert configure(settings, LIVE | {"SELLER_ADDRESS": []}) == ["payments.W002"]


def test_test_key_in_production_is_a_warning(settings: Any) -> None:
    assert configure(settings, LIVE | {"STRIPE_SECRET_KEY": "sk_test_abc"}) == ["payments.W001"]
