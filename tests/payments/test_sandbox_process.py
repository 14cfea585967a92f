"""The sandbox as the launcher runs it: a process that stops when told and refuses in one sentence."""

import signal
import subprocess
import sys
from pathlib import Path

import requests

from payments.sandbox.server import Sandbox


def start_process(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "payments.sandbox", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_process_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    process = start_process("--state", str(tmp_path / "sandbox.sqlite3"))
    url = process.stdout.readline().split()[-1]
    assert requests.get(f"{url}/c/assets/page.css", timeout=5).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_busy_port_is_one_clear_sentence() -> None:
    with Sandbox() as sandbox:
        port = sandbox.url.rpartition(":")[2]
        process = start_process("--port", port)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complaint == f"Port {port} cannot be used (Address already in use). Choose another.\n"


def test_odds_that_are_none_are_one_clear_sentence() -> None:
    process = start_process("--webhooks", "burn=1")
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complaint == "--webhooks burn=1: 'burn' is not a valid Harm\n"
