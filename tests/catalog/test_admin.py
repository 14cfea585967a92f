"""Django's admin for tracks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.catalog.models import Track
from marketplace.catalog.services import mark_family_sold

URL = "/admin/catalog/track/"


@pytest.fixture
def admin(make_user, client_for):
    return client_for(make_user("admin@example.com", is_staff=True, is_superuser=True))


def act(admin, action: str, track: Track, **fields: str):
    return admin.post(URL, {"action": action, "_selected_action": str(track.pk), **fields}, follow=True)


def save(admin, track: Track, **fields: object):
    form = {"title": track.title, "price_amount": track.price_amount, "price_currency": track.price_currency}
    inline = {"files-TOTAL_FORMS": 0, "files-INITIAL_FORMS": 0}
    return admin.post(f"{URL}{track.pk}/change/", form | inline | fields)


def test_list_shows_status_and_price(admin, make_track) -> None:
    make_track()
    text = admin.get(URL).content.decode()
    assert "on_sale" in text
    assert "€249.00" in text


def test_admin_withdraws_with_a_reason_and_publishes_again(admin, make_track) -> None:
    track = make_track()
    act(admin, "withdraw", track, reason="Too quiet.")
    track.refresh_from_db()
    assert (track.status, track.withdrawn_reason) == ("withdrawn", "Too quiet.")
    act(admin, "publish", track)
    track.refresh_from_db()
    assert track.status == "on_sale"


def test_withdrawal_without_a_reason_changes_nothing(admin, make_track) -> None:
    track = make_track()
    assert "Give a reason" in act(admin, "withdraw", track).content.decode()
    track.refresh_from_db()
    assert track.status == "on_sale"


def test_admin_changes_title_and_price(admin, make_track) -> None:
    track = make_track()
    assert save(admin, track, title="Loud Harbour", price_amount=100, price_currency="usd").status_code == 302
    track.refresh_from_db()
    assert (track.title, track.price_amount, track.price_currency) == ("Loud Harbour", 100, "usd")


def test_impossible_price_is_shown_beside_its_field(admin, make_track) -> None:
    track = make_track()
    response = save(admin, track, price_currency="€€€")
    assert response.status_code == 200
    assert "give a currency by its three letters" in response.content.decode()
    track.refresh_from_db()
    assert track.price_currency == "eur"


def test_sold_track_is_not_changed(admin, make_track) -> None:
    track = make_track()
    mark_family_sold(family=track.family)
    assert "This track was sold" in save(admin, track, price_amount=1).content.decode()
    track.refresh_from_db()
    assert track.price_amount == 24_900


def test_tracks_are_neither_added_nor_deleted_by_hand(admin, make_track) -> None:
    track = make_track()
    assert admin.get(f"{URL}add/").status_code == 403
    assert admin.post(f"{URL}{track.pk}/delete/", {"post": "yes"}).status_code == 403
    act(admin, "delete_selected", track, post="yes")
    assert Track.objects.filter(pk=track.pk).exists()


def test_customer_stays_outside(make_user, client_for, make_track) -> None:
    track = make_track()
    assert act(client_for(make_user()), "withdraw", track, reason="Mine").redirect_chain
    track.refresh_from_db()
    assert track.status == "on_sale"


def test_page_of_a_track_gives_its_recipe_until_it_is_sold(admin, make_track) -> None:
    track = make_track()
    track.recipe, track.seed = {"engine": "9.8.7"}, 98_765_432_109
    track.save()
    text = admin.get(f"{URL}{track.pk}/change/").content.decode()
    assert "&quot;engine&quot;: &quot;9.8.7&quot;" in text
    assert "98765432109" in text
    mark_family_sold(family=track.family)
    text = admin.get(f"{URL}{track.pk}/change/").content.decode()
    assert "9.8.7" not in text
    assert "98765432109" not in text
    assert track.score_digest in text


def test_page_of_a_track_leads_to_where_it_is_heard_unless_it_is_a_draft(admin, make_track) -> None:
    track = make_track()
    public = f'href="/tracks/{track.pk}/"'
    assert public in admin.get(f"{URL}{track.pk}/change/").content.decode()
    Track.objects.filter(pk=track.pk).update(first_refusal_until=timezone.now() + timedelta(hours=1))
    assert public not in admin.get(f"{URL}{track.pk}/change/").content.decode()


def test_preview_whose_rest_is_still_encoded_is_told_as_such(admin, make_track) -> None:
    track = make_track()
    page = f"{URL}{track.pk}/change/"
    track.files.filter(is_preview=True).update(size=2_048_000, ready=204_800)
    assert "200.0\xa0KB of 2.0\xa0MB: the rest is being encoded" in admin.get(page).content.decode()
    track.files.update(ready=None)
    assert "being encoded" not in admin.get(page).content.decode()
