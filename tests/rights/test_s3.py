"""Files on S3: the browser is sent there with a link that expires. Signing needs no network."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import User
from marketplace.catalog.listeners import spell_choices
from marketplace.catalog.models import PreviewHearing, Track, TrackFile
from marketplace.rights.links import link_address, make_link
from marketplace.rights.models import Download
from marketplace.rights.packs import PACK_NAME
from marketplace.rights.queries import was_downloaded
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


def test_head_gets_the_facts_of_a_full_file_but_no_link_that_would_fetch_it(
    track: Track, make_user, client_for, api_for, on_s3: None
) -> None:
    """The link would be good for GET: the file would be had with no download noted, and the money back after it."""
    buyer = make_user()
    company = buyer.memberships.get().company
    transfer_ownership(track=track, owner=company, reference="order 1")
    shared = make_link(track_id=track.pk, name="track.wav", company=company, user=buyer, hours=1)
    file = track.files.get(name="track.wav")
    for answer in (
        client_for(buyer).head(f"/tracks/{track.pk}/files/track.wav"),
        api_for(buyer).head(f"/api/v1/tracks/{track.pk}/files/track.wav"),
        Client().head(link_address(shared)),
    ):
        assert (answer.status_code, answer["Content-Length"]) == (200, str(file.size))
        assert (answer["ETag"], answer["Content-Type"]) == (f'"{file.sha256}"', "audio/wav")
        assert "Location" not in answer
    assert not was_downloaded(track.family)


class _Bucket(BaseHTTPRequestHandler):
    """Answers every question for an object with the status that its server was given, and parts of what it holds."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.headers.get("Range"))
        first, last = (int(place) for place in self.headers["Range"].removeprefix("bytes=").split("-"))
        part = next(content for name, content in server.held.items() if self.path.endswith(name))[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

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


def test_of_a_preview_in_two_variants_no_link_is_given_to_either(
    client: Client, track: Track, bucket: HTTPServer
) -> None:
    facts = {"storage_name": "a.mp3", "variant_storage_name": "b.mp3", "size": 100_000}
    track.files.filter(is_preview=True).update(**facts, layout={"bytes": [0], "frames": [0]})
    response = client.head(f"/tracks/{track.pk}/preview.mp3")
    assert (response.status_code, response["Content-Length"]) == (200, "100000")
    assert "Location" not in response


def test_of_a_preview_in_two_variants_the_bucket_is_asked_for_the_range_alone(
    client: Client, track: Track, bucket: HTTPServer
) -> None:
    held = {"a.mp3": bytes(range(250)) * 400, "b.mp3": bytes(range(250))[::-1] * 400}
    bucket.status, bucket.held, bucket.asked = 200, held, []  # type: ignore[attr-defined]
    edges = [*range(0, 100_000, 5_000)]
    track.files.filter(is_preview=True).update(
        storage_name="a.mp3", variant_storage_name="b.mp3", size=100_000, layout={"bytes": edges, "frames": edges}
    )
    response = client.get(f"/tracks/{track.pk}/preview.mp3", headers={"Range": "bytes=3000-23999"})
    content = b"".join(response.streaming_content)
    assert (response.status_code, len(content)) == (206, 21_000)
    choices = spell_choices(PreviewHearing.objects.get().code, segments=len(edges))
    whole = [held["b.mp3" if choices[place // 5_000] else "a.mp3"][place] for place in range(3_000, 24_000)]
    assert content == bytes(whole)
    assert bucket.asked == ["bytes=3000-23999"] * 2  # type: ignore[attr-defined]


def test_the_rest_of_a_preview_comes_from_the_bucket_when_it_has_grown(
    client: Client, track: Track, bucket: HTTPServer
) -> None:
    whole = {"a.mp3": bytes(range(250)) * 400, "b.mp3": bytes(range(250))[::-1] * 400}
    ready, edges = 40_000, [*range(0, 100_000, 5_000)]
    held = {f"opening-{name}": content[:ready] for name, content in whole.items()}
    bucket.status, bucket.held, bucket.asked = 200, held | whole, []  # type: ignore[attr-defined]
    preview = track.files.filter(is_preview=True)
    known = edges[: ready // 5_000]
    preview.update(
        storage_name="opening-a.mp3",
        variant_storage_name="opening-b.mp3",
        size=100_000,
        ready=ready,
        layout={"bytes": known, "frames": known},
    )
    heard = b""
    for block in client.get(f"/tracks/{track.pk}/preview.mp3").streaming_content:
        heard += block
        if len(heard) == ready:
            layout = {"bytes": edges, "frames": edges}
            preview.update(storage_name="a.mp3", variant_storage_name="b.mp3", ready=None, layout=layout)
    choices = spell_choices(PreviewHearing.objects.get().code, segments=len(edges))
    assert heard == bytes(whole["b.mp3" if choices[place // 5_000] else "a.mp3"][place] for place in range(100_000))
    assert bucket.asked == ["bytes=0-39999"] * 2 + ["bytes=40000-99999"] * 2  # type: ignore[attr-defined]


def test_nobody_else_gets_a_link(client: Client, track: Track, make_user, client_for, on_s3: None) -> None:
    assert client_for(make_user()).get(f"/tracks/{track.pk}/files/track.wav").status_code == 404
    assert Download.objects.count() == 0
