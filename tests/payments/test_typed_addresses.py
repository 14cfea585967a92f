"""With Stripe Tax the buyer types address and tax number at the checkout: the tax goes by them, and so the invoice."""

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
import requests
from reportlab.platypus import Paragraph, Table

from accounts.models import User
from marketplace.catalog.models import Track
from payments.books import check_books
from payments.evidence.pack import build_evidence_pack
from payments.invoices import drawing
from payments.models import Order
from payments.sandbox.customers import name_tax_id
from payments.sandbox.server import Sandbox
from payments.services import fulfil, settle_disputes, stage_evidence
from tests.payments.billing import GERMAN, POLISH, bill_to
from tests.payments.conftest import buy, state_of

pytestmark = pytest.mark.any_database

TYPED = {
    "name": "Reklama Sp. z o.o.",
    "line1": "ul. Długa 7",
    "postal_code": "00-238",
    "city": "Warszawa",
    "country": "PL",
    "tax_id": "PL8567346215",
}


@pytest.fixture
def order(sandbox: Sandbox, buyer: User, track: Track, settings: Any) -> Order:
    settings.TAX, settings.SELLER_COUNTRY = "stripe", "DE"
    bill_to(buyer, GERMAN | {"reference": "PO 7"})
    return buy(buyer, track)


def press_pay(order: Order, **typed: str) -> requests.Response:
    data = {"card_number": "4242 4242 4242 4242", **typed}
    return requests.post(order.checkout_url, data=data, allow_redirects=False, timeout=5)


def sell(order: Order, **typed: str) -> Order:
    assert press_pay(order, **typed).status_code == 303
    return fulfil(session_id=order.session_id, actor="webhook")


def read_head(order: Order) -> str:
    """What is drawn above the lines of the invoice."""
    assert order.invoice is not None
    drawn = drawing._draw_head(order.invoice.content)
    cells = [cell for flowable in drawn if isinstance(flowable, Table) for row in flowable._cellvalues for cell in row]
    return "\n".join(each.text for each in (*drawn, *cells) if isinstance(each, Paragraph))


def test_invoice_names_the_buyer_as_typed_at_the_checkout(order: Order) -> None:
    sold = sell(order, **TYPED)
    buyer = sold.invoice.content["buyer"]
    assert {name: buyer[name] for name in ("legal_name", "line1", "postal_code", "city", "country", "vat_number")} == {
        **{name: TYPED[name] for name in ("line1", "postal_code", "city", "country")},
        "legal_name": TYPED["name"],
        "vat_number": TYPED["tax_id"],
    }
    assert (buyer["reference"], buyer["email"]) == ("PO 7", "buyer@example.com")
    assert (sold.tax_treatment, sold.amount) == ("reverse_charge", 24_900)
    paper = read_head(sold)
    assert all(words in paper for words in ("Reklama Sp. z o.o.", "ul. Długa 7", "VAT number PL8567346215", "PO 7"))
    assert check_books() == []


def test_profile_of_the_company_is_not_changed_by_it(order: Order, buyer: User) -> None:
    sell(order, **TYPED)
    profile = order.company.billing_profile
    assert (profile.legal_name, profile.country, profile.vat_number) == (GERMAN["legal_name"], "DE", "")


@pytest.mark.parametrize(
    ("country", "tax_id", "treatment", "tax"),
    [("DE", "DE136695976", "by_stripe", 4_980), ("PL", "", "by_stripe", 4_980), ("US", "12-3456789", "by_stripe", 0)],
)
def test_tax_is_that_of_the_typed_country(order: Order, country: str, tax_id: str, treatment: str, tax: int) -> None:
    sold = sell(order, **TYPED | {"country": country, "tax_id": tax_id})
    assert (sold.tax_treatment, sold.tax_amount) == (treatment, tax)


def test_number_that_is_no_vat_number_is_printed_by_its_kind(order: Order) -> None:
    sold = sell(order, **TYPED | {"country": "US", "city": "Reno", "state": "NV", "tax_id": "12-3456789"})
    buyer = sold.invoice.content["buyer"]
    assert (buyer["vat_number"], buyer["tax_ids"]) == ("", [{"type": "us_ein", "value": "12-3456789"}])
    paper = read_head(sold)
    assert "US EIN 12-3456789" in paper
    assert "Reno, NV" in paper


