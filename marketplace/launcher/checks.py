"""What must hold before anything starts. Each refusal is one sentence with its remedy."""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

MINIMUM_FREE_BYTES = 300 * 1024 * 1024


class StartRefusedError(Exception):
    """The local site cannot start; the message says why and what to do."""


def read_port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StartRefusedError(
            f"PORT={text!r} is not a port: give a number from 1 to 65535, as in `make run PORT=8080`."
        )
    return int(text)


def require_free_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise StartRefusedError(
                f"Port {port} needs root: choose one above 1023, as in `make run PORT=8080`."
            ) from None
        except OSError:
            raise StartRefusedError(
                f"Port {port} is busy: stop what uses it, or choose another, as in `make run PORT={port + 1}`."
            ) from None


def find_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_room(folder: Path) -> None:
    """The data folder can be written to, and is not about to fill up."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.write_bytes(b"onetake")
        probe.unlink()
    except OSError as error:
        raise StartRefusedError(f"The data folder {folder} cannot be written to: {error.strerror}.") from None
    free = shutil.disk_usage(folder).free
    if free < MINIMUM_FREE_BYTES:
        raise StartRefusedError(
            f"The disk that holds {folder} is nearly full ({free // 2**20} MB left): "
            f"free at least {MINIMUM_FREE_BYTES // 2**20} MB, or point ONETAKE_VAR to another disk."
        )


def hold_folder(folder: Path) -> IO[str]:
    """Keeps a second launcher off the same data folder. The lock ends with this process, however it ends."""
    lock = (folder / "launcher.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        raise StartRefusedError(
            f"Onetake already runs on {folder} (process {lock.read().strip() or 'unknown'}): stop that one first."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
