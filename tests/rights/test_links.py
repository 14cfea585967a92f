"""Links to one file each that work without logging in: signed, expiring, audited, their maker's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from marketplace.catalog.services import freeze_family
from marketplace.errors import NotFoundError
from marketplace.rights.links import link_address, make_link, revoke_link
from marketplace.rights.models import Download, DownloadLink
from marketplace.rights.services import revoke_ownership
from tests.rights.conftest import WAV

pytestmark = pytest.mark.any_database


@pytest.fixture
def link(sale) -> DownloadLink:
    return make_link(track_id=sale.track.pk, name="track.wav", company=sale.company, user=sale.teammate, hours=2)


def fetch(link: DownloadLink, **headers: str):
    return Client().get(link_address(link), headers=headers)


def test_anybody_who_has_it_fetches_the_file_as_often_as_they_like_and_each_time_is_noted(sale, link) -> None:
    for _ in range(3):
        response = fetch(link)
        assert (response.status_code, b"".join(response.streaming_content)) == (200, WAV)
        assert response["Content-Disposition"] == 'attachment; filename="quiet-harbour-track.wav"'
        assert response["X-Robots-Tag"] == "noindex"
    assert [(each.link, each.user, each.company) for each in Download.objects.all()] == [
        (link, sale.teammate, sale.company)
    ] * 3


def test_download_is_resumed_by_range_and_noted_once(link) -> None:
    parts = []
    for start in range(0, len(WAV), 700):
        response = fetch(link, Range=f"bytes={start}-{start + 699}")
        assert response.status_code == 206
        parts.append(b"".join(response.streaming_content))
    assert b"".join(parts) == WAV
    assert Download.objects.count() == 1


def test_it_opens_this_one_file_alone(sale, link) -> None:
    token = link_address(link).split("/")[2]
    for name in ("quiet-harbour-piano.mid", "x"):
        assert b"".join(Client().get(f"/links/{token}/{name}").streaming_content) == WAV
    assert Client().get(f"/tracks/{sale.track.pk}/files/track.wav").status_code == 302


@pytest.mark.parametrize("change", [lambda token: token[:-1] + "x", lambda token: token.split(".")[0], lambda _: "a.b"])
def test_changed_address_opens_nothing(link, change) -> None:
    token = link_address(link).split("/")[2]
    assert Client().get(f"/links/{change(token)}/track.wav").status_code == 404
    assert Download.objects.count() == 0


def test_it_ends_with_its_time(link) -> None:
    DownloadLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = fetch(link)
    assert (response.status_code, "This link ended on" in response.content.decode()) == (410, True)
    assert Download.objects.count() == 0


def test_it_ends_with_its_makers_membership(sale, link) -> None:
    Membership.objects.filter(user=sale.teammate).delete()
    assert fetch(link).status_code == 410


def test_it_ends_with_its_makers_account(sale, link) -> None:
    sale.teammate.is_active = False
    sale.teammate.save()
    assert fetch(link).status_code == 410


def test_it_ends_with_the_ownership_and_rests_while_the_payment_is_disputed(sale, link) -> None:
    freeze_family(family=sale.track.family)
    assert fetch(link).status_code == 403
    revoke_ownership(track=sale.track, reference="refund")
    assert fetch(link).status_code == 404
    assert Download.objects.count() == 0


def test_maker_and_an_owner_of_the_company_withdraw_it_and_nobody_else(sale, link, make_user) -> None:
    colleague = make_user(company=sale.company)
    outsider = sale.outsider.memberships.get().company
    for company, user in ((sale.company, colleague), (outsider, sale.outsider), (None, sale.outsider)):
        with pytest.raises(NotFoundError):
            revoke_link(link_id=link.pk, company=company, user=user)
    assert fetch(link).status_code == 200
    revoke_link(link_id=link.pk, company=sale.company, user=sale.owner)
    assert fetch(link).status_code == 410


def test_address_is_stored_nowhere(link) -> None:
    signature = link_address(link).split("/")[2].split(".")[1]
    assert signature not in str(DownloadLink.objects.values().get())


@pytest.mark.parametrize("hours", ["0", "169", "-1", "1.5", "", "many", "9" * 30])
def test_time_that_cannot_be_meant_is_refused_beside_the_field(sale, client_for, hours: str) -> None:
    response = client_for(sale.owner).post(
        f"/tracks/{sale.track.pk}/rights/links/", {"name": "track.wav", "hours": hours}
    )
    assert response.status_code == 400
    assert "A link lives for 1 to 168 hours." in response.content.decode()
    assert DownloadLink.objects.count() == 0


def test_page_shows_its_address_to_its_maker_alone(sale, link, client_for) -> None:
    address = link_address(link)
    assert address in client_for(sale.teammate).get(f"/tracks/{sale.track.pk}/rights/").content.decode()
    text = client_for(sale.owner).get(f"/tracks/{sale.track.pk}/rights/").content.decode()
    assert address not in text
    assert f"/rights/links/{link.pk}/revoke/" in text


class TestApi:
    def test_program_makes_lists_and_ends_links(self, sale, api_for) -> None:
        api, place = api_for(sale.owner), f"/api/v1/tracks/{sale.track.pk}/links/"
        made = api.post(place, {"name": "parts/piano.mid", "hours": 1}, format="json")
        assert made.status_code == 201
        assert Client().get(made.json()["url"]).status_code == 200
        assert api.get(place).json() == [made.json()]
        assert api.delete(f"{place}{made.json()['id']}/").status_code == 204
        assert Client().get(made.json()["url"]).status_code == 410
        assert api.get(place).json() == []

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [({}, 400, "name"), ({"name": 1}, 400, "name"), ({"name": "track.wav", "hours": "1"}, 400, "hours"),
         ({"name": "track.wav", "hours": 0}, 400, "hours"), ([], 400, "name"), ({"name": "no.wav"}, 404, None)],
    )  # fmt: skip
    def test_bad_wishes_are_named(self, sale, api_for, body, status: int, field: str | None) -> None:
        response = api_for(sale.owner).post(f"/api/v1/tracks/{sale.track.pk}/links/", body, format="json")
        assert (response.status_code, next(iter(response.json()["fields"]), None)) == (status, field)
        assert DownloadLink.objects.count() == 0
