"""/library/ and /api/v1/library/"""

import pytest
from django.test import Client

from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company
from marketplace.rights.services import revoke_ownership

pytestmark = pytest.mark.any_database

PAGE, API = "/library/", "/api/v1/library/"


def titles(response) -> list[str]:
    return [track.title for track in response.context["tracks"]]


@pytest.mark.parametrize("who", ["owner", "teammate"])
def test_members_of_the_owner_find_track_and_files(sale, client_for, api_for, who: str) -> None:
    response = client_for(getattr(sale, who)).get(PAGE)
    assert titles(response) == ["Quiet Harbour"]
    assert f'href="/tracks/{sale.track.pk}/files/parts/piano.mid"' in response.content.decode()
    (entry,) = api_for(getattr(sale, who)).get(API).json()["results"]
    assert (entry["id"], entry["status"]) == (str(sale.track.pk), "sold")
    assert [file["name"] for file in entry["files"]] == ["parts/piano.mid", "preview.mp3", "track.wav"]
    assert entry["files"][0]["url"] == f"http://testserver/api/v1/tracks/{sale.track.pk}/files/parts/piano.mid"
    assert entry["preview_url"] == f"http://testserver/api/v1/tracks/{sale.track.pk}/files/preview.mp3"


@pytest.mark.parametrize("who", ["maker", "outsider"])
def test_others_do_not_find_it(sale, client_for, api_for, who: str) -> None:
    assert titles(client_for(getattr(sale, who)).get(PAGE)) == []
    assert api_for(getattr(sale, who)).get(API).json()["results"] == []


def test_former_owner_finds_it_no_more(sale, client_for, api_for) -> None:
    revoke_ownership(track=sale.track, reference="refund")
    assert titles(client_for(sale.owner).get(PAGE)) == []
    assert api_for(sale.owner).get(API).json()["count"] == 0


def test_anonymous_person_is_asked_to_log_in(db) -> None:
    assert Client().get(PAGE).url == "/accounts/login/?next=/library/"
    assert Client().get(API).status_code == 401


def test_drafts_are_shown_to_their_maker_alone(make_user, make_track, client_for) -> None:
    maker = make_user()
    draft = make_track(company=maker.memberships.get().company, draft=True)
    assert list(client_for(maker).get(PAGE).context["drafts"]) == [draft]
    response = client_for(make_user()).get(PAGE)
    assert list(response.context["drafts"]) == []
    assert "Nothing here yet" in response.content.decode()


def test_visitor_sees_the_draft_that_registering_keeps(client, make_track) -> None:
    company = create_visitor_company()
    session = client.session
    remember_visitor_company(session, company)
    session.save()
    draft = make_track(company=company, draft=True)
    response = client.get(PAGE)
    assert list(response.context["drafts"]) == [draft]
    assert "/accounts/register/?next=/library/" in response.content.decode()


def test_owner_finds_the_files_on_the_tracks_own_page(sale, client_for) -> None:
    text = client_for(sale.owner).get(f"/tracks/{sale.track.pk}/").content.decode()
    assert f'href="/tracks/{sale.track.pk}/files/track.wav"' in text
    assert f'src="/tracks/{sale.track.pk}/files/preview.mp3"' in text
    assert "/files/" not in client_for(sale.maker).get(f"/tracks/{sale.track.pk}/").content.decode()


@pytest.mark.parametrize("page", [PAGE, "/tracks/{track}/"])
def test_browser_keeps_no_page_of_a_company_to_go_back_to_after_logging_out(sale, client_for, page: str) -> None:
    response = client_for(sale.owner).get(page.format(track=sale.track.pk))
    assert "no-store" in response["Cache-Control"]


def test_administrator_without_a_company_sees_an_empty_library(make_user, client_for) -> None:
    user = make_user()
    user.memberships.all().delete()
    assert client_for(user).get(PAGE).status_code == 200
