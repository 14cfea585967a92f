"""Files on S3: the browser is sent there with a link that expires. Signing needs no network."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import User
from marketplace.catalog.models import Track, TrackFile
from marketplace.rights.models import Download
from marketplace.rights.packs import PACK_NAME
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


class _Bucket(BaseHTTPRequestHandler):
    """Answers every question for an object with the status that its server was given."""

    def do_HEAD(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def bucket(on_s3: None, settings) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), _Bucket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = settings.STORAGES["default"]["OPTIONS"]
        address = f"http://127.0.0.1:{server.server_port}"
        settings.STORAGES = settings.STORAGES | {
            "default": {**settings.STORAGES["default"], "OPTIONS": {**options, "endpoint_url": address}}
        }
        yield server
        server.shutdown()


@pytest.fixture
def sold_pack(track: Track, make_user) -> User:
    buyer = make_user()
    transfer_ownership(track=track, owner=buyer.memberships.get().company, reference="order 1")
    facts = {"content_type": "application/zip", "size": 1, "sha256": "0" * 64}
    TrackFile.objects.create(track=track, name=PACK_NAME, storage_name="packs/lost.zip", **facts)
    return buyer


def test_a_pack_that_the_bucket_has_lost_is_struck_off_and_not_linked_to(
    track: Track, sold_pack: User, client_for, bucket: HTTPServer
) -> None:
    bucket.status = 404  # type: ignore[attr-defined]
    response = client_for(sold_pack).get(f"/tracks/{track.pk}/files/{PACK_NAME}")
    assert response.status_code == 503
    assert not track.files.filter(name=PACK_NAME).exists()
    assert Download.objects.count() == 0


@pytest.mark.parametrize("status", [200, 403])
def test_a_pack_that_is_there_or_cannot_be_asked_for_is_linked_to(
    status: int, track: Track, sold_pack: User, client_for, bucket: HTTPServer
) -> None:
    bucket.status = status  # type: ignore[attr-defined]
    response = client_for(sold_pack).get(f"/tracks/{track.pk}/files/{PACK_NAME}")
    assert response.status_code == 302
    assert track.files.filter(name=PACK_NAME).exists()


def test_nobody_else_gets_a_link(client: Client, track: Track, make_user, client_for, on_s3: None) -> None:
    assert client_for(make_user()).get(f"/tracks/{track.pk}/files/track.wav").status_code == 404
    assert Download.objects.count() == 0
