"""Billing details: refused by field, frozen with the order, and what they mean for the tax."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.errors import InvalidInputError
from payments.billing.profiles import save_billing_profile
from payments.billing.taxes import add_tax, share_of_tax
from payments.models import BillingProfile, Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil
from tests.payments.billing import AMERICAN, GERMAN, POLISH, bill_to, charge_vat
from tests.payments.conftest import buy, company_of, state_of


def test_each_fault_is_named_by_its_field_and_nothing_is_saved(buyer: User) -> None:
    bill_to(buyer, GERMAN)
    with pytest.raises(InvalidInputError) as caught:
        save_billing_profile(company=company_of(buyer), line1="x" * 161, country="ZZ")
    assert set(caught.value.fields) == {"legal_name", "line1", "city", "country"}
    assert "'ZZ' is no country" in caught.value.fields["country"][0]
    with pytest.raises(InvalidInputError) as caught:
        save_billing_profile(company=company_of(buyer), **(POLISH | {"vat_number": "PL8567346214"}))
    assert "'PL8567346214' is mistyped" in caught.value.fields["vat_number"][0]
    assert BillingProfile.objects.get().legal_name == "Werbung GmbH"


def test_order_keeps_the_details_that_it_was_placed_with(sandbox: Sandbox, buyer: User, track: Track) -> None:
    bill_to(buyer, POLISH)
    order = buy(buyer, track)
    bill_to(buyer, GERMAN)
    frozen = Order.objects.get(pk=order.pk).billing["buyer"]
    assert (frozen["legal_name"], frozen["vat_number"]) == ("Łódź Reklama", "PL8567346215")


def test_order_without_details_names_the_company_and_its_buyer(order: Order, buyer: User) -> None:
    frozen = order.billing["buyer"]
    assert (frozen["legal_name"], frozen["email"]) == (company_of(buyer).name, buyer.email)
    assert (order.amount, order.net_amount, order.tax_treatment) == (24_900, 24_900, "untaxed")


@pytest.mark.parametrize(
    ("details", "treatment", "tax"),
    [
        (GERMAN, "domestic", 4_731),
        (POLISH, "reverse_charge", 0),
        (POLISH | {"vat_number": ""}, "domestic", 4_731),
        (AMERICAN, "outside", 0),
    ],
)
def test_tax_follows_from_the_buyers_country_and_number(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any, details: dict[str, str], treatment: str, tax: int
) -> None:
    charge_vat(settings)
    bill_to(buyer, details)
    order = buy(buyer, track)
    assert (order.tax_treatment, order.tax_amount, order.net_amount) == (treatment, tax, 24_900)
    session = sandbox.list_kind("checkout.session")[0]
    assert session["amount_total"] == order.amount == 24_900 + tax
    sandbox.pay(order.session_id)
    assert fulfil(session_id=order.session_id, actor="webhook").state == Order.State.SOLD


def test_house_that_charges_vat_asks_for_the_details_before_it_reserves(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any
) -> None:
    charge_vat(settings)
    with pytest.raises(InvalidInputError) as caught:
        buy(buyer, track)
    assert caught.value.code == "billing_required"
    assert not Order.objects.exists()
    assert Track.objects.get(pk=track.pk).status == Track.Status.ON_SALE


def test_stripe_tax_is_added_to_the_price_and_recorded_at_the_sale(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any
) -> None:
    settings.TAX = "stripe"
    order = buy(buyer, track)
    assert order.session_parameters["automatic_tax"] == {"enabled": True}
    assert order.session_parameters["adaptive_pricing"] == {"enabled": False}
    sandbox.pay(order.session_id)
    sold = fulfil(session_id=order.session_id, actor="webhook")
    assert (sold.state, sold.net_amount, sold.amount, sold.tax_percent) == ("sold", 24_900, 29_880, Decimal(20))
    assert sold.invoice.content["tax"] == 4_980


def test_stripe_tax_may_find_a_reverse_charge(sandbox: Sandbox, buyer: User, track: Track, settings: Any) -> None:
    settings.TAX = "stripe"
    order = buy(buyer, track)
    rate = {"amount": 0, "taxability_reason": "reverse_charge", "taxable_amount": 24_900, "rate": {"percentage": 0}}
    details = {"amount_tax": 0, "breakdown": {"discounts": [], "taxes": [rate]}}
    sandbox.change(order.session_id, amount_total=24_900, total_details=details)
    sandbox.pay(order.session_id)
    sold = fulfil(session_id=order.session_id, actor="webhook")
    assert (sold.state, sold.amount, sold.tax_treatment) == ("sold", 24_900, "reverse_charge")
    assert "Reverse charge" in sold.invoice.content["notes"][0]


def test_wrong_price_is_seen_beneath_stripes_tax(sandbox: Sandbox, buyer: User, track: Track, settings: Any) -> None:
    """Compared by the total, a dearer tax would look like a wrong price, and a cheaper price like tax."""
    settings.TAX = "stripe"
    order = buy(buyer, track)
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_subtotal=24_800)
    fulfil(session_id=order.session_id, actor="webhook")
    assert state_of(order) == Order.State.REFUNDED


def test_stripes_own_invoices_are_switchable(sandbox: Sandbox, buyer: User, track: Track, settings: Any) -> None:
    settings.STRIPE_INVOICES = True
    assert buy(buyer, track).session_parameters["invoice_creation"] == {"enabled": True}


@pytest.mark.parametrize(
    ("currency", "net", "tax", "unit"),
    [("jpy", 40_000, 7_600, "¥47,600"), ("kwd", 84_010, 15_960, "KWD 99.970"), ("eur", 24_905, 4_732, "€296.37")],
)
def test_tax_comes_in_amounts_that_the_currency_can_be_charged_in(
    sandbox: Sandbox, buyer: User, make_track: Any, settings: Any, currency: str, net: int, tax: int, unit: str
) -> None:
    from marketplace.catalog.money import format_money

    charge_vat(settings)
    bill_to(buyer, GERMAN)
    order = buy(buyer, make_track(price_amount=net, price_currency=currency))
    assert (order.net_amount, order.tax_amount) == (net, tax)
    assert format_money(order.amount, currency).replace("\N{NO-BREAK SPACE}", " ") == unit
    assert sandbox.list_kind("checkout.session")[0]["amount_total"] == net + tax


def test_halves_of_tax_are_rounded_up_and_parts_add_up_to_the_whole() -> None:
    assert add_tax(net=50, percent=Decimal(19), currency="eur") == 10  # 9.5
    shares = [share_of_tax(tax=4_731, total=29_631, part=part) for part in (0, 10_000, 20_000, 29_631)]
    assert (shares[0], shares[-1]) == (0, 4_731)
    assert shares == sorted(shares)
