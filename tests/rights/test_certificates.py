"""/tracks/<id>/certificate.pdf, .json and /api/v1/tracks/<id>/certificate/"""

import json
import subprocess
import sys
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Company
from marketplace.errors import InvalidInputError
from marketplace.rights.audit import audit_register
from marketplace.rights.models import Certificate, LicenceTerms, OwnershipEntry
from marketplace.rights.queries import owner_of
from marketplace.rights.services import revoke_ownership, transfer_ownership
from marketplace.rights.signing import check_envelope
from marketplace.rights.terms import add_terms, current_terms
from marketplace.rights.training_bill import summarise_training
from tests.rights.conftest import WAV

pytestmark = pytest.mark.any_database


def page(sale: SimpleNamespace, kind: str = "json") -> str:
    return f"/tracks/{sale.track.pk}/certificate.{kind}"


def address(sale: SimpleNamespace) -> str:
    return f"/api/v1/tracks/{sale.track.pk}/certificate/"


@pytest.mark.parametrize("who", ["owner", "teammate"])
def test_members_of_the_owner_read_it_on_page_and_api(sale, client_for, api_for, who: str) -> None:
    person = getattr(sale, who)
    shown = client_for(person).get(page(sale))
    assert shown["Content-Disposition"] == f'attachment; filename="certificate-{sale.track.copyright_id}.json"'
    assert api_for(person).get(address(sale)).json() == shown.json()


def test_it_says_what_was_sold_to_whom_under_which_terms(sale, client_for) -> None:
    document = check_envelope(client_for(sale.owner).get(page(sale)).json())
    entry = OwnershipEntry.objects.get(kind="transfer")
    assert document["certificate"] == f"{sale.track.copyright_id}/{entry.position}"
    assert (document["title"], document["owner"]) == ("Quiet Harbour", sale.company.name)
    assert document["register"]["digest"] == entry.digest
    assert {file["name"]: file["sha256"] for file in document["files"]}["track.wav"] == sha256(WAV).hexdigest()
    assert document["terms"]["version"] == 1
    assert "Some countries" in document["terms"]["text"]
    assert document["verify_url"] == f"http://testserver/verify/?id={sale.track.copyright_id}"


@pytest.mark.parametrize("who", ["maker", "outsider"])
def test_maker_and_outsider_find_none(sale, client_for, api_for, who: str) -> None:
    person = getattr(sale, who)
    assert client_for(person).get(page(sale)).status_code == 404
    assert client_for(person).get(page(sale, "pdf")).status_code == 404
    assert api_for(person).get(address(sale)).status_code == 404
    assert Certificate.objects.get().envelope is None


def test_anonymous_person_is_asked_to_log_in_and_a_program_for_a_token(sale) -> None:
    assert Client().get(page(sale)).url.startswith("/accounts/login/")
    assert Client().get(address(sale)).status_code == 401


def test_former_owner_finds_none_and_the_next_owner_a_new_one(sale, make_user, client_for) -> None:
    revoke_ownership(track=sale.track, reference="refund")
    assert client_for(sale.owner).get(page(sale)).status_code == 404
    buyer = make_user()
    transfer_ownership(track=sale.track, owner=buyer.memberships.get().company, reference="order 2")
    document = client_for(buyer).get(page(sale)).json()["document"]
    assert document["owner"] == buyer.memberships.get().company.name
    assert client_for(sale.owner).get(page(sale)).status_code == 404


def test_terms_and_names_are_frozen_at_the_sale(sale, client_for) -> None:
    before = client_for(sale.owner).get(page(sale)).json()
    add_terms(title="Other terms", text="Everything is different.")
    Company.objects.filter(pk=sale.company.pk).update(name="Renamed")
    assert client_for(sale.owner).get(page(sale)).json() == before
    sale.company.refresh_from_db()
    revoke_ownership(track=sale.track, reference="refund")
    transfer_ownership(track=sale.track, owner=sale.company, reference="order 2")
    after = client_for(sale.owner).get(page(sale)).json()["document"]
    assert (after["terms"]["version"], after["terms"]["title"], after["owner"]) == (2, "Other terms", "Renamed")