@pytest.mark.parametrize(("country", "kept"), [("PL", "PL8567346215"), ("DE", "")])
def test_vat_number_of_the_profile_stays_only_in_its_own_country(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any, country: str, kept: str
) -> None:
    settings.TAX = "stripe"
    bill_to(buyer, POLISH)
    sold = sell(buy(buyer, track), **TYPED | {"country": country, "tax_id": ""})
    assert sold.billing["buyer"]["vat_number"] == kept


def test_bank_reads_the_typed_address_and_the_pack_holds_it(order: Order, sandbox: Sandbox) -> None:
    sold = sell(order, **TYPED)
    sandbox.dispute(order.session_id)
    disputed = settle_disputes(order=sold, actor="webhook")
    archive = zipfile.ZipFile(BytesIO(build_evidence_pack(disputed)))
    (record,) = (json.loads(archive.read(name)) for name in archive.namelist() if name.endswith("delivery-record.json"))
    assert (record["buyer"]["line1"], record["buyer"]["vat_number"]) == (TYPED["line1"], TYPED["tax_id"])
    stage_evidence(dispute=disputed.disputes.get(), statement="It was delivered.", actor="admin")
    (sent,) = sandbox.list_kind("dispute")
    assert sent["evidence"]["billing_address"] == "ul. Długa 7, 00-238, Warszawa, PL"
    assert sent["evidence"]["customer_name"] == TYPED["name"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("line1", "", "give the street and number"),
        ("country", "", "give the country"),
        ("country", "XX", "give the country"),
        ("tax_id", "8567", "is no tax number of Poland: it has the form PL and the number"),
    ],
)
def test_hosted_page_asks_again_for_what_is_missing_and_takes_no_money(
    order: Order, sandbox: Sandbox, name: str, value: str, words: str
) -> None:
    answer = press_pay(order, **TYPED | {name: value})
    assert answer.status_code == 402
    assert words in answer.text.replace("&#x27;", "'")
    assert TYPED["city"] in answer.text  # what was typed stays
    assert sandbox.list_kind("payment_intent") == []
    assert fulfil(session_id=order.session_id, actor="webhook").state == Order.State.OPEN


def test_page_asks_for_no_address_that_was_not_asked_for(sandbox: Sandbox, buyer: User, track: Track) -> None:
    """With another TAX the order's own details count, whatever a page may know."""
    bill_to(buyer, GERMAN)
    order = buy(buyer, track)
    assert "Billing address" not in requests.get(order.checkout_url, timeout=5).text
    sold = sell(order, **TYPED)
    assert sold.invoice.content["buyer"]["line1"] == GERMAN["line1"]


def test_address_survives_a_refused_card_and_the_banks_question(order: Order) -> None:
    assert press_pay(order, **TYPED, card_number="4000000000003220").status_code == 303
    requests.post(f"{order.checkout_url}/authenticate", data={"answer": "approve"}, allow_redirects=False, timeout=5)
    sold = fulfil(session_id=order.session_id, actor="webhook")
    assert sold.invoice.content["buyer"]["line1"] == TYPED["line1"]
    assert state_of(order) == Order.State.SOLD


def test_late_and_repeated_tellings_change_no_name_on_a_sale(order: Order, sandbox: Sandbox) -> None:
    sold = sell(order, **TYPED)
    sandbox.change(order.session_id, customer_details=None)
    again = fulfil(session_id=order.session_id, actor="return page")
    assert again.billing == sold.billing


@pytest.mark.parametrize(
    ("country", "kind"), [("FR", "eu_vat"), ("GB", "gb_vat"), ("US", "us_ein"), ("NO", "no_vat"), ("AQ", None)]
)
def test_kinds_of_numbers_are_the_librarys(country: str, kind: str | None) -> None:
    assert name_tax_id(country) == kind
