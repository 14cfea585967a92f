"""/api/v1/tracks/"""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.catalog.services import hold_family, mark_family_sold, retire_family, withdraw_track

pytestmark = pytest.mark.any_database

URL = "/api/v1/tracks/"


@pytest.fixture
def program(make_user, api_for):
    return api_for(make_user())


def listed(program, **query: str) -> list[str]:
    return [track["title"] for track in program.get(URL, query).json()["results"]]


def test_track_on_sale_is_described_in_full(program, make_track) -> None:
    track = make_track(seconds="29.5", tempo=96.5)
    assert program.get(f"{URL}{track.pk}/").json() == {
        "id": str(track.pk),
        "copyright_id": track.copyright_id,
        "title": track.title,
        "status": "on_sale",
        "seconds": 29.5,
        "instruments": ["piano", "violin"],
        "style": "pop",
        "mood": "calm",
        "key": "C major",
        "tempo": 96.5,
        "metre": "4/4",
        "price": {"amount": 24900, "currency": "eur"},
        "prices": {"eur": 24900},
        "preview_url": f"http://testserver/tracks/{track.pk}/preview.mp3",
        "first_refusal_until": track.first_refusal_until.isoformat().replace("+00:00", "Z"),
        "retry_at": None,
        "created_at": track.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_maker_and_teammate_see_a_draft_and_an_outsider_does_not(make_user, make_track, api_for, program) -> None:
    maker = make_user()
    company = maker.memberships.get().company
    draft = make_track(company=company, draft=True)
    for person in (maker, make_user(company=company)):
        assert api_for(person).get(f"{URL}{draft.pk}/").json()["status"] == "draft"
    refused = program.get(f"{URL}{draft.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_reserved_track_says_when_to_try_again(program, make_track) -> None:
    track = make_track()
    until = timezone.now() + timedelta(minutes=31)
    hold_family(family=track.family, until=until)
    answer = program.get(f"{URL}{track.pk}/").json()
    assert (answer["status"], answer["retry_at"]) == ("reserved", until.isoformat().replace("+00:00", "Z"))


def test_sold_track_says_so_and_has_no_preview(program, make_track) -> None:
    track = make_track()
    mark_family_sold(family=track.family)
    answer = program.get(f"{URL}{track.pk}/").json()
    assert (answer["status"], answer["preview_url"]) == ("sold", None)


def test_list_holds_what_is_on_sale_or_reserved_newest_first(program, make_track) -> None:
    tracks = {name: make_track(title=name, draft=name == "draft") for name in
              ("on sale", "reserved", "sold", "withdrawn", "retired", "draft")}  # fmt: skip
    hold_family(family=tracks["reserved"].family, until=timezone.now())
    mark_family_sold(family=tracks["sold"].family)
    withdraw_track(track=tracks["withdrawn"], reason="Not good enough.")
    retire_family(family=tracks["retired"].family)
    assert listed(program) == ["reserved", "on sale"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"style": "jazz"}, ["Jazz"]),
        ({"mood": "calm"}, ["Pop", "Jazz"]),
        ({"instrument": "violin"}, ["Pop"]),
        ({"instrument": "viola"}, ["Jazz"]),
        ({"length": "10-to-20"}, ["Jazz"]),
        ({"length": "20-to-45"}, ["Pop"]),
        ({"style": "pop", "instrument": "viola"}, []),
        ({"style": ""}, ["Pop", "Jazz"]),
    ],
)
def test_filters_narrow_the_list(program, make_track, query: dict[str, str], titles: list[str]) -> None:
    make_track(title="Jazz", style="jazz", instruments=["viola"], seconds=15)
    make_track(title="Pop", seconds=30)
    assert listed(program, **query) == titles


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("style", "polka", "pop"),
        ("mood", "hungry", "calm"),
        ("instrument", "kazoo", "violin"),
        ("length", "5", "up-to-10"),
        ("style", "\0", "pop"),
    ],
)
def test_unknown_filter_value_is_refused_with_what_is_allowed(program, field: str, value: str, allowed: str) -> None:
    response = program.get(URL, {field: value})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert allowed in response.json()["fields"][field][0]


def test_list_comes_in_pages_of_fifty(program, make_track) -> None:
    for _ in range(51):
        make_track()
    first = program.get(URL).json()
    assert (first["count"], len(first["results"])) == (51, 50)
    assert len(program.get(first["next"]).json()["results"]) == 1
    assert program.get(URL, {"page": 3}).status_code == 404
    assert program.get(URL, {"page": "x"}).status_code == 404


def test_list_costs_the_same_few_queries_whatever_its_length(
    program, make_track, django_assert_max_num_queries
) -> None:
    for _ in range(5):
        make_track()
    with django_assert_max_num_queries(5):
        listed = program.get(URL).json()
    assert listed["count"] == 5


def test_tracks_cannot_be_written_over_the_api(program, make_track) -> None:
    track = make_track()
    for method in (program.post, program.put, program.patch, program.delete):
        response = method(f"{URL}{track.pk}/", {"title": "Mine"}, format="json")
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    track.refresh_from_db()
    assert track.title != "Mine"


def test_anonymous_program_is_told_to_send_a_token(client, make_track) -> None:
    assert client.get(f"{URL}{make_track().pk}/").status_code == 401


def test_malformed_id_is_not_found(program) -> None:
    response = program.get(f"{URL}not-a-uuid/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
