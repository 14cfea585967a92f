"""Files that no row names are found and removed, and nothing else is."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command

from marketplace.catalog.models import Track
from marketplace.rights.filing import filed_in_storage
from marketplace.rights.orphans import list_orphans, remove_orphans
from marketplace.rights.services import register_stored, register_track
from marketplace.rights.tasks import remove_orphans as remove_orphans_task
from tests.generator.conftest import child_environment

pytestmark = pytest.mark.django_db

_STORE_AND_DIE = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from marketplace.catalog.models import Track
from marketplace.rights.filing import NewFile, filed_in_storage
files = [NewFile(name=name, path=Path(sys.argv[1]), content_type="audio/midi") for name in ("a.mid", "parts/b.mid")]
with filed_in_storage(files) as stored:
    print(*(file.storage_name for file in stored), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def orphans(tmp_path: Path) -> list[str]:
    """What a worker stored that was killed before it could register the track."""
    content = tmp_path / "content"
    content.write_bytes(b"MThd")
    command = [sys.executable, "-c", _STORE_AND_DIE, str(content)]
    done = subprocess.run(
        command, env=child_environment(), cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    names = done.stdout.split()
    assert len(names) == 2
    assert all(default_storage.exists(name) for name in names)
    return names


def age(*names: str, hours: float) -> None:
    for name in names:
        os.utime(default_storage.path(name), times=(time.time() - hours * 3600,) * 2)


def test_what_a_killed_worker_stored_is_removed_after_a_day(orphans) -> None:
    age(*orphans, hours=25)
    assert remove_orphans() == 2
    assert not any(default_storage.exists(name) for name in orphans)
    assert not Path(default_storage.path(orphans[0])).parent.exists()
    assert remove_orphans() == 0


def test_what_may_yet_be_registered_stays(orphans) -> None:
    age(orphans[0], hours=25)
    age(orphans[1], hours=23)
    assert remove_orphans() == 0
    assert all(default_storage.exists(name) for name in orphans)


def test_files_of_tracks_stay_however_old_they_are(companies, facts, files, orphans) -> None:
    track = register_track(company=companies[0], files=files, **facts)
    stored = [file.storage_name for file in track.files.all()]
    age(*stored, *orphans, hours=1_000)
    remove_orphans_task()
    assert all(default_storage.exists(name) for name in stored)
    assert not default_storage.exists(orphans[0])


def test_what_is_registered_while_we_look_stays(companies, facts, files, monkeypatch) -> None:
    listdir = default_storage.listdir

    with filed_in_storage(files) as stored:
        age(*(file.storage_name for file in stored), hours=25)

        def list_before_registering(folder: str) -> tuple[list[str], list[str]]:
            found: tuple[list[str], list[str]] = listdir(folder)
            if not Track.objects.exists():
                register_stored(company=companies[0], files=stored, **facts)
            return found

        monkeypatch.setattr(default_storage, "listdir", list_before_registering, raising=False)
        found = list_orphans()
    assert Track.objects.exists()
    assert not {file.storage_name.split("/")[1] for file in stored} & set(found)


def test_command_names_them_without_touching_them(orphans) -> None:
    age(*orphans, hours=25)
    out = StringIO()
    call_command("remove_orphans", "--dry-run", stdout=out)
    assert set(orphans) <= set(out.getvalue().split())
    assert all(default_storage.exists(name) for name in orphans)
