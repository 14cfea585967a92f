"""A preview is served to each listener in an order of their own, and a leak of it names them."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.limits import AttemptLimit
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.preview_variants import LAYOUT_NAME, VARIANT_NAME
from generator.engine.audio.previewing import render_preview
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.tags import Tags
from marketplace.catalog.models import PreviewHearing, PreviewListener, Track
from marketplace.catalog.services import mark_family_sold
from marketplace.rights.mark_keys import make_mark
from tests.engine.audio_pieces import make_piece

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def track(make_track: Callable[..., Track], tmp_path) -> Track:
    """On sale, with a real preview of 22 s in two variants."""
    track = make_track(seconds=22)
    mark: Mark = make_mark(track.copyright_id, made_at=timezone.now())
    piece = make_piece("piano", "violin", seconds=22.0)
    written = render_preview(piece, out=tmp_path, tags=Tags(title="Test"), mark=mark).file
    file = track.files.get(is_preview=True)
    store = [
        default_storage.save(f"tracks/{track.pk}/{name}", ContentFile((tmp_path / name).read_bytes()))
        for name in ("preview.mp3", VARIANT_NAME)
    ]
    file.storage_name, file.variant_storage_name = store
    file.layout, file.size, file.sha256 = (
        json.loads((tmp_path / LAYOUT_NAME).read_bytes()),
        written.size,
        written.sha256,
    )
    file.save()
    return track


def listen(client: Client, track: Track, **headers: str) -> bytes:
    response = client.get(f"/tracks/{track.pk}/preview.mp3", headers=headers)
    assert response.status_code in (200, 206)
    return b"".join(response.streaming_content)


def test_each_listener_gets_an_order_of_their_own_and_the_same_one_again(track, make_user, client_for) -> None:
    one, two, visitor = client_for(make_user()), client_for(make_user()), Client()
    editions = [listen(client, track) for client in (one, two, visitor)]
    assert len(set(editions)) == 3
    assert len({len(edition) for edition in editions}) == 1
    assert [listen(client, track) for client in (one, two, visitor)] == editions
    assert PreviewHearing.objects.count() == PreviewListener.objects.count() == 3


def test_teammates_are_one_listener(track, make_user, client_for) -> None:
    user = make_user()
    mate = make_user(company=user.memberships.get().company)
    assert listen(client_for(user), track) == listen(client_for(mate), track)


@pytest.mark.parametrize("span", ["0-0", "0-99999", "5000-5000", "70000-200001", "-70000", "100000-"])
def test_ranges_are_parts_of_the_listeners_own_edition(track, span: str) -> None:
    client = Client()
    whole = listen(client, track)
    first, last = span.split("-")
    wanted = whole[-int(last) :] if not first else whole[int(first) : int(last) + 1 if last else None]
    response = client.get(f"/tracks/{track.pk}/preview.mp3", headers={"Range": f"bytes={span}"})
    assert response.status_code == 206
    assert response["Content-Length"] == str(len(wanted))
    assert b"".join(response.streaming_content) == wanted


def test_part_of_anothers_edition_is_not_continued(track) -> None:
    one, two = Client(), Client()
    etag = one.get(f"/tracks/{track.pk}/preview.mp3")["ETag"]
    assert listen(one, track, **{"Range": "bytes=5-9", "If-Range": etag}) == listen(one, track)[5:10]
    assert len(listen(two, track, **{"Range": "bytes=5-9", "If-Range": etag})) > 5
    assert one.get(f"/tracks/{track.pk}/preview.mp3", headers={"If-None-Match": etag}).status_code == 304


@pytest.fixture
def leak(track, make_user, client_for, tmp_path) -> Callable[..., str]:
    """What a listener leaks of it, encoded again by the way. Others have listened too."""

    def make(client: Client, *, start: float = 0.0, seconds: float = 22.0) -> str:
        for _ in range(3):
            listen(client_for(make_user()), track)
        (tmp_path / "edition.mp3").write_bytes(listen(client, track))
        audio, rate = soundfile.read(tmp_path / "edition.mp3", dtype="float32")
        part = audio[round(start * rate) : round((start + seconds) * rate)]
        soundfile.write(tmp_path / "leak.mp3", part * np.float32(0.7), rate, format="MP3")
        return str(tmp_path / "leak.mp3")

    return make


def trace(path: str, *options: str) -> str:
    out = StringIO()
    call_command("trace_preview", path, *options, stdout=out)
    return out.getvalue()


def test_leak_names_the_company_that_it_was_served_to(track, leak, make_user, client_for) -> None:
    user = make_user()
    said = trace(leak(client_for(user)))
    assert f"served to company {user.memberships.get().company}, first on" in said
    assert track.copyright_id in said


def test_leak_of_a_visitor_names_the_visitor(track, leak) -> None:
    said = trace(leak(Client(), start=4.0, seconds=12.0), "--track", track.copyright_id)
    assert f"served to visitor {PreviewListener.objects.get(company=None).pk}, first on" in said


def test_nobody_is_named_for_too_little_of_it(track, leak) -> None:
    with pytest.raises(CommandError, match="Nobody can be named") as failure:
        trace(leak(Client(), start=4.0, seconds=3.0), "--track", track.copyright_id)
    assert failure.value.returncode == 1


def test_nobody_is_named_for_an_order_that_was_never_served(track, leak) -> None:
    path = leak(Client())
    PreviewHearing.objects.filter(listener__company=None).delete()
    with pytest.raises(CommandError, match="Nobody can be named"):
        trace(path, "--track", track.copyright_id)


def test_other_music_and_unknown_tracks_are_refused(track, tmp_path) -> None:
    audio = make_sound(make_piece("flute", seconds=6.0)).master.audio
    soundfile.write(tmp_path / "other.wav", audio, 44_100)
    with pytest.raises(CommandError, match="not of this preview"):
        trace(str(tmp_path / "other.wav"), "--track", track.copyright_id)
    with pytest.raises(CommandError, match="does not tell the track"):
        trace(str(tmp_path / "other.wav"))


def test_before_the_sale_no_other_file_is_reached_by_anybody(track, make_user, client_for) -> None:
    names = [file.name for file in track.files.all()] + [VARIANT_NAME, LAYOUT_NAME, "pack.zip"]
    for client in (
        Client(),
        client_for(make_user()),
        client_for(track.company.memberships.first().user) if track.company.memberships.exists() else Client(),
    ):
        for name in names:
            response = client.get(f"/tracks/{track.pk}/files/{name}")
            assert response.status_code in (302, 403, 404)
            assert not (response.status_code == 302 and "login" not in response["Location"])
    mark_family_sold(family=track.family)
    assert Client().get(f"/tracks/{track.pk}/preview.mp3").status_code == 404


def test_script_that_keeps_no_session_makes_listeners_only_so_fast(track, client, monkeypatch) -> None:
    limit = AttemptLimit(name="few", limit=2, period=timedelta(hours=1))
    monkeypatch.setattr("marketplace.catalog.listeners.LISTENERS", limit)
    listen(client, track)
    listen(Client(), track)
    assert Client().get(f"/tracks/{track.pk}/preview.mp3").status_code == 429
    assert Client().head(f"/tracks/{track.pk}/preview.mp3").status_code == 200
    assert listen(client, track)
    assert PreviewListener.objects.count() == 2
