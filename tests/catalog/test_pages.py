"""/, /tracks/ and /tracks/<id>/"""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from marketplace.catalog.models import Track
from marketplace.catalog.services import hold_family, mark_family_sold, withdraw_track


def show(client, track) -> str:
    return client.get(f"/tracks/{track.pk}/").content.decode()


@pytest.fixture
def draft(make_user, make_track):
    maker = make_user()
    draft = make_track(company=maker.memberships.get().company, draft=True)
    draft.maker = maker
    return draft


def test_landing_page_plays_what_can_be_bought_now(client, make_track, draft) -> None:
    free, reserved, sold = make_track(), make_track(), make_track()
    hold_family(family=reserved.family, until=timezone.now())
    mark_family_sold(family=sold.family)
    response = client.get("/")
    assert list(response.context["tracks"]) == [free]
    assert f"/tracks/{free.pk}/preview.mp3" in response.content.decode()


def test_landing_page_of_an_empty_catalogue_says_what_to_do(client, db) -> None:
    assert "Nothing is on sale at the moment" in client.get("/").content.decode()


def test_list_shows_tracks_on_sale_with_prices(client, make_track, draft) -> None:
    track = make_track()
    text = client.get("/tracks/").content.decode()
    assert track.title in text
    assert "€249.00" in text
    assert draft.title not in text


def test_filter_without_a_match_offers_the_way_out(client, make_track) -> None:
    make_track()
    assert "No track on sale is like that" in client.get("/tracks/?style=jazz").content.decode()


def test_unknown_filter_is_named_on_the_page(client, make_track) -> None:
    make_track()
    response = client.get("/tracks/?instrument=kazoo")
    assert response.status_code == 400
    assert "“kazoo” is not possible. Allowed: piano, epiano" in response.content.decode()
    assert list(response.context["tracks"]) == []


def test_pages_keep_the_filter(client, make_track) -> None:
    for _ in range(25):
        make_track()
    response = client.get("/tracks/?mood=calm")
    assert len(response.context["tracks"]) == 24
    assert "?mood=calm&amp;page=2" in response.content.decode()
    assert len(client.get("/tracks/?mood=calm&page=2").context["tracks"]) == 1
    assert client.get("/tracks/?page=nonsense").status_code == 200


def test_stranger_is_led_to_register_and_back(client, make_track) -> None:
    track = make_track()
    text = show(client, track)
    assert f"/accounts/register/?next=/tracks/{track.pk}/" in text
    assert "/buy/" not in text


def test_business_can_buy_a_track_on_sale(make_user, client_for, make_track) -> None:
    track = make_track()
    assert f'action="/tracks/{track.pk}/buy/"' in show(client_for(make_user()), track)


def test_maker_and_teammate_can_buy_a_draft_and_read_until_when(draft, make_user, client_for) -> None:
    for person in (draft.maker, make_user(company=draft.company)):
        text = show(client_for(person), draft)
        assert f'action="/tracks/{draft.pk}/buy/"' in text
        assert f'datetime="{draft.first_refusal_until.isoformat()}"' in text


def test_draft_does_not_exist_for_others(client, draft, make_user, client_for) -> None:
    for each in (client, client_for(make_user())):
        response = each.get(f"/tracks/{draft.pk}/")
        assert response.status_code == 404
        assert draft.title not in response.content.decode()


def test_reserved_track_says_when_to_try_again(make_user, client_for, make_track) -> None:
    track = make_track()
    hold_family(family=track.family, until=datetime(2030, 1, 2, 14, 32, tzinfo=UTC))
    text = show(client_for(make_user()), track)
    assert "14:32" in text
    assert "/buy/" not in text


def test_second_buyer_is_told_that_the_track_is_sold(make_user, client_for, make_track) -> None:
    track = make_track()
    mark_family_sold(family=track.family)
    response = client_for(make_user()).get(f"/tracks/{track.pk}/")
    assert response.status_code == 200
    assert "badge-sold" in response.content.decode()
    assert "preview.mp3" not in response.content.decode()
    assert "/buy/" not in response.content.decode()


def test_maker_reads_why_a_track_was_withdrawn_and_others_find_nothing(client, draft, client_for) -> None:
    withdraw_track(track=draft, reason="It resembles a hymn.")
    assert "It resembles a hymn." in show(client_for(draft.maker), draft)
    assert client.get(f"/tracks/{draft.pk}/").status_code == 404


def test_page_is_left_as_it_is_while_the_files_are_being_written_and_then_says_that_it_can_be_bought(
    make_user, client_for, make_track
) -> None:
    track, client = make_track(is_complete=False), client_for(make_user())
    polled = f"/tracks/{track.pk}/?shown=writing"
    assert 'hx-trigger="every 2s"' in show(client, track)
    assert client.get(polled).status_code == 204
    Track.objects.filter(pk=track.pk).update(is_complete=True)
    text = client.get(polled).content.decode()
    assert '<p class="notice" data-announce>Its full files are written: it can be bought now.</p>' in text
    assert "hx-get" not in text
    assert "it can be bought now" not in show(client, track)


def test_files_that_do_not_come_are_told_of_once(make_user, client_for, make_track) -> None:
    track = make_track(is_complete=False)
    Track.objects.filter(pk=track.pk).update(created_at=timezone.now() - timedelta(hours=1))
    text = client_for(make_user()).get(f"/tracks/{track.pk}/?shown=writing").content.decode()
    assert "data-announce>Its full files could not be written" in text
    assert "hx-get" not in text


def test_page_only_answers_reading(client, make_track) -> None:
    assert client.post(f"/tracks/{make_track().pk}/").status_code == 405
