"""Children are restarted when they fall and stopped with everything they started."""

import os
import signal
import sys
from pathlib import Path

import pytest

from marketplace.launcher.processes import RESTARTS, Child, CrashLoopError, stop_all

WAITS = "import signal; print('up', flush=True); signal.pause()"


def make_child(folder: Path, code: str) -> Child:
    return Child("child", [sys.executable, "-c", code], {}, folder / "child.log")


def test_killed_child_is_started_again(tmp_path: Path) -> None:
    child = make_child(tmp_path, WAITS)
    child.start()
    assert child.process is not None
    first = child.process
    assert not child.restart_if_fallen()
    first.kill()
    first.wait()
    assert child.restart_if_fallen()
    assert child.process.pid != first.pid
    stop_all([child])
    assert child.process.returncode == -signal.SIGTERM


def test_child_that_keeps_falling_ends_the_run_and_names_its_log(tmp_path: Path) -> None:
    child = make_child(tmp_path, "raise SystemExit(3)")
    child.start()

    def let_it_fall() -> None:
        for _ in range(RESTARTS + 1):
            assert child.process is not None
            child.process.wait()
            child.restart_if_fallen()

    with pytest.raises(CrashLoopError, match=r"child fell 6 times .*child\.log"):
        let_it_fall()


def test_child_that_ignores_the_signal_is_killed_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.launcher.processes.STOP_SECONDS", 0.2)
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pid = os.fork()\n"
        "if pid: print(pid, flush=True)\n"
        "signal.pause()"
    )
    child = make_child(tmp_path, code)
    child.start()
    while not (tmp_path / "child.log").read_text().strip():
        os.sched_yield()
    grandchild = int((tmp_path / "child.log").read_text())
    stop_all([child])
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    assert not Path(f"/proc/{grandchild}/cmdline").exists() or Path(f"/proc/{grandchild}/cmdline").read_text() == ""
