"""Real workers and beat, killed with -9 in the middle of a job: it finishes all the same, once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from django.conf import settings

from generator.engine.brief import parse_brief
from generator.engine.network.store import available_instruments
from generator.models import GenerationJob
from generator.queries import worker_state
from generator.services import create_job
from marketplace.catalog.models import Track
from marketplace.rights.models import OwnershipEntry
from tests.generator.conftest import child_environment, company_of, states_of, step_of

LEASE_SECONDS = "6"
PATIENCE_SECONDS = 240

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Starts Celery processes in sessions of their own, and ends them with the test."""
    processes = []

    def start_celery(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "marketplace", *arguments, "-l", "INFO"]
        with (tmp_path / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=child_environment(GENERATION_LEASE_SECONDS=LEASE_SECONDS, LOG_LEVEL="INFO"),
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        processes.append(process)
        return process

    yield start_celery
    for process in processes:
        kill_session(process)


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Parent and children at once: nobody is left to say goodbye."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def kill_child(process: subprocess.Popen[bytes]) -> None:
    """The child that works, behind its parent's back."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)


def wait_until(condition: Callable[[], bool], what: str, *, logs: Path) -> None:
    deadline, pause = monotonic() + PATIENCE_SECONDS, Event()
    while not condition():
        if monotonic() > deadline:
            tails = [f"{log.name}:\n{log.read_text()[-3000:]}" for log in logs.glob("*.log")]
            pytest.fail(f"{what} did not happen.\n" + "\n".join(tails))
        pause.wait(0.02)


def worker(start: Start, queues: str) -> subprocess.Popen[bytes]:
    name = queues.split(",", maxsplit=1)[0]
    return start(name, "worker", "-Q", queues, "-n", f"{name}@%h", "-c", "1", "--without-gossip", "--without-mingle")


@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_job_finishes_once_although_a_child_and_then_a_whole_worker_are_killed(start, make_user, tmp_path) -> None:
    compose, render = worker(start, "compose"), worker(start, "render,default")
    start("beat", "beat", "-s", str(tmp_path / "schedule"))
    alive = lambda: all(worker_state()[kind]["alive"] for kind in ("compose", "render"))  # noqa: E731
    wait_until(alive, "the workers' first report", logs=tmp_path)
    assert worker_state()["compose"]["models"] == list(available_instruments())

    user = make_user()
    brief = parse_brief({"instruments": ["guitar"], "seconds": 180, "seed": 11})  # long enough to be killed in
    job = create_job(company=company_of(user), user=user, brief=brief)

    wait_until(lambda: 0 < step_of(job, "lead", "guitar").progress < 100, "progress of the lead", logs=tmp_path)
    kill_child(compose)
    wait_until(lambda: step_of(job, "finish").progress > 0, "progress of the finish", logs=tmp_path)
    kill_session(render)
    assert step_of(job, "finish").status == "running"
    worker(start, "render,default")
    files = worker(start, "files,pack")
    wait_until(lambda: step_of(job, "files").progress > 0, "progress of the files", logs=tmp_path)
    kill_child(files)

    active = GenerationJob.objects.filter(pk=job.pk, status__in=GenerationJob.ACTIVE)
    wait_until(lambda: not active.exists(), "the job's end", logs=tmp_path)
    job.refresh_from_db()
    assert (job.status, job.error) == ("succeeded", "")
    assert set(states_of(job).values()) == {"done"}
    assert [step_of(job, kind, slug).attempt for kind, slug in (("plan", ""), ("lead", "guitar"))] == [1, 2]
    assert [step_of(job, kind).attempt for kind in ("finish", "files")] == [2, 2]
    assert job.track.files.filter(name__startswith="track.").count() == 5
    assert (Track.objects.count(), OwnershipEntry.objects.count()) == (1, 1)
