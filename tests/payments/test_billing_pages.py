"""Billing details and invoices in a browser and over the API: member, teammate, outsider, stranger."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import BillingProfile, Invoice, Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil
from tests.payments.billing import GERMAN, POLISH, charge_vat
from tests.payments.conftest import company_of

ClientFor = Callable[[User], Client]
ApiFor = Callable[[User], APIClient]
PAGE = "/billing/"


@pytest.fixture
def invoice(order: Order, sandbox: Sandbox) -> Invoice:
    sandbox.pay(order.session_id)
    return fulfil(session_id=order.session_id, actor="webhook").invoice


def test_details_are_saved_and_shown_again(buyer: User, client_for: ClientFor) -> None:
    client = client_for(buyer)
    assert company_of(buyer).name in client.get(PAGE).content.decode()
    page = client.post(PAGE, POLISH, follow=True).content.decode()
    assert "The billing details were saved." in page
    assert 'value="PL8567346215"' in page
    assert '<option value="PL" selected>' in page


def test_mistyped_vat_number_is_named_beside_its_field_and_nothing_is_saved(buyer: User, client_for: ClientFor) -> None:
    response = client_for(buyer).post(PAGE, POLISH | {"vat_number": "PL8567346214"})
    assert response.status_code == 400
    assert "&#x27;PL8567346214&#x27; is mistyped" in response.content.decode()
    assert not BillingProfile.objects.exists()


def test_buyer_who_owes_details_gives_them_and_comes_back_to_the_track(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any, client_for: ClientFor
) -> None:
    charge_vat(settings)
    client = client_for(buyer)
    detail = reverse("catalog:detail", args=[track.pk])
    asked = client.post(reverse("payments:buy", args=[track.pk]))
    assert (asked.status_code, asked.url) == (302, f"{PAGE}?next={detail.replace('/', '%2F')}")
    assert not Order.objects.exists()
    saved = client.post(PAGE, GERMAN | {"next": detail})
    assert (saved.status_code, saved.url) == (302, detail)
    assert client.post(reverse("payments:buy", args=[track.pk])).url == Order.objects.get().checkout_url


def test_next_leads_nowhere_else(buyer: User, client_for: ClientFor) -> None:
    assert client_for(buyer).post(PAGE, GERMAN | {"next": "https://elsewhere.example/"}).url == PAGE


def test_stranger_is_asked_to_log_in(invoice: Invoice) -> None:
    for address in (PAGE, reverse("payments:invoice", args=[invoice.pk])):
        response = Client().get(address)
        assert response.status_code == 302
        assert reverse("accounts:login") in response.url


def test_invoice_is_its_companys_alone(
    invoice: Invoice, buyer: User, rival: User, make_user: Callable[..., User], client_for: ClientFor
) -> None:
    address = reverse("payments:invoice", args=[invoice.pk])
    for member in (buyer, make_user(company=company_of(buyer))):
        client = client_for(member)
        paper = client.get(address)
        assert paper.content.startswith(b"%PDF-")
        assert f'filename="{invoice.number}.pdf"' in paper["Content-Disposition"]
        assert invoice.number in client.get(PAGE).content.decode()
        assert address in client.get(reverse("payments:order", args=[invoice.order_id])).content.decode()
    outsider = client_for(rival)
    assert outsider.get(address).status_code == 404
    assert invoice.number not in outsider.get(PAGE).content.decode()


def test_programs_read_and_put_the_details(buyer: User, api_for: ApiFor) -> None:
    client = api_for(buyer)
    assert client.get("/api/v1/billing/").status_code == 204
    assert client.put("/api/v1/billing/", POLISH, format="json").json()["vat_number"] == "PL8567346215"
    refused = client.put("/api/v1/billing/", GERMAN | {"country": "XX"}, format="json")
    assert refused.status_code == 400
    assert refused.json()["fields"]["country"][0].startswith("'XX' is no country")
    assert client.get("/api/v1/billing/").json()["country"] == "PL"
    assert APIClient().get("/api/v1/billing/").status_code == 401


def test_programs_list_and_download_invoices(invoice: Invoice, buyer: User, rival: User, api_for: ApiFor) -> None:
    client = api_for(buyer)
    (listed,) = client.get("/api/v1/invoices/").json()["results"]
    assert (listed["number"], listed["kind"], listed["total"]) == (invoice.number, "invoice", 24_900)
    assert client.get(f"/api/v1/orders/{invoice.order_id}/").json()["invoices"] == [listed["id"]]
    paper = client.get(f"/api/v1/invoices/{listed['id']}/invoice.pdf")
    assert (paper.status_code, paper["Content-Type"], paper.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert api_for(rival).get("/api/v1/invoices/").json()["results"] == []
    assert api_for(rival).get(f"/api/v1/invoices/{listed['id']}/invoice.pdf").status_code == 404


def test_house_that_charges_vat_tells_programs_to_put_the_details_first(
    sandbox: Sandbox, buyer: User, track: Track, settings: Any, api_for: ApiFor
) -> None:
    charge_vat(settings)
    response = api_for(buyer).post("/api/v1/orders/", {"track": str(track.pk)}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "billing_required")
    assert not Order.objects.exists()
