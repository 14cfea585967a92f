"""A PostgreSQL of one's own, in a folder that goes away. It refuses to run as root, so another user owns it then."""

import getpass
import glob
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


def find_binaries() -> Path | None:
    """The folder that holds `initdb` and `postgres`, newest version first; Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = (folder for folder in glob.glob("/usr/lib/postgresql/*/bin") if Path(folder, "initdb").exists())
    newest = max(versions, key=lambda folder: int(folder.split("/")[-2]), default=None)
    return Path(newest) if newest else None


def find_server_user() -> str | None:
    """Whose the server is; None where it may be ours."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    binaries: Path
    folder: Path
    port: int
    user: str | None

    @property
    def address(self) -> str:
        return f"postgresql://{self.user or getpass.getuser()}@127.0.0.1:{self.port}/postgres"

    @property
    def command(self) -> Sequence[str]:
        """Its data survive `kill -9`, so `fsync` can be off: only a machine that loses power needs it."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=100 -k {self.folder}"
        return [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *options.split()]

    def create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            shutil.chown(self.folder, user=self.user)
        name = self.user or getpass.getuser()
        initdb: list[str | Path] = [
            self.binaries / "initdb",
            "-D",
            self.folder / "data",
            "-U",
            name,
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(  # noqa: S603  our own command
            [*initdb, "--locale=C", "--no-sync"],
            check=True,
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
