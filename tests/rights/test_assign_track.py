"""manage.py assign_track: all rights pass on, with the files and a certificate, and the register shows it."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Company
from marketplace.rights.audit import audit_register
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.queries import owner_of
from marketplace.rights.services import register_track, revoke_ownership

pytestmark = pytest.mark.any_database


def assign(track, to: Company, *, reference: str = "deed 1") -> str:
    out = StringIO()
    call_command("assign_track", track.copyright_id, "--to", str(to.pk), "--reference", reference, stdout=out)
    return out.getvalue()


def test_new_owner_gets_files_and_certificate_and_the_former_loses_both(sale, make_user, client_for) -> None:
    buyer = make_user()
    company = buyer.memberships.get().company
    assert company.name in assign(sale.track, company)
    assert owner_of(sale.track.family) == company
    for name in ("certificate.json", "files/track.wav"):
        address = f"/tracks/{sale.track.pk}/{name}"
        assert client_for(buyer).get(address).status_code == 200
        assert client_for(sale.owner).get(address).status_code == 404
        assert client_for(sale.teammate).get(address).status_code == 404
    document = client_for(buyer).get(f"/tracks/{sale.track.pk}/certificate.json").json()["document"]
    assert (document["owner"], document["reference"]) == (company.name, "deed 1")
    assert audit_register() == []


def test_same_deed_twice_writes_one_line(sale, make_user) -> None:
    company = make_user().memberships.get().company
    for _ in range(2):
        assign(sale.track, company)
    assert [entry.kind for entry in OwnershipEntry.objects.all()] == ["registration", "transfer", "transfer"]


def test_nobody_passes_on_what_nobody_owns(make_user, facts, files) -> None:
    company = make_user().memberships.get().company
    track = register_track(company=company, files=files, **facts)
    with pytest.raises(CommandError, match="has no owner"):
        assign(track, company)
    assert OwnershipEntry.objects.count() == 1


def test_former_owner_passes_nothing_on(sale, make_user) -> None:
    revoke_ownership(track=sale.track, reference="refund")
    with pytest.raises(CommandError, match="has no owner"):
        assign(sale.track, make_user().memberships.get().company)


def test_bad_input_changes_nothing(sale) -> None:
    visitor = Company.objects.create(name="Visitor", is_claimed=False)
    for to, reference, said in (
        (Company(pk=uuid4()), "deed", "no such company"),
        (visitor, "deed", "registered companies"),
        (sale.company, "deed", "already"),
        (sale.company, " ", "name the deed"),
        (sale.company, "x" * 121, "name the deed"),
    ):
        with pytest.raises(CommandError, match=said) as refusal:
            assign(sale.track, to, reference=reference)
        assert "Nothing was changed" in str(refusal.value)
    assert OwnershipEntry.objects.count() == 2
