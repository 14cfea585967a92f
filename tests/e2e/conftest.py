"""The whole site as `make run` starts it, in a folder of its own, and a Chromium to use it with."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from marketplace.launcher.checks import find_free_port

BASE_DIR = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 170
CHROMIUM_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=document-user-activation-required",
]  # fmt: skip
_FROM_PYTEST = {
    *("DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE", "SITE_URL"),
    *("ALLOWED_HOSTS", "EMAIL_BACKEND", "LOG_LEVEL", "FIRST_REFUSAL_HOURS", "TEST_DATABASE_URL"),
}


@dataclass
class Site:
    """A running launcher. `output` grows as it prints."""

    url: str
    folder: Path
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)
    is_ready: threading.Event = field(default_factory=threading.Event)

    def read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if "ready after" in line:
                self.is_ready.set()
        self.is_ready.set()  # ended: whoever waits sees the output

    def read_json(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def manage(self, *arguments: str) -> str:
        """Runs a management command against the site's own data; returns what it printed."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        done = subprocess.run(
            command, env=build_environment(self.folder), cwd=BASE_DIR, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def build_environment(folder: Path) -> dict[str, str]:
    """What a user's shell would have: nothing of the test environment, but a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in _FROM_PYTEST}
    key = "a key for the browser tests, which sign nothing else with it"
    return kept | {"ONETAKE_ENV": "local", "ONETAKE_VAR": str(folder), "SECRET_KEY": key}


@contextlib.contextmanager
def run_site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="onetake-site-"))
    port = find_free_port()
    environment = build_environment(folder) | {"PORT": str(port), "VISITOR_TRACKS_PER_HOUR": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "marketplace.launcher"],
        env=environment, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    site = Site(url=f"http://127.0.0.1:{port}", folder=folder, process=process)
    threading.Thread(target=site.read_output, daemon=True).start()
    try:
        site.is_ready.wait(timeout=START_SECONDS)
        assert process.poll() is None, "".join(site.output)
        assert "ready after" in "".join(site.output), "".join(site.output)
        yield site
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with run_site() as running:
        yield running


@pytest.fixture(scope="session")
def database_beside_browser() -> None:
    """Playwright keeps an event loop in this thread, which Django would otherwise take for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A fresh visitor. What the page logs as an error fails the test: a refused script, style or file."""
    errors: list[str] = []
    visitor = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    visitor.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    visitor.on("weberror", lambda error: errors.append(str(error.error)))
    yield visitor
    visitor.close()
    assert [error for error in errors if not re.search(r"status of (402|403|404|409)", error)] == []
