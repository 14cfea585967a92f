"""The invoice lies in the dispute pack of whoever paid for the track, and of nobody else."""

import zipfile
from io import BytesIO

import pytest

from marketplace.rights.services import assign_ownership
from payments.models import Invoice, Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil
from tests.payments.conftest import buy, company_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def sold(sandbox: Sandbox, buyer, track) -> Order:
    order = buy(buyer, track)
    sandbox.pay(order.session_id)
    return fulfil(session_id=order.session_id, actor="test")


def names_in_pack(client, order: Order) -> list[str]:
    content = client.get(f"/tracks/{order.track_id}/dispute-pack.zip").content
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return [name.split("/", 1)[1] for name in archive.namelist()]


def test_buyers_dispute_pack_holds_the_invoice(sold, buyer, client_for) -> None:
    assert Invoice.objects.filter(order=sold).count() == 1
    name = "invoice.pdf"
    content = client_for(buyer).get(f"/tracks/{sold.track_id}/dispute-pack.zip").content
    with zipfile.ZipFile(BytesIO(content)) as archive:
        folder = archive.namelist()[0].split("/")[0]
        assert archive.read(f"{folder}/{name}").startswith(b"%PDF-")
        assert name in archive.read(f"{folder}/README.txt").decode()
        assert name in archive.read(f"{folder}/reply.txt").decode()


def test_next_owners_pack_does_not_show_what_the_first_one_paid(sold, rival, client_for) -> None:
    assign_ownership(track=sold.track, to=company_of(rival), reference="deed 1")
    names = names_in_pack(client_for(rival), sold)
    assert "certificate.pdf" in names
    assert not [name for name in names if name.startswith("invoice")]
