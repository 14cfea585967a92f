"""A disputed sale's evidence as a ZIP, and the queue of what waits for a person."""

import csv
import json
import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.rights.services import note_download
from payments.models import BookFinding, Letter, Order, WebhookEvent
from payments.sandbox.server import Sandbox
from payments.services import fulfil, settle_disputes
from payments.services.letters import MAX_ATTEMPTS
from tests.payments.conftest import buy, company_of

LIST = "/admin/payments/order/"


@pytest.fixture
def disputed(order: Order, sandbox: Sandbox, buyer: User) -> Order:
    """Sold, one file fetched, and then disputed at the bank."""
    sandbox.pay(order.session_id)
    sale = fulfil(session_id=order.session_id, actor="webhook")
    file = sale.track.files.get(name="track.wav")
    note_download(file=file, company=company_of(buyer), user=buyer, is_continuation=False)
    sandbox.dispute(order.session_id)
    return settle_disputes(order=sale, actor="webhook")


def test_pack_holds_all_that_shows_the_delivery(admin: Client, disputed: Order) -> None:
    assert f"{disputed.pk}/evidence.zip" in admin.get(f"{LIST}{disputed.pk}/change/").content.decode()
    answer = admin.get(f"{LIST}{disputed.pk}/evidence.zip")
    archive = zipfile.ZipFile(BytesIO(answer.content))
    files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert set(files) == {
        *("statement.txt", "certificate.json", "certificate.pdf", f"{disputed.invoice.number}.pdf"),
        *("delivery-record.json", "access-log.csv", "order-history.csv", "letters.csv"),
    }
    assert json.loads(files["certificate.json"])["document"]["reference"] == f"order {disputed.pk}"
    delivered = json.loads(files["delivery-record.json"])
    fetched = {file["name"]: len(file["fetched"]) for file in delivered["files"]}
    assert fetched == {"track.wav": 1, "track.mid": 0, "parts/piano.mid": 0}
    (_, (_, person, _, name)) = csv.reader(StringIO(files["access-log.csv"].decode()))
    assert (person, name) == ("buyer@example.com", "track.wav")
    history = list(csv.DictReader(StringIO(files["order-history.csv"].decode())))
    assert [row["to"] for row in history] == ["created", "open", "sold", "disputed"]
    assert disputed.session_id in history[2]["stripe_ids"]


def test_other_companies_downloads_are_no_evidence(admin: Client, disputed: Order, rival: User) -> None:
    from marketplace.rights.models import Download

    Download.objects.create(track=disputed.track, company=company_of(rival), user=rival, file_name="track.wav")
    archive = zipfile.ZipFile(BytesIO(admin.get(f"{LIST}{disputed.pk}/evidence.zip").content))
    (log,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith("access-log.csv"))
    assert "rival@example.com" not in log


def test_names_are_no_formulas_in_a_spreadsheet(admin: Client, disputed: Order) -> None:
    Letter.objects.filter(order=disputed).update(subject='=HYPERLINK("http://evil.example")')
    archive = zipfile.ZipFile(BytesIO(admin.get(f"{LIST}{disputed.pk}/evidence.zip").content))
    (letters,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith("letters.csv"))
    assert all(row["subject"].startswith("'=HYPERLINK") for row in csv.DictReader(StringIO(letters)))


def test_pack_holds_no_letter_to_anybody_but_the_buyer(admin: Client, disputed: Order) -> None:
    archive = zipfile.ZipFile(BytesIO(admin.get(f"{LIST}{disputed.pk}/evidence.zip").content))
    (letters,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith("letters.csv"))
    assert {row["to"] for row in csv.DictReader(StringIO(letters))} == {'["buyer@example.com"]'}
    assert Letter.objects.filter(order=disputed, recipients=["ada@example.com"]).exists()


def test_order_that_was_never_sold_has_no_pack(admin: Client, order: Order) -> None:
    assert admin.get(f"{LIST}{order.pk}/evidence.zip").status_code == 404


def test_queue_lists_everything_that_waits(
    admin: Client, disputed: Order, rival: User, make_track: Callable[..., Track]
) -> None:
    stuck = buy(rival, make_track())
    Order.objects.filter(pk=stuck.pk).update(needs_person="Stripe knows no such session.")
    now = timezone.now()
    BookFinding.objects.create(kind="invoice-gap", subject="series INV-2026", message="m", found_at=now, seen_at=now)
    WebhookEvent.objects.create(event_id="evt_stuck", type="x", livemode=False, payload={}, attempts=20)
    Letter.objects.create(
        cause="x",
        recipients=["a@b.example"],
        subject="Lost letter",
        body="",
        next_attempt_at=now,
        attempts=MAX_ATTEMPTS,
    )
    page = admin.get(f"{LIST}queue/").content.decode()
    for words in (
        *("Disputes to answer", disputed.track.title, "Stripe knows no such session.", "invoice-gap"),
        *("evt_stuck", "Lost letter"),
    ):
        assert words in page
    assert f'href="{LIST}queue/"' in admin.get(LIST).content.decode()


def test_empty_queue_says_so(admin: Client) -> None:
    assert "Nothing waits for you." in admin.get(f"{LIST}queue/").content.decode()


def test_outsider_sees_neither_queue_nor_pack(
    disputed: Order, buyer: User, client_for: Callable[[User], Client], make_user: Callable[..., User]
) -> None:
    staff = client_for(make_user("staff@example.com", is_staff=True))
    for address in (f"{LIST}queue/", f"{LIST}{disputed.pk}/evidence.zip"):
        assert client_for(buyer).get(address).status_code == 302
        assert staff.get(address).status_code == 403


def test_papers_and_letters_are_read_in_the_admin(admin: Client, disputed: Order) -> None:
    invoice = disputed.invoice
    listed = admin.get("/admin/payments/invoice/").content.decode()
    assert invoice.number in listed
    assert admin.get(f"/admin/payments/invoice/{invoice.pk}/invoice.pdf").content.startswith(b"%PDF-")
    assert admin.get(f"/admin/payments/invoice/{invoice.pk}/change/").status_code == 200
    assert admin.post(f"/admin/payments/invoice/{invoice.pk}/change/", {"total": 1}).status_code == 403
    assert admin.get("/admin/payments/letter/?unsent=waiting").status_code == 200
    assert admin.get("/admin/payments/bookfinding/?open=yes").status_code == 200
