"""A private PostgreSQL for the tests: found on the machine, started in a temporary folder, gone afterwards."""

import contextlib
import getpass
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def find_binaries() -> Path | None:
    """The folder that holds `initdb` and `postgres`, newest version first; Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = (folder for folder in glob.glob("/usr/lib/postgresql/*/bin") if Path(folder, "initdb").exists())
    newest = max(versions, key=lambda folder: int(folder.split("/")[-2]), default=None)
    return Path(newest) if newest else None


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; as root its files and process belong to another user."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def run_server(binaries: Path) -> Iterator[str]:
    """Yields a `postgresql://` address. Durability is off: the data lives as long as the tests."""
    user = _server_user()
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
