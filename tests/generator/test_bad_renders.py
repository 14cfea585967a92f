"""What cannot be rendered or written ends a job with its reason, and nothing of it is to be seen anywhere."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from generator.engine.composing.parts import PartResult
from generator.engine.score import Note
from generator.jobs.running import run_step
from generator.models import GenerationJob, GenerationStep
from marketplace.catalog.models import Track, TrackFile
from tests.full_disk import room_for
from tests.generator.conftest import compose_scale, lose_lease, step_of
from tests.generator.test_finish_track import list_stored

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def job(make_job) -> GenerationJob:
    job = make_job(instruments=["guitar", "violin"], seconds=5, key="D minor")
    compose_scale(job)
    return job


def rewrite_parts(job: GenerationJob, notes: Callable[[Note], tuple[Note, ...]]) -> None:
    """As if networks had written this."""
    for step in job.steps.filter(kind__in=["lead", "part"]):
        result = PartResult.from_json(step.output)
        part = replace(result.part, notes=notes(result.part.notes[0]))
        GenerationStep.objects.filter(pk=step.pk).update(output=replace(result, part=part).to_json())


def check_nothing_was_kept(job: GenerationJob, *, stored: set[Path]) -> None:
    assert (job.track, Track.objects.count(), TrackFile.objects.count()) == (None, 0, 0)
    assert list_stored() == stored


@pytest.mark.parametrize(
    ("notes", "reason"),
    [
        (lambda note: (), "it has no notes"),
        (lambda note: tuple(replace(note, pitch=45 + n % 30, duration=1 + n) for n in range(10_000)), "notes at once"),
        (lambda note: (replace(note, pitch=20),), "outside the instrument"),
        (lambda note: (replace(note, onset=10**7),), "outside the piece"),
    ],
    ids=["empty score", "10,000 notes at once", "outside the instrument", "after the end"],
)
def test_a_score_that_cannot_be_played_fails_the_job_with_its_reason(job, notes, reason) -> None:
    stored = list_stored()
    rewrite_parts(job, notes)
    run_step(job_id=job.pk, kind="finish")
    job.refresh_from_db()
    assert (job.status, step_of(job, "finish").status, step_of(job, "files").status) == ("failed", "failed", "canceled")
    assert reason in job.error
    check_nothing_was_kept(job, stored=stored)


class FullDisk(FileSystemStorage):
    """Writes for real, onto a disk that has no room for more than a few kilobytes a file."""

    def _save(self, name: str, content: object) -> str:
        with room_for(50_000):
            return super()._save(name, content)


@pytest.fixture
def full_disk(settings) -> Callable[[], None]:
    working = settings.STORAGES
    options = working["default"].get("OPTIONS", {})
    full = {"BACKEND": f"{__name__}.FullDisk", "OPTIONS": options}

    def fill() -> None:
        settings.STORAGES = {**working, "default": full}

    fill.empty = lambda: setattr(settings, "STORAGES", working)  # type: ignore[attr-defined]
    return fill


@pytest.mark.parametrize("kind", ["finish", "files"])
def test_a_disk_that_fills_up_is_tried_again_and_then_fails_with_the_reason(job, full_disk, kind) -> None:
    if kind == "files":
        run_step(job_id=job.pk, kind="finish")
    stored = list_stored()
    files = TrackFile.objects.count()
    full_disk()
    for attempt in range(1, settings.GENERATION_MAX_ATTEMPTS + 1):
        run_step(job_id=job.pk, kind=kind)
        step = step_of(job, kind)
        assert step.attempt == attempt
        assert "could not be stored" in step.error
        assert list_stored() == stored  # not even half a file
        lose_lease(step)
    job.refresh_from_db()
    assert (job.status, TrackFile.objects.count()) == ("failed", files)
    assert "could not be stored" in job.error
    assert not Track.objects.filter(is_complete=True).exists()


def test_once_the_disk_has_room_again_the_job_goes_on(job, full_disk) -> None:
    full_disk()
    run_step(job_id=job.pk, kind="finish")
    assert step_of(job, "finish").status == "waiting"
    full_disk.empty()
    lose_lease(step_of(job, "finish"))
    for kind in ("finish", "files"):
        run_step(job_id=job.pk, kind=kind)
    job.refresh_from_db()
    assert (job.status, job.track.is_complete, step_of(job, "finish").attempt) == ("succeeded", True, 2)


def test_a_full_disk_while_rendering_is_tried_again_too(job, monkeypatch, tmp_path) -> None:
    """Where renders are made there is no room either: the error is the engine's, and says which file."""
    from generator.engine.audio import encoding
    from generator.jobs import rendering

    def write(path: Path, data: bytes) -> None:
        with room_for(50):
            encoding.replace_file(path, data)

    monkeypatch.setattr(rendering, "replace_file", write)
    stored = list_stored()
    run_step(job_id=job.pk, kind="finish")
    step = step_of(job, "finish")
    job.refresh_from_db()
    assert (step.status, job.status) == ("waiting", "running")
    assert "it could not be written (File too large)" in step.error
    check_nothing_was_kept(job, stored=stored)
