"""Delivery packs: built once after a sale, offered to the owner alone, built again the same when lost."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from generator.engine.composing.codec import encode_piece
from generator.engine.delivery.verify import verify_pack
from generator.jobs import packing
from generator.jobs.packing import PackLostError, build_pack_of, sweep_packs
from generator.models import PackBuild
from marketplace.catalog.models import Track, TrackFile
from marketplace.rights.packs import PACK_NAME
from marketplace.rights.services import transfer_ownership
from marketplace.rights.signing import check_envelope
from tests.certificates import Authority
from tests.engine.audio_pieces import make_piece
from tests.generator.conftest import read_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

PIECE = make_piece("flute", seconds=1.5)


@pytest.fixture
def sell(make_track: Callable[..., Track], make_user: Callable[..., User]) -> Callable[..., Track]:
    """A sold track with a score that can be rendered, and its owner."""

    def make(*, has_score: bool = True) -> tuple[Track, User]:
        track, user = make_track(), make_user()
        if has_score:
            content = json.dumps({"copyright_id": track.copyright_id, **encode_piece(PIECE)}).encode()
            name = default_storage.save(f"tracks/{track.pk}/track.json", ContentFile(content))
            digest = sha256(content).hexdigest()
            facts = {"content_type": "application/json", "size": len(content), "sha256": digest}
            TrackFile.objects.create(track=track, name="track.json", storage_name=name, **facts)
        track.family.sold_at = timezone.now()
        track.family.save()
        transfer_ownership(track=track, owner=user.memberships.get().company, reference="order 1")
        return track, user

    return make


@pytest.fixture(autouse=True)
def sent(broker) -> Callable[[], list[str]]:
    """Track ids of the builds that wait for a worker."""
    return lambda: [arguments[0] for task, arguments in read_queue(broker, "pack") if task.endswith("build_pack")]


def build_of(track: Track) -> PackBuild:
    return PackBuild.objects.get(track=track)


def let_lease_end(track: Track) -> None:
    PackBuild.objects.filter(track=track).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def pack_of(track: Track) -> TrackFile:
    return track.files.get(name=PACK_NAME)


def test_a_sold_track_is_sent_once_and_others_never(sell, make_track, sent) -> None:
    make_track()
    track, _ = sell()
    assert sweep_packs() == 1
    assert sweep_packs() == 0
    assert sent() == [str(track.pk)]


def test_the_owner_gets_the_pack_and_nobody_else(sell, make_user, client_for, api_for) -> None:
    track, user = sell()
    url = f"/tracks/{track.pk}/files/{PACK_NAME}"
    page = client_for(user).get("/library/").content.decode()
    assert "The pack is being made" in page
    assert client_for(user).get(url).status_code == 404
    sweep_packs()
    assert build_pack_of(track_id=track.pk)
    page = client_for(user).get("/library/").content.decode()
    assert "The pack is being made" not in page
    assert url in page
    answer = client_for(user).get(url, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"PK\x03\x04")
    assert client_for(make_user()).get(url).status_code == 404
    (listed,) = api_for(user).get("/api/v1/library/").json()["results"]
    assert PACK_NAME in [file["name"] for file in listed["files"]]


def test_the_pack_is_whole_and_its_manifest_signed_by_the_house(sell) -> None:
    track, _ = sell()
    sweep_packs()
    build_pack_of(track_id=track.pk)
    path = default_storage.path(pack_of(track).storage_name)
    assert verify_pack(packing.Path(path)) == []
    build = build_of(track)
    assert (build.status, build.sha256) == ("done", pack_of(track).sha256)
    assert check_envelope(build.manifest)["copyright_id"] == track.copyright_id


def test_a_lost_pack_is_built_again_to_the_byte(sell, client_for, sent) -> None:
    track, user = sell()
    sweep_packs()
    build_pack_of(track_id=track.pk)
    first = pack_of(track)
    default_storage.delete(first.storage_name)
    answer = client_for(user).get(f"/tracks/{track.pk}/files/{PACK_NAME}")
    assert answer.status_code == 503
    assert "built again" in answer.content.decode()
    assert sweep_packs() == 1
    assert len(sent()) == 2
    assert build_pack_of(track_id=track.pk)
    assert pack_of(track).sha256 == first.sha256
    assert client_for(user).get(f"/tracks/{track.pk}/files/{PACK_NAME}").status_code == 200


def test_what_was_kept_of_the_credentials_is_what_makes_it_the_same(sell) -> None:
    track, _ = sell()
    sweep_packs()
    build_pack_of(track_id=track.pk)
    first = pack_of(track)
    assert set(build_of(track).credentials) == {name for name in names_in(first) if name.endswith((".wav", ".mp3"))}
    rebuild(track)
    assert pack_of(track).sha256 == first.sha256
    PackBuild.objects.update(credentials={})
    rebuild(track)
    assert pack_of(track).sha256 != first.sha256


def names_in(pack: TrackFile) -> list[str]:
    with default_storage.open(pack.storage_name) as file, ZipFile(file) as archive:
        return archive.namelist()


def rebuild(track: Track) -> None:
    default_storage.delete(pack_of(track).storage_name)
    pack_of(track).delete()
    assert sweep_packs() == 1
    assert build_pack_of(track_id=track.pk)


def test_a_lost_pack_is_the_same_after_the_key_was_changed_and_the_certificate_expired(sell, settings) -> None:
    track, _ = sell()
    sweep_packs()
    build_pack_of(track_id=track.pk)
    first = pack_of(track)
    call_command("rotate_signing_key", stdout=StringIO())
    expired = Authority().issue(until=timezone.now() - timedelta(days=1))
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY = expired.certificates, expired.key
    rebuild(track)
    assert pack_of(track).sha256 == first.sha256


def test_a_certificate_that_expired_is_named_and_the_pack_tried_again(sell, settings) -> None:
    track, _ = sell()
    expired = Authority().issue(until=timezone.now() - timedelta(days=1))
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY = expired.certificates, expired.key
    sweep_packs()
    assert not build_pack_of(track_id=track.pk)
    build = build_of(track)
    assert (build.status, "CREDENTIAL_CERTIFICATES" in build.error) == ("waiting", True)
    assert not track.files.filter(name=PACK_NAME).exists()
    settings.CREDENTIAL_CERTIFICATES = settings.CREDENTIAL_KEY = ""
    let_lease_end(track)
    sweep_packs()
    assert build_pack_of(track_id=track.pk)


def test_a_message_that_comes_twice_builds_once(sell) -> None:
    track, _ = sell()
    sweep_packs()
    assert build_pack_of(track_id=track.pk)
    assert not build_pack_of(track_id=track.pk)
    assert track.files.filter(name=PACK_NAME).count() == 1


def test_a_build_whose_worker_was_lost_is_sent_again(sell, sent) -> None:
    track, _ = sell()
    sweep_packs()
    packing._claim(track.pk)
    assert sweep_packs() == 0
    let_lease_end(track)
    assert sweep_packs() == 1
    assert sent() == [str(track.pk)] * 2
    assert build_pack_of(track_id=track.pk)
    assert build_of(track).attempt == 2


def test_an_overtaken_worker_files_nothing(sell) -> None:
    track, _ = sell()
    sweep_packs()
    stale = packing._claim(track.pk)
    let_lease_end(track)
    sweep_packs()
    packing._claim(track.pk)
    with pytest.raises(PackLostError):
        packing._build(build_of(track), claim=stale)
    assert not track.files.filter(name=PACK_NAME).exists()
    assert build_of(track).status == "running"


def test_workers_lost_again_and_again_end_in_a_failure_that_is_looked_at_later(sell, settings) -> None:
    track, _ = sell()
    for _ in range(settings.PACK_MAX_ATTEMPTS):
        assert sweep_packs() == 1
        packing._claim(track.pk)
        let_lease_end(track)
    assert sweep_packs() == 0
    assert build_of(track).status == "failed"
    assert sweep_packs() == 0
    let_lease_end(track)
    assert sweep_packs() == 1
    assert (build_of(track).status, build_of(track).attempt) == ("waiting", 0)


def test_a_track_without_its_score_fails_with_the_reason(sell) -> None:
    track, _ = sell(has_score=False)
    sweep_packs()
    assert not build_pack_of(track_id=track.pk)
    build = build_of(track)
    assert build.status == "failed"
    assert "track.json" in build.error
    assert not track.files.filter(name=PACK_NAME).exists()


def test_a_failing_build_does_not_stand_in_the_way_of_others(sell, settings) -> None:
    packing._BATCH, batch = 1, packing._BATCH
    try:
        failing, _ = sell(has_score=False)
        sweep_packs()
        build_pack_of(track_id=failing.pk)
        track, _ = sell()
        assert sweep_packs() == 1
        assert build_pack_of(track_id=track.pk)
    finally:
        packing._BATCH = batch
