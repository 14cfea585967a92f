"""The last steps: real sound, real files, a registered track. No network library is loaded for it."""

import subprocess
import sys
import tempfile
import wave
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from mutagen.flac import FLAC

from accounts.services import create_visitor_company
from generator.jobs.leases import ProgressReport, StepLostError, claim_step
from generator.jobs.rendering import finish_track, write_files
from generator.jobs.running import run_step
from generator.models import GenerationJob
from generator.services import cancel_generation, move_jobs
from marketplace.catalog.models import Track, TrackFile
from marketplace.catalog.services import withdraw_track
from marketplace.errors import ConflictError
from payments.models import Order
from payments.services.orders import place_order
from tests.generator.conftest import child_environment, company_of, compose_scale, do, lose_lease, states_of, step_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

FINISH = """
import sys
from uuid import UUID
import django
django.setup()
from generator import tasks, workers
workers._queues.add("render")
workers._prepare_child()
tasks.finish_track(sys.argv[1])
tasks.write_files(sys.argv[1])
print([name for name in ("keras", "tensorflow", "jax", "torch") if name in sys.modules])
"""


@pytest.fixture
def job(make_job) -> GenerationJob:
    job = make_job(instruments=["guitar", "violin"], seconds=5, key="D minor", chosen=["seconds"])
    compose_scale(job)
    return job


@pytest.fixture
def make_job(make_job):
    def make(*, chosen=(), **brief):
        job = make_job(**brief)
        GenerationJob.objects.filter(pk=job.pk).update(chosen=list(chosen))
        return job

    return make


@pytest.mark.django_db(transaction=True)
def test_render_worker_makes_the_track_without_a_network_library(job) -> None:
    command = [sys.executable, "-c", FINISH, str(job.pk)]
    done = subprocess.run(
        command, env=child_environment(), cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
    job.refresh_from_db()
    assert (job.status, job.error) == ("succeeded", "")
    check_facts(job)
    check_files(job.track)


def check_facts(job: GenerationJob) -> None:
    track = job.track
    assert (track.company, track.status, track.seed) == (job.company, "draft", 7)
    assert (track.instruments, track.key, track.seconds) == (["guitar", "violin"], "D minor", 5)
    assert len(track.peaks) > 100
    assert track.is_complete
    assert track.recipe["brief"] == job.brief
    assert track.recipe["checkpoints"] == {"violin": "f" * 64, "guitar": "f" * 64}
    assert track.recipe["human_contribution"][0]["chosen"] == {"seconds": 5.0}
    assert set(states_of(job).values()) == {"done"}
    assert step_of(job, "finish").output["file"]["name"] == "preview.mp3"
    assert step_of(job, "files").output["loudness"]["true_peak_dbtp"] <= -1.0


def check_files(track: Track) -> None:
    names = {file.name: file for file in track.files.all()}
    assert set(names) == {
        "preview.mp3",
        "track.wav",
        "track.flac",
        "track.mp3",
        "track.mid",
        "track.json",
        "parts/guitar.mid",
        "parts/violin.mid",
    }
    assert [name for name, file in names.items() if file.is_preview] == ["preview.mp3"]
    with default_storage.open(names["track.flac"].storage_name) as file:
        tags = FLAC(file)
    assert (tags["copyright_id"], tags["title"]) == ([track.copyright_id], [track.title])
    with default_storage.open(names["track.wav"].storage_name) as file, wave.open(file) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnframes()) == (44100, 3, 5 * 44100)
    with default_storage.open(names["parts/violin.mid"].storage_name) as file:
        assert file.read(4) == b"MThd"


def test_second_message_for_a_finished_job_makes_no_second_track(job) -> None:
    run_step(job_id=job.pk, kind="finish")
    run_step(job_id=job.pk, kind="finish")
    assert Track.objects.count() == 1


def test_track_can_be_heard_but_not_bought_until_its_files_are_there(job, make_user, client_for) -> None:
    run_step(job_id=job.pk, kind="finish")
    job.refresh_from_db()
    track = job.track
    buyer = client_for(job.company.memberships.get().user)
    assert (job.status, track.is_complete) == ("running", False)
    assert not track.files.filter(name__startswith="track.w").exists()
    assert buyer.get(f"/tracks/{track.pk}/preview.mp3").status_code == 200
    assert buyer.get(f"/jobs/{job.pk}/").url == f"/tracks/{track.pk}/"
    page = buyer.get(f"/tracks/{track.pk}/").content.decode()
    assert "can be bought in a few seconds" in page
    assert f'id="offer" hx-get="/tracks/{track.pk}/?shown=writing" hx-trigger="every 2s"' in page
    assert 'type="submit" disabled>Buy it' in page
    with pytest.raises(ConflictError, match="still being written"):
        place_order(company=job.company, user=job.company.memberships.get().user, track=track)
    with pytest.raises(ConflictError, match="registered already"):
        cancel_generation(job=job)
    assert not Order.objects.exists()

    run_step(job_id=job.pk, kind="files")
    job.refresh_from_db()
    assert (job.status, job.track.is_complete) == ("succeeded", True)
    page = buyer.get(f"/tracks/{track.pk}/").content.decode()
    assert "can be bought in a few seconds" not in page
    assert 'type="submit">Buy it' in page


