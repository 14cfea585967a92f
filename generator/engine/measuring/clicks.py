"""From the click on “Compose it” to sound: the whole site as it runs locally, used over HTTP as a browser uses it.

The site is known here as a program to start and by its addresses alone. Its processes are its own: a web process,
composing workers, rendering workers, beat, a broker; warm, as they are once they say that they are ready.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from socket import socket
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from generator.engine.measuring.options import BenchmarkError

USER = "demo@onetake.local", "one-take-demo"
"""Of the demonstration, which the local site always has."""
_POLL_SECONDS = 0.3
"""How often the page asks how far its job is, until it is told otherwise."""
_READY = "ready after"
"""In what the launcher says when it has done everything that it does."""
_READY_SECONDS, _JOB_SECONDS = 600.0, 120.0
_FIRST_BYTES = 65_536
"""Of the preview: a second and a half of it, which players begin with."""


class Visit:
    """A browser that is logged in, reduced to what it asks for."""

    def __init__(self, address: str, *, launcher: int) -> None:
        self.address, self.launcher = address, launcher
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        email, password = USER
        self.post("/accounts/login/", {"username": email, "password": password})

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        request = Request(self.address + path, headers=headers)  # noqa: S310 - our own site
        with self.opener.open(request, timeout=60) as answer:
            return answer, answer.read()

    def post(self, path: str, values: Mapping[str, Any]) -> tuple[HTTPResponse, bytes]:
        return self.submit(path, values, form=self.get(path)[1])

    def submit(self, path: str, values: Mapping[str, Any], *, form: bytes) -> tuple[HTTPResponse, bytes]:
        """Sends the form of a page that has been opened."""
        token = _find(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        body = urlencode({**values, "csrfmiddlewaretoken": token}, doseq=True).encode()
        request = Request(self.address + path, data=body, headers={"Referer": self.address + path})  # noqa: S310
        with self.opener.open(request, timeout=60) as answer:
            return answer, answer.read()

    def compose(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Seconds from the click until the first of the preview is there, and until the track can be bought; processor
        seconds of all the site's processes until the former."""
        _, form = self.get("/create/")
        start, computed = time.perf_counter(), count_cpu_seconds(self.launcher)
        answer, _ = self.submit("/create/", values, form=form)
        job = answer.url.removeprefix(self.address)
        track = self._wait_for_track(job)
        _, page = self.get(track)
        preview = _find(r'src="([^"]+preview\.mp3[^"]*)"', page)
        answer, _ = self.get(preview, Range=f"bytes=0-{_FIRST_BYTES - 1}")
        if answer.status != 206:
            raise BenchmarkError(f"delivery: {preview} answered {answer.status}.")
        playable = time.perf_counter() - start
        computed = count_cpu_seconds(self.launcher) - computed
        while b"files are being written" in self.get(track)[1]:
            if time.perf_counter() - start > _JOB_SECONDS:
                raise BenchmarkError(f"delivery: the files of {track} did not come.")
            time.sleep(_POLL_SECONDS)
        taken = {"playable": playable, "complete": time.perf_counter() - start, "cpu_seconds": computed}
        return {name: round(seconds, 3) for name, seconds in taken.items()}

    def _wait_for_track(self, job: str) -> str:
        deadline, wait = time.perf_counter() + _JOB_SECONDS, _POLL_SECONDS
        while time.perf_counter() < deadline:
            time.sleep(wait)
            answer, fragment = self.get(job, **{"HX-Request": "true"})
            if answer.headers["HX-Redirect"]:
                return str(answer.headers["HX-Redirect"])
            if asked := re.search(rb"every (\d+)ms", fragment):
                wait = int(asked[1]) / 1000
            if b"hx-get" not in fragment:
                page = re.sub(rb"<[^>]+>", b" ", self.get(job)[1])
                raise BenchmarkError(f"delivery: {job} ended without a track: {page!r}")
        raise BenchmarkError(f"delivery: {job} was not done within {_JOB_SECONDS:g} s.")


def _find(pattern: str, page: bytes) -> str:
    found = re.search(pattern, page.decode())
    if found is None:
        raise BenchmarkError(f"delivery: the page has no {pattern}.")
    return found.group(1)


def count_cpu_seconds(process: int) -> float:
    """Processor seconds of a process and all its descendants so far; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # it has ended, or this is no Linux
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(count_cpu_seconds(int(child)) for child in children)


def measure_clicks(briefs: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """One request after the other, each when the last one's files are there. The first brief is not counted."""
    with _run_site() as (address, launcher):
        visit = Visit(address, launcher=launcher)
        return [visit.compose(brief) for brief in briefs][1:]


@contextmanager
def _run_site() -> Iterator[tuple[str, int]]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="onetake-clicks-") as folder:
        changes = {"ONETAKE_ENV": "local", "ONETAKE_VAR": folder, "PORT": str(port)}
        with (Path(folder) / "launcher.log").open("wb") as log:
            site = subprocess.Popen(
                [sys.executable, "-m", "marketplace.launcher"],
                env={**os.environ, **changes},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_idle(f"http://127.0.0.1:{port}", site, log=Path(folder) / "launcher.log")
            yield f"http://127.0.0.1:{port}", site.pid
        finally:
            site.send_signal(signal.SIGINT)
            site.wait(timeout=60)


def _wait_until_idle(address: str, site: subprocess.Popen[bytes], *, log: Path) -> None:
    """Ready, and the demonstration's accounts made, which are the launcher's own work beside that of the workers."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if site.poll() is not None:
            raise BenchmarkError(f"delivery: the site ended with {site.returncode}: {log.read_text()[-500:]}")
        try:
            with build_opener().open(f"{address}/readyz", timeout=10) as answer:
                if answer.status == 200 and _READY in log.read_text():
                    return
        except URLError:
            pass
        time.sleep(1.0)
    raise BenchmarkError(f"delivery: the site was not ready within {_READY_SECONDS:g} s.")
