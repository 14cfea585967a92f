"""An owner passes its rights on through the site: offered, accepted, and only then passed."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.services import freeze_family
from marketplace.errors import AppError, ConflictError
from marketplace.rights.assignments import accept_offer, offer_address, offer_assignment, withdraw_offer
from marketplace.rights.audit import audit_register
from marketplace.rights.models import AssignmentOffer, OwnerNaming, OwnershipEntry
from marketplace.rights.naming import set_naming
from marketplace.rights.queries import named_owner, owner_of
from marketplace.rights.services import assign_ownership

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def allowed(settings) -> None:
    settings.OWNERS_MAY_ASSIGN = True


@pytest.fixture
def offer(sale, django_capture_on_commit_callbacks) -> AssignmentOffer:
    with django_capture_on_commit_callbacks(execute=True):
        return make_offer(sale)


def make_offer(sale, **changes) -> AssignmentOffer:
    facts = {"track_id": sale.track.pk, "company": sale.company, "user": sale.owner, "deed": "deed of 3 May"}
    return offer_assignment(**facts | {"recipient": "next@example.com"} | changes)


def token_of(offer: AssignmentOffer) -> str:
    return offer_address(offer).split("/")[-2]


def accept(offer: AssignmentOffer, user) -> OwnershipEntry:
    return accept_offer(token=token_of(offer), company=user.memberships.get().company, user=user)


def test_offer_is_mailed_and_changes_nothing(sale, offer) -> None:
    (message,) = mail.outbox
    assert message.to == ["next@example.com"]
    assert offer_address(offer) in message.body
    assert "deed of 3 May" in message.body
    assert owner_of(sale.track.family) == sale.company
    assert OwnershipEntry.objects.count() == 2


def test_accepted_offer_passes_everything_on_in_one_line(sale, offer, make_user, client_for) -> None:
    buyer = make_user("next@example.com")
    browser = client_for(buyer)
    assert "Accept for" in browser.get(f"/offers/{token_of(offer)}/").content.decode()
    assert browser.post(f"/offers/{token_of(offer)}/accept/").url == f"/tracks/{sale.track.pk}/rights/"
    assert owner_of(sale.track.family) == buyer.memberships.get().company
    last = OwnershipEntry.objects.latest("position")
    assert (last.kind, last.reference) == ("transfer", f"assignment {offer.pk}")
    for name in ("certificate.json", "files/track.wav", "rights/", "recipe.json"):
        assert browser.get(f"/tracks/{sale.track.pk}/{name}").status_code == 200
        assert client_for(sale.owner).get(f"/tracks/{sale.track.pk}/{name}").status_code == 404
    assert audit_register() == []


def test_offer_is_accepted_once(sale, offer, make_user) -> None:
    accept(offer, make_user())
    with pytest.raises(ConflictError) as refusal:
        accept(offer, make_user())
    assert refusal.value.code == "offer_closed"
    assert OwnershipEntry.objects.count() == 3


def test_second_offer_waits_for_the_first_to_be_withdrawn(sale, offer) -> None:
    with pytest.raises(ConflictError) as refusal:
        make_offer(sale, recipient="other@example.com")
    assert refusal.value.code == "offer_open"
    withdraw_offer(track_id=sale.track.pk, company=sale.company, user=sale.owner)
    make_offer(sale, recipient="other@example.com")
    assert sorted(AssignmentOffer.objects.values_list("state", flat=True)) == ["open", "withdrawn"]


def test_lapsed_offer_is_void_and_makes_room(sale, offer, make_user) -> None:
    AssignmentOffer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ConflictError) as refusal:
        accept(offer, make_user())
    assert refusal.value.code == "offer_ended"
    assert make_offer(sale).pk != offer.pk
    assert owner_of(sale.track.family) == sale.company


def test_offer_is_void_once_the_track_has_gone_elsewhere(sale, offer, make_user) -> None:
    elsewhere = make_user().memberships.get().company
    assign_ownership(track=sale.track, to=elsewhere, reference="deed of the operator")
    with pytest.raises(ConflictError) as refusal:
        accept(offer, make_user())
    assert refusal.value.code == "offer_ended"
    assert owner_of(sale.track.family) == elsewhere


def test_disputed_track_stays_where_it_is(sale, offer, make_user) -> None:
    freeze_family(family=sale.track.family)
    for act in (lambda: accept(offer, make_user()), lambda: make_offer(sale)):
        with pytest.raises(AppError) as refusal:
            act()
        assert refusal.value.code == "access_frozen"
    assert owner_of(sale.track.family) == sale.company


def test_declined_offer_ends(sale, offer, make_user, client_for) -> None:
    browser = client_for(make_user())
    browser.post(f"/offers/{token_of(offer)}/decline/")
    assert "was declined" in browser.get(f"/offers/{token_of(offer)}/").content.decode()
    with pytest.raises(ConflictError):
        accept(offer, make_user())


def test_visitors_company_cannot_accept(sale, offer, make_user) -> None:
    user = make_user()
    Company.objects.filter(pk=user.memberships.get().company_id).update(is_claimed=False)
    with pytest.raises(ConflictError) as refusal:
        accept(offer, user)
    assert refusal.value.code == "not_claimed"
    assert AssignmentOffer.objects.get().state == "open"


@pytest.mark.parametrize(
    ("recipient", "deed", "fields"),
    [("nobody", "deed", ["recipient"]), ("", " ", ["recipient", "deed"]), ("a@example.com", "x" * 201, ["deed"])],
)
def test_bad_offer_is_refused_beside_its_fields(sale, client_for, recipient: str, deed: str, fields) -> None:
    place = f"/tracks/{sale.track.pk}/rights/offer/"
    response = client_for(sale.owner).post(place, {"recipient": recipient, "deed": deed})
    assert response.status_code == 400
    text = response.content.decode()
    assert [name for name in ("recipient", "deed") if f'id="{name}-error"' in text] == fields
    for name, typed in (("recipient", recipient), ("deed", deed)):
        (control,) = re.findall(rf'<input id="{name}"[^>]*>', text)
        assert f'value="{typed}"' in control
        assert ('aria-invalid="true"' in control) == (name in fields)
        assert bool(re.search(rf'aria-describedby="[^"]*\b{name}-error"', control)) == (name in fields)
    assert AssignmentOffer.objects.count() == 0


@pytest.mark.parametrize("token", ["x", "0" * 32, "a.b", "%00"])
def test_changed_address_of_an_offer_leads_nowhere(db, token: str) -> None:
    assert Client().get(f"/offers/{token}/").status_code == 404


def test_consent_to_be_named_ends_with_the_ownership(sale, offer, make_user, client) -> None:
    place = f"/verify/?id={sale.track.copyright_id}"
    assert sale.company.name not in client.get(place).content.decode()
    set_naming(track_id=sale.track.pk, company=sale.company, user=sale.owner, is_named=True)
    set_naming(track_id=sale.track.pk, company=sale.company, user=sale.owner, is_named=True)
    assert f"{sale.company.name} owns it" in client.get(place).content.decode()
    assert client.get(f"/api/v1/verify/{sale.track.copyright_id}/").json()["owner"] == sale.company.name
    buyer = make_user()
    accept(offer, buyer)
    text = client.get(place).content.decode()
    assert sale.company.name not in text
    assert buyer.memberships.get().company.name not in text
    assert named_owner(sale.track.family) is None


def test_consent_is_taken_back(sale, client) -> None:
    for is_named in (True, False):
        set_naming(track_id=sale.track.pk, company=sale.company, user=sale.owner, is_named=is_named)
    assert not OwnerNaming.objects.exists()
    assert "One company owns it" in client.get(f"/verify/?id={sale.track.copyright_id}").content.decode()
