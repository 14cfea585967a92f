"""/tracks/<id>/preview.mp3"""

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company
from marketplace.catalog.services import hold_family, mark_family_sold, withdraw_track

CONTENT = bytes(range(256)) * 40


def get(client, track, **headers: str):
    return client.get(f"/tracks/{track.pk}/preview.mp3", headers=headers)


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def track(make_track):
    return make_track()


@pytest.fixture
def draft(make_user, make_track):
    """With its maker in `draft.maker`."""
    maker = make_user()
    draft = make_track(company=maker.memberships.get().company, draft=True)
    draft.maker = maker
    return draft


def test_anyone_hears_a_track_on_sale(client, track) -> None:
    response = get(client, track)
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert response["Content-Type"] == "audio/mpeg"
    assert response["Content-Length"] == "10240"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=1000-", 1000, 10239),
        ("bytes=-5", 10235, 10239),
        ("bytes=10000-99999", 10000, 10239),
    ],
)
def test_player_seeks_by_ranges(client, track, header: str, first: int, last: int) -> None:
    response = get(client, track, Range=header)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/10240"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == CONTENT[first : last + 1]


def test_range_outside_the_file_is_refused_with_its_size(client, track) -> None:
    response = get(client, track, Range="bytes=10240-")
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */10240"
    assert response.content == b""


def test_malformed_range_gets_the_whole_file(client, track) -> None:
    assert get(client, track, Range="bytes=9-1").status_code == 200


def test_head_tells_the_size_and_sends_nothing(client, track) -> None:
    response = client.head(f"/tracks/{track.pk}/preview.mp3", headers={"Range": "bytes=0-9"})
    assert (response.status_code, response["Content-Length"], response.content) == (200, "10240", b"")


def test_known_file_is_not_sent_again(client, track) -> None:
    etag = get(client, track)["ETag"]
    response = get(client, track, **{"If-None-Match": etag})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)


def test_part_is_sent_only_of_the_file_that_the_client_has(client, track) -> None:
    etag = get(client, track)["ETag"]
    assert get(client, track, Range="bytes=5-9", **{"If-Range": etag}).status_code == 206
    assert get(client, track, Range="bytes=5-9", **{"If-Range": '"another"'}).status_code == 200
    assert get(client, track, Range="bytes=5-9", **{"If-Range": "Wed, 21 Oct 2015 07:28:00 GMT"}).status_code == 200


def test_maker_and_the_makers_programs_hear_a_draft(draft, client_for, api_for) -> None:
    assert get(client_for(draft.maker), draft).status_code == 200
    assert get(api_for(draft.maker), draft).status_code == 200


def test_teammate_hears_a_draft(draft, make_user, client_for) -> None:
    assert get(client_for(make_user(company=draft.company)), draft).status_code == 200


def test_visitor_hears_the_draft_of_the_session(client, make_track) -> None:
    company = create_visitor_company()
    session = client.session
    remember_visitor_company(session, company)
    session.save()
    assert get(client, make_track(company=company, draft=True)).status_code == 200


def test_outsiders_do_not_learn_of_a_draft(draft, make_user, client_for, api_for) -> None:
    outsider = make_user()
    for client in (Client(), client_for(outsider), api_for(outsider)):
        assert get(client, draft).status_code == 404


def test_draft_stays_its_makers_alone_while_it_is_being_bought(draft, client_for) -> None:
    hold_family(family=draft.family, until=timezone.now())
    assert get(client_for(draft.maker), draft).status_code == 200
    assert get(Client(), draft).status_code == 404


def test_sold_track_is_heard_no_more(draft, track, client_for) -> None:
    for each in (draft, track):
        mark_family_sold(family=each.family)
    assert get(Client(), track).status_code == 404
    assert get(client_for(draft.maker), draft).status_code == 404


def test_withdrawn_track_is_heard_no_more(client, track) -> None:
    withdraw_track(track=track, reason="A sample in it is not ours.")
    assert get(client, track).status_code == 404


def test_bad_token_is_refused_even_where_none_was_needed(client, track) -> None:
    assert get(client, track, Authorization="Bearer ot_wrong").status_code == 401


def test_file_missing_from_storage_is_our_fault_and_said_to_be(client, track) -> None:
    default_storage.delete(track.files.get(is_preview=True).storage_name)
    assert get(client, track).status_code == 503