def test_it_is_verified_offline_and_a_changed_letter_is_seen(sale, client_for, client, tmp_path) -> None:
    path, keys = tmp_path / "certificate.json", tmp_path / "keys.json"
    path.write_bytes(client_for(sale.owner).get(page(sale)).content)
    keys.write_bytes(client.get("/verify/keys.json").content)
    command = [sys.executable, settings.BASE_DIR / "docs" / "verify_offline.py", keys, path]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    envelope = json.loads(path.read_text())
    envelope["document"]["owner"] = "Somebody else"
    path.write_text(json.dumps(envelope))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "Altered" in done.stderr) == (1, True)


def test_pdf_is_the_same_each_time_and_names_the_id(sale, client_for) -> None:
    pages = [client_for(sale.owner).get(page(sale, "pdf")) for _ in range(2)]
    assert pages[0].content == pages[1].content
    assert pages[0].content.startswith(b"%PDF-")
    assert pages[0]["Content-Type"] == "application/pdf"
    assert sale.track.copyright_id.encode() in pages[0].content


def test_name_with_markup_and_a_long_title_are_drawn_as_text(make_user, make_track, sell, client_for) -> None:
    owner = make_user()
    company = owner.memberships.get().company
    Company.objects.filter(pk=company.pk).update(name="<b>Müller & Söhne</b> " + "x" * 60)
    company.refresh_from_db()
    contribution = {"at": "now", "what": "brief", "chosen": {"tempo": 96.5, "motif": "<a>"}}
    track = make_track(title="<i>" + "long " * 23, recipe={"human_contribution": [contribution]})
    sell(track=track, owner=company)
    case = SimpleNamespace(track=track)
    assert client_for(owner).get(page(case, "pdf")).status_code == 200
    document = client_for(owner).get(page(case)).json()["document"]
    assert document["human_contribution"][0]["chosen"]["tempo"] == "96.5"


@pytest.mark.parametrize("kind", ["exe", "PDF", "json.pdf"])
def test_other_kinds_are_not_found(sale, client_for, kind: str) -> None:
    assert client_for(sale.owner).get(page(sale, kind)).status_code == 404


def test_same_sale_twice_has_one_certificate(sale) -> None:
    transfer_ownership(track=sale.track, owner=sale.company, reference="order 1")
    assert Certificate.objects.count() == 1
    assert owner_of(sale.track.family) == sale.company
    assert audit_register() == []


def test_training_is_summarised_for_shipped_checkpoints_alone() -> None:
    manifest = json.loads((settings.BASE_DIR / "generator/pretrained/guitar/manifest.json").read_text())
    known, unknown, hostile = summarise_training({"guitar": manifest["digest"], "violin": "f" * 64, "../x": "a"})
    assert known["works"][0]["licences"] == manifest["files"]["licences"]
    assert unknown == {"instrument": "violin", "checkpoint": "f" * 64}
    assert "works" not in hostile


def test_operator_adds_a_version_and_edits_none(admin_client) -> None:
    first = current_terms()
    answer = admin_client.post("/admin/rights/licenceterms/add/", {"title": "New", "text": "One.\nTwo."})
    assert answer.status_code == 302
    assert [(terms.version, terms.title) for terms in LicenceTerms.objects.all()] == [(2, "New"), (1, first.title)]
    change = admin_client.post(f"/admin/rights/licenceterms/{first.pk}/change/", {"title": "X", "text": "Y"})
    assert change.status_code == 403
    assert current_terms().title == "New"


def test_terms_are_filled_in_at_the_sale_and_unknown_placeholders_are_refused(
    make_user, make_track, sell, client_for, admin_client
) -> None:
    add_terms(title="Filled", text="$owner owns “$title” ($copyright_id) for $$0 more.")
    owner = make_user()
    track = make_track(title="Great $owner")
    sell(track=track, owner=owner.memberships.get().company)
    terms = client_for(owner).get(page(SimpleNamespace(track=track))).json()["document"]["terms"]
    company = owner.memberships.get().company
    assert terms["text"] == f"{company} owns “Great $owner” ({track.copyright_id}) for $0 more."
    assert terms["version"] == 2
    for text in ("$buyer pays", "costs $ 5", " "):
        answer = admin_client.post("/admin/rights/licenceterms/add/", {"title": "New", "text": text})
        assert answer.status_code == 200
    assert LicenceTerms.objects.count() == 2


@pytest.mark.django_db
def test_terms_that_no_sale_could_fill_in_are_never_added() -> None:
    current_terms()
    with pytest.raises(InvalidInputError, match=r"buyer cannot be filled in"):
        add_terms(title="New", text="$buyer pays")
    assert LicenceTerms.objects.count() == 1
