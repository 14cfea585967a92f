"""A preview of some length is published with its opening; its rest follows, whatever becomes of who encodes it."""

from io import BytesIO

import pytest
import soundfile
from django.core.files.storage import default_storage

from generator.engine.audio.previewing import OpenPreview
from generator.jobs.running import run_step
from generator.models import GenerationJob
from marketplace.catalog.models import Track, TrackFile
from tests.generator.conftest import compose_scale, step_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SECONDS = 30


@pytest.fixture
def job(make_job) -> GenerationJob:
    job = make_job(instruments=["violin"], seconds=SECONDS, key="D minor")
    compose_scale(job)
    return job


def read_preview() -> tuple[TrackFile, bytes]:
    file = TrackFile.objects.get(is_preview=True)
    with default_storage.open(file.storage_name) as stored:
        return file, stored.read()


def check_whole(file: TrackFile, content: bytes) -> None:
    assert (file.ready, file.size) == (None, len(content))
    assert soundfile.info(BytesIO(content)).duration == pytest.approx(SECONDS)
    with default_storage.open(file.variant_storage_name) as stored:
        assert len(stored.read()) == len(content)


def test_the_track_is_registered_with_the_opening_and_completed_in_the_same_step(job, monkeypatch) -> None:
    seen = []
    finish = OpenPreview.finish

    def look_and_finish(preview: OpenPreview):
        seen.append((Track.objects.count(), read_preview()))
        return finish(preview)

    monkeypatch.setattr(OpenPreview, "finish", look_and_finish)
    run_step(job_id=job.pk, kind="finish")
    [(tracks, (opening, content))] = seen
    assert (tracks, opening.ready) == (1, len(content))
    assert len(content) < opening.size
    file, whole = read_preview()
    check_whole(file, whole)
    assert whole.startswith(content)
    assert not default_storage.exists(opening.storage_name)


def test_a_worker_that_dies_before_the_rest_leaves_it_to_who_writes_the_files(job, monkeypatch) -> None:
    def die(preview: OpenPreview) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as dying:
        dying.setattr(OpenPreview, "finish", die)
        run_step(job_id=job.pk, kind="finish")
    opening, start = read_preview()
    assert opening.ready == len(start)
    assert step_of(job, "finish").status == "done"

    run_step(job_id=job.pk, kind="files")
    file, whole = read_preview()
    check_whole(file, whole)
    assert whole.startswith(start)
    assert Track.objects.get().is_complete
