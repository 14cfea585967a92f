"""/tracks/<id>/files/<name> and /api/v1/tracks/<id>/files/<name>"""

import pytest
from django.test import Client

from marketplace.rights.models import Download
from marketplace.rights.queries import was_downloaded
from marketplace.rights.services import revoke_ownership
from tests.rights.conftest import WAV

pytestmark = pytest.mark.any_database


def page(track, name: str = "track.wav") -> str:
    return f"/tracks/{track.pk}/files/{name}"


def address(track, name: str = "track.wav") -> str:
    return f"/api/v1/tracks/{track.pk}/files/{name}"


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("who", ["owner", "teammate"])
def test_members_of_the_owner_download_on_page_and_api(sale, client_for, api_for, who: str) -> None:
    person = getattr(sale, who)
    for client, url in ((client_for(person), page(sale.track)), (api_for(person), address(sale.track))):
        response = client.get(url)
        assert (response.status_code, body(response)) == (200, WAV)
        assert response["Content-Type"] == "audio/wav"
        assert response["Content-Disposition"] == 'attachment; filename="quiet-harbour-track.wav"'
    assert [(each.user, each.company, each.file_name) for each in Download.objects.all()] == [
        (person, sale.company, "track.wav")
    ] * 2


def test_owner_reads_who_fetched_what_with_the_time_zone(sale, client_for) -> None:
    body(client_for(sale.teammate).get(page(sale.track)))
    download = Download.objects.get()
    text = client_for(sale.owner).get(f"/tracks/{sale.track.pk}/rights/").content.decode().split("Who fetched what")[1]
    assert f"{download.created_at:%b %Y, %H:%M} UTC" in text
    assert sale.teammate.email in text


def test_part_in_a_folder_is_downloaded_by_its_name(sale, api_for) -> None:
    response = api_for(sale.owner).get(address(sale.track, "parts/piano.mid"))
    assert response.status_code == 200
    assert "quiet-harbour-piano.mid" in response["Content-Disposition"]


@pytest.mark.parametrize("who", ["maker", "outsider"])
def test_maker_and_outsider_find_no_file(sale, client_for, api_for, who: str) -> None:
    person = getattr(sale, who)
    for name in ("track.wav", "preview.mp3", "nothing.wav"):
        assert client_for(person).get(page(sale.track, name)).status_code == 404
        response = api_for(person).get(address(sale.track, name))
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert Download.objects.count() == 0


def test_anonymous_person_is_asked_to_log_in_and_a_program_for_a_token(sale) -> None:
    assert Client().get(page(sale.track)).url == f"/accounts/login/?next=/tracks/{sale.track.pk}/files/track.wav"
    assert Client().get(address(sale.track)).status_code == 401
    assert Download.objects.count() == 0


def test_draft_is_not_downloaded_even_by_its_maker(make_user, make_track, client_for, api_for) -> None:
    maker = make_user()
    draft = make_track(company=maker.memberships.get().company, draft=True)
    assert client_for(maker).get(page(draft)).status_code == 404
    assert api_for(maker).get(address(draft)).status_code == 404


def test_former_owner_finds_no_file(sale, api_for) -> None:
    revoke_ownership(track=sale.track, reference="refund")
    assert api_for(sale.owner).get(address(sale.track)).status_code == 404
    assert Download.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["nothing.wav", "../track.wav", "..%2f..%2fetc/passwd", "%00", "track.wav%00.mp3", "x" * 2000]
)
def test_name_that_the_track_does_not_have_is_not_found(sale, api_for, name: str) -> None:
    assert api_for(sale.owner).get(address(sale.track, name)).status_code == 404
    assert Download.objects.count() == 0


def test_owner_is_told_which_files_there_are(sale, api_for) -> None:
    message = api_for(sale.owner).get(address(sale.track, "track.ogg")).json()["message"]
    assert message == "Quiet Harbour has no file of that name. It has: parts/piano.mid, preview.mp3, track.wav."


def test_parts_of_one_download_are_noted_once(sale, api_for) -> None:
    program = api_for(sale.owner)
    for start in (0, 500, 1000):
        response = program.get(address(sale.track), headers={"Range": f"bytes={start}-{start + 499}"})
        assert (response.status_code, body(response)) == (206, WAV[start : start + 500])
    assert Download.objects.count() == 1


def test_download_of_all_but_the_first_byte_leaves_its_trace(sale, api_for) -> None:
    assert not was_downloaded(sale.track.family)
    api_for(sale.owner).get(address(sale.track), headers={"Range": "bytes=1-"})
    assert was_downloaded(sale.track.family)


@pytest.mark.parametrize("headers", [{"Range": "bytes=99999-"}, {"If-None-Match": "*"}])
def test_request_that_gets_no_byte_is_not_noted(sale, api_for, headers: dict[str, str]) -> None:
    assert api_for(sale.owner).get(address(sale.track), headers=headers).status_code in (304, 416)
    assert api_for(sale.owner).head(address(sale.track)).status_code == 200
    assert not was_downloaded(sale.track.family)


def test_owner_listens_without_its_counting_as_a_download(sale, client_for) -> None:
    response = client_for(sale.owner).get(page(sale.track, "preview.mp3"))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("inline")
    assert not was_downloaded(sale.track.family)


def test_every_download_anew_is_noted(sale, api_for) -> None:
    for _ in range(3):
        assert api_for(sale.owner).get(address(sale.track)).status_code == 200
    assert Download.objects.count() == 3


def test_any_accept_header_gets_the_file(sale, api_for) -> None:
    assert api_for(sale.owner).get(address(sale.track), headers={"Accept": "audio/wav"}).status_code == 200
