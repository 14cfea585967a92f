"""While a payment is disputed the owner stays the owner and gets no file; nobody else gets any either."""

import pytest
from django.db import transaction

from marketplace.catalog.services import freeze_family, lock_family, unfreeze_family
from marketplace.errors import NotFoundError, PermissionRefusedError
from marketplace.rights.models import Download
from marketplace.rights.queries import owner_of
from marketplace.rights.services import note_download, revoke_ownership

pytestmark = pytest.mark.any_database


@pytest.fixture
def frozen(sale):
    with transaction.atomic():
        freeze_family(family=lock_family(family_id=sale.track.family_id))
    return sale


def test_owner_is_refused_with_the_reason_on_page_and_api(frozen, client_for, api_for) -> None:
    track = frozen.track
    for name in ("track.wav", "parts/piano.mid", "preview.mp3"):
        assert client_for(frozen.teammate).get(f"/tracks/{track.pk}/files/{name}").status_code == 403
        response = api_for(frozen.owner).get(f"/api/v1/tracks/{track.pk}/files/{name}")
        assert (response.status_code, response.json()["code"]) == (403, "access_frozen")
    assert Download.objects.count() == 0
    assert owner_of(track.family) == frozen.company


def test_outsider_learns_nothing_of_the_dispute(frozen, api_for) -> None:
    response = api_for(frozen.outsider).get(f"/api/v1/tracks/{frozen.track.pk}/files/track.wav")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_library_and_track_say_why_the_files_rest(frozen, client_for) -> None:
    browser = client_for(frozen.owner)
    for url in ("/library/", f"/tracks/{frozen.track.pk}/"):
        page = browser.get(url).content.decode()
        assert "The files rest" in page
        assert "track.wav" not in page
    assert "The files rest" not in client_for(frozen.outsider).get(f"/tracks/{frozen.track.pk}/").content.decode()


def test_files_come_back_when_the_dispute_ends(frozen, api_for) -> None:
    with transaction.atomic():
        unfreeze_family(family=lock_family(family_id=frozen.track.family_id))
    assert api_for(frozen.owner).get(f"/api/v1/tracks/{frozen.track.pk}/files/track.wav").status_code == 200


def test_download_that_was_overtaken_by_a_revocation_is_refused_and_leaves_no_trace(sale) -> None:
    """Found before the refund, noted after it: were it let through, a track on sale again would be out."""
    file = sale.track.files.get(name="track.wav")
    revoke_ownership(track=sale.track, reference="refund")
    with pytest.raises(NotFoundError):
        note_download(file=file, company=sale.company, user=sale.owner, is_continuation=False)
    assert Download.objects.count() == 0


def test_download_that_was_overtaken_by_a_dispute_is_refused(frozen) -> None:
    file = frozen.track.files.get(name="track.wav")
    with pytest.raises(PermissionRefusedError):
        note_download(file=file, company=frozen.company, user=frozen.owner, is_continuation=False)
    assert Download.objects.count() == 0