def test_files_of_a_lost_attempt_are_written_again_and_none_twice(job, monkeypatch) -> None:
    run_step(job_id=job.pk, kind="finish")
    stored = list_stored()
    claim = claim_step(job_id=job.pk, kind="files")
    lose_lease(step_of(job, "files"))
    run_step(job_id=job.pk, kind="files")
    kept = list_stored()
    with pytest.raises(StepLostError):  # the first worker was only slow
        write_files(claim, ProgressReport(claim))
    job.refresh_from_db()
    assert (job.status, step_of(job, "files").attempt) == ("succeeded", 2)
    assert len(kept - stored) == 3
    assert list_stored() == kept


def test_same_music_twice_from_a_chosen_seed_fails_with_the_remedy_and_leaves_nothing(
    job, make_job, tmp_path, monkeypatch
) -> None:
    run_step(job_id=job.pk, kind="finish")
    stored = list_stored()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    again = make_job(instruments=["guitar", "violin"], seconds=5, key="D minor", chosen=["seed"])
    compose_scale(again)
    run_step(job_id=again.pk, kind="finish")
    again.refresh_from_db()
    assert again.status == "failed"
    assert "This music is registered already. Change the seed" in again.error
    assert Track.objects.get().copyright_id not in again.error  # another company's draft
    assert list_stored() == stored
    assert list(tmp_path.iterdir()) == []


def list_stored() -> set[Path]:
    return {path for path in (settings.VAR_DIR / "files").rglob("*") if path.is_file()}


def test_page_of_a_track_whose_files_never_came_says_so_and_asks_no_more(job, client_for) -> None:
    run_step(job_id=job.pk, kind="finish")
    Track.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    track = Track.objects.get()
    page = client_for(job.company.memberships.get().user).get(f"/tracks/{track.pk}/").content.decode()
    assert "could not be written, so it cannot be bought" in page
    assert "hx-trigger" not in page[page.index('id="offer"') :].split(">")[0]
    assert 'type="submit" disabled>Buy it' in page


def test_track_of_the_house_is_on_sale_as_soon_as_it_can_be_sold(job) -> None:
    GenerationJob.objects.filter(pk=job.pk).update(is_for_catalogue=True)
    run_step(job_id=job.pk, kind="finish")
    assert Track.objects.get().status == "draft"
    run_step(job_id=job.pk, kind="files")
    assert Track.objects.get().status == "on_sale"


def test_track_of_the_house_that_was_withdrawn_while_its_files_were_written_stays_so(job) -> None:
    GenerationJob.objects.filter(pk=job.pk).update(is_for_catalogue=True)
    run_step(job_id=job.pk, kind="finish")

    def work(claim, report) -> None:
        withdraw_track(track=Track.objects.get(), reason="Not ours to sell.")
        write_files(claim, report)

    run_step(job_id=job.pk, kind="files", work=work)
    track = Track.objects.get()
    assert (track.status, track.withdrawn_reason, track.is_complete) == ("withdrawn", "Not ours to sell.", True)


def test_track_goes_where_the_visitor_went_while_it_was_rendered(job, make_user) -> None:
    target = company_of(make_user())
    visitor = create_visitor_company()
    GenerationJob.objects.filter(pk=job.pk).update(company=visitor)

    def work(claim, report) -> None:
        move_jobs(source=visitor, target=target)
        finish_track(claim, report)

    do(job, "finish", work=work)
    assert Track.objects.get().company == target


def test_cancel_in_mid_render_registers_nothing(job) -> None:
    stored = list_stored()

    class CancelAtTheEnd:
        def __init__(self, report) -> None:
            self.report, self.calls = report, 0

        def __call__(self, share: float) -> None:
            self.calls += 1
            if self.calls == 2:  # when the preview stands
                cancel_generation(job=job)

    do(job, "finish", work=lambda claim, report: finish_track(claim, CancelAtTheEnd(report)))
    job.refresh_from_db()
    assert (job.status, job.track) == ("canceled", None)
    assert not Track.objects.exists()
    assert not TrackFile.objects.exists()
    assert list_stored() == stored


KILLED = """
import os, signal, sys
from uuid import UUID
import django
django.setup()
from generator.jobs import rendering
from generator.jobs.running import run_step
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
rendering.complete_step = die
run_step(job_id=UUID(sys.argv[1]), kind="finish")
"""


@pytest.mark.django_db(transaction=True)
def test_worker_killed_between_storing_and_registering_leaves_nothing_to_be_seen_and_another_finishes(job) -> None:
    command = [sys.executable, "-c", KILLED, str(job.pk)]
    done = subprocess.run(command, env=child_environment(), cwd=settings.BASE_DIR, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    assert (Track.objects.count(), TrackFile.objects.count()) == (0, 0)
    assert step_of(job, "finish").status == "running"
    lose_lease(step_of(job, "finish"))
    run_step(job_id=job.pk, kind="finish")
    track = Track.objects.get()
    assert step_of(job, "finish").status == "done"
    assert all(default_storage.exists(file.storage_name) for file in track.files.all())


@pytest.mark.django_db(transaction=True)
def test_preview_is_stored_before_the_transaction_that_registers_the_track(job, monkeypatch) -> None:
    save, locked = default_storage.save, []

    def look_and_save(*arguments, **options):
        locked.append(connection.in_atomic_block)
        return save(*arguments, **options)

    monkeypatch.setattr(default_storage, "save", look_and_save)
    run_step(job_id=job.pk, kind="finish")
    assert Track.objects.exists()
    assert locked
    assert not any(locked)
