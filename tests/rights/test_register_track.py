"""A track enters the register whole, or not at all."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily, TrackFile
from marketplace.errors import AppError, ConflictError, InvalidInputError
from marketplace.rights.copyright_id import check_copyright_id
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.services import assign_copyright_id, register_track
from tests.rights.conftest import WAV, tune_fingerprint

pytestmark = pytest.mark.any_database


@pytest.fixture
def company(db) -> Company:
    return Company.objects.create(name="Harbour Ads")


def folders() -> set[str]:
    return set(default_storage.listdir("tracks")[0]) if default_storage.exists("tracks") else set()


def rows() -> int:
    return sum(model.objects.count() for model in (Track, TrackFamily, TrackFile, OwnershipEntry))


def test_new_track_is_a_draft_with_its_id_its_files_and_its_first_line(company, facts, files) -> None:
    track = register_track(company=company, files=files, **facts)
    track = Track.objects.select_related("family").get(pk=track.pk)
    assert track.status == "draft"
    assert check_copyright_id(track.copyright_id) == track.copyright_id
    assert track.copyright_id.startswith(f"OT{timezone.now():%y}-")
    assert timedelta(hours=23) < track.first_refusal_until - timezone.now() <= timedelta(hours=24)
    assert (track.price_amount, track.price_currency) == (24_900, "eur")
    assert [file.name for file in track.files.all()] == ["parts/piano.mid", "preview.mp3", "track.wav"]
    wav = track.files.get(name="track.wav")
    assert (wav.size, wav.sha256, wav.is_preview) == (len(WAV), sha256(WAV).hexdigest(), False)
    assert default_storage.open(wav.storage_name).read() == WAV
    entry = OwnershipEntry.objects.get()
    assert (entry.track, entry.family, entry.sequence, entry.kind, entry.owner) == (
        track, track.family, 1, "registration", None,
    )  # fmt: skip


def test_same_music_is_refused_and_nothing_is_left_behind(company, facts, files) -> None:
    first = register_track(company=company, files=files, **facts)
    before, count = folders(), rows()
    with pytest.raises(ConflictError, match=first.copyright_id) as refusal:
        register_track(company=company, files=files, **facts | {"title": "The same again", "seed": 8})
    assert refusal.value.code == "duplicate_score"
    assert (folders(), rows()) == (before, count)


def test_id_is_assigned_once_per_cause_and_never_again(company, facts, files) -> None:
    first = assign_copyright_id(reference="job 2")
    assert assign_copyright_id(reference="job 2") == first
    assert assign_copyright_id(reference="job 3") != first
    register_track(company=company, files=files, **facts | {"copyright_id": first})
    count = rows()
    with pytest.raises(IntegrityError):
        register_track(
            company=company, files=files, **facts | {"copyright_id": first, "fingerprint": tune_fingerprint(2)}
        )
    assert rows() == count


def test_id_that_was_never_assigned_is_refused(company, facts, files) -> None:
    with pytest.raises(InvalidInputError, match="never assigned"):
        register_track(company=company, files=files, **facts | {"copyright_id": "OT26-0000-0000-00"})
    assert rows() == 0


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "a\\b", "", "a//b", ".hidden", "x" * 61, "parts/a/b", "ä.wav"]
)
def test_file_name_that_could_leave_its_folder_is_refused(company, facts, files, name: str) -> None:
    before = folders()
    with pytest.raises(InvalidInputError, match="is not a file name"):
        register_track(company=company, files=[*files, replace(files[0], name=name)], **facts)
    assert (folders(), rows()) == (before, 0)


def test_file_given_twice_is_refused(company, facts, files) -> None:
    with pytest.raises(InvalidInputError, match=r"'preview\.mp3' is given twice"):
        register_track(company=company, files=[*files, files[0]], **facts)
    assert rows() == 0


def test_missing_file_leaves_nothing_behind(company, facts, files, tmp_path) -> None:
    before = folders()
    broken = replace(files[0], name="track.flac", path=tmp_path / "never-made.flac")
    with pytest.raises(FileNotFoundError):
        register_track(company=company, files=[*files, broken], **facts)
    assert rows() == 0
    assert [name for folder in folders() - before for name in default_storage.listdir(f"tracks/{folder}")[1]] == []


def test_failing_database_leaves_no_file_behind(company, facts, files) -> None:
    before = folders()
    with pytest.raises((ValueError, AppError, TypeError)):
        register_track(company=company, files=files, **facts | {"tempo": "no number"})
    assert rows() == 0
    assert [name for folder in folders() - before for name in default_storage.listdir(f"tracks/{folder}")[1]] == []
