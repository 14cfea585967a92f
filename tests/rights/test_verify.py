"""/verify/"""

import pytest
from django.utils import timezone

from marketplace.catalog.services import hold_family, publish_track, withdraw_track
from marketplace.rights.copyright_id import make_copyright_id
from marketplace.rights.services import assign_copyright_id, register_track


@pytest.fixture
def draft(make_user, facts, files):
    return register_track(company=make_user().memberships.get().company, files=files, **facts)


def look_up(client, text: str):
    response = client.get("/verify/", {"id": text})
    return response.status_code, " ".join(response.content.decode().split())


def test_empty_form_asks_for_an_id(client, db) -> None:
    assert client.get("/verify/").status_code == 200


def test_draft_is_registered_and_nothing_more_is_told(client, draft) -> None:
    status, text = look_up(client, draft.copyright_id)
    assert status == 200
    assert "<h2>Registered</h2> <p>It is not on public sale." in text
    assert draft.title not in text


def test_track_on_sale_is_named(client, draft) -> None:
    publish_track(track=draft)
    _, text = look_up(client, draft.copyright_id.replace("-", " ").lower())
    assert "Registered and on sale" in text
    assert draft.title in text
    assert draft.copyright_id in text


def test_reserved_track_is_called_reserved(client, draft) -> None:
    publish_track(track=draft)
    hold_family(family=draft.family, until=timezone.now())
    assert "Registered and reserved" in look_up(client, draft.copyright_id)[1]


def test_sold_track_is_called_sold_and_never_to_whom(client, sale) -> None:
    _, text = look_up(client, sale.track.copyright_id)
    assert "Registered and sold" in text
    assert sale.company.name not in text
    assert sale.owner.email not in text


def test_withdrawn_track_is_registered_still(client, draft) -> None:
    publish_track(track=draft)
    withdraw_track(track=draft, reason="Too quiet.")
    status, text = look_up(client, draft.copyright_id)
    assert status == 200
    assert "It is not on public sale" in text


def test_mistyped_and_unknown_ids_are_told_apart(client, draft) -> None:
    last = "0" if draft.copyright_id[-1] != "0" else "2"
    status, text = look_up(client, draft.copyright_id[:-1] + last)
    assert status == 400
    assert "mistyped" in text
    status, text = look_up(client, make_copyright_id(year=1999))
    assert status == 404
    assert "was never registered here" in text


def test_id_without_a_track_is_told_from_one_that_nobody_has(client, db) -> None:
    status, text = look_up(client, assign_copyright_id(reference="job 9"))
    assert status == 404
    assert "no track was ever finished under it" in text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\0", "' OR 1=1 --", "x" * 5000, "ＯＴ26", "🎵"])
def test_garbage_is_called_mistyped_and_escaped(client, db, text: str) -> None:
    status, shown = look_up(client, text)
    assert status == 400
    assert "<script>alert" not in shown


def test_sixty_look_ups_in_ten_minutes_are_enough(client, draft) -> None:
    for _ in range(60):
        assert look_up(client, draft.copyright_id)[0] == 200
    assert look_up(client, draft.copyright_id)[0] == 429
