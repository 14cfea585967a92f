"""A preview is heard from its opening on: who listens gets the rest when it is there, in the same order of variants."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from marketplace.catalog import editions
from marketplace.catalog.listeners import spell_choices
from marketplace.catalog.models import PreviewHearing, Track, TrackFile
from marketplace.rights.filing import NewFile
from marketplace.rights.previews import complete_preview

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SIZE, READY, SEGMENT = 500_000, 180_000, 20_000
FIRST, SECOND = bytes(range(250)) * (SIZE // 250), bytes(range(250))[::-1] * (SIZE // 250)
EDGES = list(range(0, SIZE, SEGMENT))
LAYOUT = {"bytes": EDGES, "frames": EDGES}


@pytest.fixture
def track(make_track: Callable[..., Track]) -> Track:
    """On sale, with the opening of its preview."""
    track = make_track()
    file = preview_of(track)
    file.storage_name, file.variant_storage_name = (
        default_storage.save(f"tracks/{track.pk}/{name}.mp3", ContentFile(content[:READY]))
        for name, content in (("a", FIRST), ("b", SECOND))
    )
    known = [edge for edge in EDGES if edge < READY]
    file.layout, file.size, file.ready = {"bytes": known, "frames": known}, SIZE, READY
    file.save()
    return track


def preview_of(track: Track) -> TrackFile:
    return track.files.get(is_preview=True)


@pytest.fixture
def complete(track: Track, tmp_path: Path) -> Callable[[], None]:
    def complete() -> None:
        for name, content in (("preview.mp3", FIRST), ("preview-b.mp3", SECOND)):
            (tmp_path / name).write_bytes(content)
        variant, layout = tmp_path / "preview-b.mp3", LAYOUT
        whole = NewFile(
            name="preview.mp3", path=tmp_path / "preview.mp3", content_type="audio/mpeg", variant=variant, layout=layout
        )
        complete_preview(track, file=whole)

    return complete


def ask(client: Client, track: Track, **headers: str):
    return client.get(f"/tracks/{track.pk}/preview.mp3", headers=headers)


def spell_edition() -> bytes:
    """What the only listener is to get."""
    choices = spell_choices(PreviewHearing.objects.get().code, segments=len(EDGES))
    return b"".join(
        (SECOND if choice else FIRST)[edge : edge + SEGMENT] for edge, choice in zip(EDGES, choices, strict=True)
    )


def test_the_opening_is_played_before_the_rest_is_there(client: Client, track: Track) -> None:
    response = ask(client, track, Range="bytes=0-65535")
    assert (response.status_code, response["Content-Range"]) == (206, f"bytes 0-65535/{SIZE}")
    assert b"".join(response.streaming_content) == spell_edition()[:65_536]


def test_who_asks_for_all_of_it_gets_the_opening_and_then_the_rest(client: Client, track: Track, complete) -> None:
    response = ask(client, track, Range="bytes=0-")
    assert response["Content-Length"] == str(SIZE)
    heard = b""
    for block in response.streaming_content:
        heard += block
        if len(heard) == READY:
            complete()
    assert heard == spell_edition()


def test_a_player_that_goes_on_later_gets_the_same_edition(client: Client, track: Track, complete) -> None:
    opening = ask(client, track, Range=f"bytes=0-{READY - 1}")
    heard = b"".join(opening.streaming_content)
    complete()
    rest = ask(client, track, **{"Range": f"bytes={READY}-", "If-Range": opening["ETag"]})
    assert (rest.status_code, rest["ETag"]) == (206, opening["ETag"])
    assert heard + b"".join(rest.streaming_content) == spell_edition()


def test_a_rest_that_does_not_come_in_time_is_left_out_and_can_be_asked_for_again(
    client: Client, track: Track, complete, monkeypatch
) -> None:
    monkeypatch.setattr(editions, "_PATIENCE", 0.0)
    assert b"".join(ask(client, track).streaming_content) == spell_edition()[:READY]
    assert b"".join(ask(client, track, Range=f"bytes={READY}-").streaming_content) == b""
    complete()
    assert b"".join(ask(client, track, Range=f"bytes={READY}-").streaming_content) == spell_edition()[READY:]


def test_the_whole_takes_the_openings_place_once(track: Track, complete) -> None:
    opening = preview_of(track)
    complete()
    file = preview_of(track)
    assert (file.ready, file.size, file.layout) == (None, SIZE, LAYOUT)
    assert file.sha256 == sha256(FIRST).hexdigest()
    assert not default_storage.exists(opening.storage_name)
    assert not default_storage.exists(opening.variant_storage_name)
    complete()  # by somebody who was slower
    assert preview_of(track).storage_name == file.storage_name
    assert default_storage.exists(file.storage_name)


def test_who_looked_before_it_was_whole_and_asks_after_gets_the_whole(
    client: Client, track: Track, complete, monkeypatch, caplog
) -> None:
    """Between the look at the row and at the files the opening goes. Nothing is lost, so nothing is logged."""
    looked = preview_of(track)
    complete()
    monkeypatch.setattr("marketplace.catalog.views.preview_file", lambda track: looked)
    assert b"".join(ask(client, track).streaming_content) == spell_edition()
    assert not caplog.records


def test_an_opening_that_was_lost_is_logged(client: Client, track: Track, caplog) -> None:
    default_storage.delete(preview_of(track).storage_name)
    assert ask(client, track).status_code == 503
    assert f"preview.mp3 of track {track.pk} is missing from storage" in caplog.text
