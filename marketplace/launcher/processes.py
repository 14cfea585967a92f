"""Child processes: started, watched, restarted when they fall, stopped in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10.0
RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0


class CrashLoopError(Exception):
    """A process falls again and again; its log says why."""


@dataclass
class Child:
    """One process with a log of its own. It gets a session of its own, so Ctrl-C reaches the launcher alone."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_echoed: bool = False
    """Its output appears on the console too (the web server, which prints e-mails)."""
    user: str | None = None
    """Whose process it is; None leaves it ours."""
    process: subprocess.Popen[bytes] | None = None
    falls: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.is_echoed else log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
            )
        if self.is_echoed:
            threading.Thread(target=self._echo, args=(self.process,), daemon=True).start()

    def _echo(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for above
        with self.log.open("ab", buffering=0) as log:
            for line in process.stdout:
                log.write(line)
                sys.stdout.buffer.write(line)
                sys.stdout.flush()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()  # the whole session: a worker's children would outlive it

    def kill(self) -> None:
        """As by `kill -9`: it and its children, without a word."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart_if_fallen(self) -> bool:
        """True when the process had died and was started again."""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        self.falls = [fall for fall in self.falls if now - fall < RESTART_WINDOW_SECONDS] + [now]
        if len(self.falls) > RESTARTS:
            raise CrashLoopError(f"{self.name} fell {len(self.falls)} times within a minute; see {self.log}.")
        self.start()
        return True


def stop_all(children: Sequence[Child]) -> None:
    """Last started, first stopped. Signals first, so that they wind down side by side."""
    for child in reversed(children):
        if child.process is not None and child.process.poll() is None:
            child.process.terminate()
    for child in reversed(children):
        child.stop()
