"""Files on S3: the browser is sent there with a link that expires. Signing needs no network."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from marketplace.catalog.models import Track
from marketplace.rights.models import Download
from marketplace.rights.services import transfer_ownership


@pytest.fixture
def on_s3(settings) -> None:
    options = {
        "bucket_name": "onetake-files",
        "access_key": "AKIDEXAMPLE",
        "secret_key": "wJalrXUtnFEMI",
        "region_name": "eu-central-1",
        "querystring_auth": True,
        "querystring_expire": 600,
    }
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    }


@pytest.fixture
def track(make_track) -> Track:
    return make_track()


def test_preview_is_a_signed_link_to_the_stored_file(client: Client, track: Track, on_s3: None) -> None:
    response = client.get(f"/tracks/{track.pk}/preview.mp3")
    assert response.status_code == 302
    link = urlsplit(response.url)
    query = parse_qs(link.query)
    assert link.hostname.endswith("amazonaws.com")
    assert link.path.endswith(track.files.get(is_preview=True).storage_name)
    assert query["X-Amz-Expires"] == ["600"]
    assert query["response-content-type"] == ["audio/mpeg"]
    assert "X-Amz-Signature" in query


def test_link_to_a_full_file_is_noted_as_a_download(track: Track, make_user, client_for, on_s3: None) -> None:
    buyer = make_user()
    transfer_ownership(track=track, owner=buyer.memberships.get().company, reference="order 1")
    response = client_for(buyer).get(f"/tracks/{track.pk}/files/track.wav")
    assert response.status_code == 302
    assert parse_qs(urlsplit(response.url).query)["response-content-disposition"][0].startswith("attachment")
    assert Download.objects.get().file_name == "track.wav"


def test_nobody_else_gets_a_link(client: Client, track: Track, make_user, client_for, on_s3: None) -> None:
    assert client_for(make_user()).get(f"/tracks/{track.pk}/files/track.wav").status_code == 404
    assert Download.objects.count() == 0
