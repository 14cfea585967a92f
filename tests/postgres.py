"""A private PostgreSQL for the tests: found on the machine, started in a temporary folder, gone afterwards."""

import contextlib
import getpass
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from marketplace.drill.postgres import find_binaries, find_server_user

__all__ = ["find_binaries", "run_server"]


@contextlib.contextmanager
def run_server(binaries: Path) -> Iterator[str]:
    """Yields a `postgresql://` address. Durability is off: the data lives as long as the tests."""
    user = find_server_user()
    folder = Path(tempfile.mkdtemp(prefix="onetake-pg-"))
    if user:
        shutil.chown(folder, user=user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name = user or getpass.getuser()
    data = folder / "data"
    try:
        initdb = [binaries / "initdb", "-D", data, "-U", name, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(initdb, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 -k {folder}"
        control = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        subprocess.run(
            [*control, "-o", settings, "start"], check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL
        )
        try:
            yield f"postgresql://{name}@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run(
                [*control, "-m", "immediate", "stop"], check=False, user=user, cwd=folder, stdout=subprocess.DEVNULL
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
