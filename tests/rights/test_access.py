"""Who gets what, on every address about a sold track: one table, every person against every address."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve
from rest_framework.test import APIClient

from marketplace.rights.assignments import offer_address, offer_assignment
from marketplace.rights.links import link_address, make_link
from marketplace.rights.models import (
    AssignmentOffer,
    Download,
    DownloadLink,
    OriginalityReport,
    OwnerNaming,
    OwnershipEntry,
)
from marketplace.rights.services import assign_ownership
from tests.rights.conftest import WAV

pytestmark = pytest.mark.any_database

NOTHING_BORROWED = {
    "sentence": "Nothing is borrowed.",
    "works": 1,
    "instrument": "violin",
    "training": [],
    "register": [],
    "parts": [],
}

PEOPLE = ("owner", "teammate", "former", "maker", "outsider", "admin", "anonymous")
"""An owner of the owning company, a member of it without that role, an owner of the company that passed the track on,
the company that made it, another company, an administrator of the site, and somebody who has not logged in."""

OURS = {"owner": 200, "teammate": 200} | dict.fromkeys(("former", "maker", "outsider", "admin"), 404)
PAGES = OURS | {"anonymous": 302}
MEMBERS_DO = PAGES | {"owner": 302, "teammate": 302}
OWNER_DOES = MEMBERS_DO | {"teammate": 403}
EVERYBODY = dict.fromkeys(PEOPLE, 200)
PROGRAMS = {name: status for name, status in OURS.items() if name != "admin"} | {"anonymous": 401}
"""An administrator without a company has no token to call the API with."""

READS: dict[str, dict[str, int]] = {
    "/tracks/{track}/rights/": PAGES,
    "/tracks/{track}/files/track.wav": PAGES,
    "/tracks/{track}/files/parts/piano.mid": PAGES,
    "/tracks/{track}/files/preview.mp3": PAGES,
    "/tracks/{track}/certificate.pdf": PAGES,
    "/tracks/{track}/certificate.json": PAGES,
    "/tracks/{track}/recipe.json": PAGES,
    "/tracks/{track}/dispute-pack.zip": PAGES,
    "/tracks/{track}/": EVERYBODY,
    "/library/": EVERYBODY | {"anonymous": 302},
    "{link}": EVERYBODY,
    "{offer}": EVERYBODY,
    "/verify/?id={copyright_id}": EVERYBODY,
    "/verify/keys.json": EVERYBODY,
    "/verify/register-head.json": EVERYBODY,
    "/verify/verify_offline.py": EVERYBODY,
    "/api/v1/verify/{copyright_id}/": EVERYBODY,
}
CALLS: dict[str, dict[str, int]] = {
    "/api/v1/tracks/{track}/files/track.wav": PROGRAMS,
    "/api/v1/tracks/{track}/certificate/": PROGRAMS,
    "/api/v1/tracks/{track}/recipe/": PROGRAMS,
    "/api/v1/tracks/{track}/dispute-pack/": PROGRAMS,
    "/api/v1/tracks/{track}/links/": PROGRAMS,
    "/api/v1/tracks/{track}/originality/": PROGRAMS,
    "/api/v1/library/": dict.fromkeys(PROGRAMS, 200) | {"anonymous": 401},
}
WRITES: dict[str, tuple[dict[str, str], dict[str, int]]] = {
    "/tracks/{track}/rights/links/": ({"name": "track.wav", "hours": "2"}, MEMBERS_DO),
    "/tracks/{track}/rights/links/{link_id}/revoke/": ({}, OWNER_DOES | {"teammate": 404}),
    "/tracks/{track}/rights/naming/": ({"named": "yes"}, OWNER_DOES),
    "/tracks/{track}/rights/offer/withdraw/": ({}, OWNER_DOES),
    "/offers/{token}/accept/": (
        {},
        # Who has the link was offered the track; whoever owns it already, and an account without a company, cannot.
        dict.fromkeys(("former", "maker", "outsider", "anonymous"), 302)
        | {"owner": 409, "teammate": 403, "admin": 403},
    ),
}


@pytest.fixture
def scene(sale, make_user, settings) -> SimpleNamespace:
    """`sale`, passed on: `former` bought the track, `owner` has it now, with a link and an offer out."""
    settings.OWNERS_MAY_ASSIGN = True
    owner = make_user()
    company = owner.memberships.get().company
    assign_ownership(track=sale.track, to=company, reference="deed 1")
    admin = make_user("admin@example.com", is_staff=True, is_superuser=True)
    admin.memberships.all().delete()
    OriginalityReport.objects.create(track=sale.track, content=NOTHING_BORROWED)
    own = {"track_id": sale.track.pk, "company": company, "user": owner}
    link = make_link(name="track.wav", hours=1, **own)
    offer = offer_assignment(recipient="next@example.com", deed="deed 2", **own)
    path = offer_address(offer).removeprefix("http://testserver")
    return SimpleNamespace(
        owner=owner,
        teammate=make_user(company=company),
        former=sale.owner,
        maker=sale.maker,
        outsider=sale.outsider,
        admin=admin,
        company=company,
        track=sale.track,
        places={
            "track": sale.track.pk,
            "copyright_id": sale.track.copyright_id,
            "link": link_address(link),
            "link_id": link.pk,
            "offer": path,
            "token": path.split("/")[2],
        },
    )


@pytest.fixture
def browser_of(scene, client_for) -> Callable[[str], Client]:
    return lambda person: Client() if person == "anonymous" else client_for(getattr(scene, person))


@pytest.fixture
def program_of(scene, api_for) -> Callable[[str], APIClient]:
    return lambda person: APIClient() if person == "anonymous" else api_for(getattr(scene, person))


def count_rows() -> list[Any]:
    models = (Download, DownloadLink, OwnerNaming, OwnershipEntry)
    states = list(AssignmentOffer.objects.values_list("state", flat=True))
    return [*(model.objects.count() for model in models), states, DownloadLink.objects.filter(revoked_at=None).count()]


@pytest.mark.parametrize("person", PEOPLE)
def test_pages(scene, browser_of, person: str) -> None:
    browser, found = browser_of(person), {}
    for place in READS:
        before = count_rows()
        response = browser.get(place.format(**scene.places))
        found[place] = response.status_code
        if response.status_code == 302:
            assert response.url.startswith("/accounts/login/")
        if response.status_code != 200:
            assert count_rows() == before
            assert scene.company.name not in response.content.decode()
    assert found == {place: expected[person] for place, expected in READS.items()}


@pytest.mark.parametrize("person", [person for person in PEOPLE if person != "admin"])
def test_api(scene, program_of, person: str) -> None:
    program, found = program_of(person), {}
    for place in CALLS:
        before = count_rows()
        response = program.get(place.format(**scene.places))
        found[place] = response.status_code
        if response.status_code != 200:
            assert count_rows() == before
            assert set(response.json()) == {"code", "message", "fields"}
    assert found == {place: expected[person] for place, expected in CALLS.items()}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("place", WRITES)
def test_decision(scene, browser_of, place: str, person: str) -> None:
    form, expected = WRITES[place]
    before = count_rows()
    response = browser_of(person).post(place.format(**scene.places), form)
    assert response.status_code == expected[person]
    is_done = response.status_code == 302 and not response.url.startswith("/accounts/login/")
    assert (count_rows() != before) is is_done


@pytest.mark.parametrize("person", PEOPLE)
def test_library_lists_the_track_to_its_owners_members_alone(scene, browser_of, person: str) -> None:
    text = browser_of(person).get("/library/").content.decode()
    assert (scene.track.title in text) is (person in ("owner", "teammate"))


@pytest.mark.parametrize("person", PEOPLE)
def test_owner_is_named_on_no_public_page_without_its_consent(scene, browser_of, person: str) -> None:
    if person in ("owner", "teammate"):
        return  # their own company's name is in the header
    for place in (f"/verify/?id={scene.track.copyright_id}", f"/tracks/{scene.track.pk}/"):
        assert scene.company.name not in browser_of(person).get(place).content.decode()


def test_offer_without_the_setting_is_refused_to_everybody(scene, browser_of, settings) -> None:
    settings.OWNERS_MAY_ASSIGN = False
    before = count_rows()
    form = {"recipient": "x@example.com", "deed": "deed"}
    assert browser_of("owner").post(f"/tracks/{scene.track.pk}/rights/offer/", form).status_code == 403
    assert browser_of("outsider").post(f"/offers/{scene.places['token']}/accept/").status_code == 403
    assert count_rows() == before


def test_what_the_link_gives_is_the_file_itself(scene) -> None:
    response = Client().get(scene.places["link"])
    assert b"".join(response.streaming_content) == WAV


def test_every_address_of_the_app_stands_in_the_table(scene) -> None:
    from marketplace.rights.api_urls import urlpatterns as api
    from marketplace.rights.urls import urlpatterns as pages

    tested = {resolve(urlsplit(place.format(**scene.places)).path).url_name for place in (*READS, *CALLS, *WRITES)}
    elsewhere = {"create-offer", "decline-offer", "verify-file", "api-link"}  # have tests of their own
    assert {pattern.name for pattern in (*pages, *api)} == (tested | elsewhere) - {"detail"}
