"""Makes `.venv` and a local `.env`. Run by `make setup` with any Python 3.11 to 3.13; standard library only.

A second run does nothing when the pinned requirements are unchanged. Each refusal is one sentence.
"""

from __future__ import annotations  # an old Python must get as far as the refusal below

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
OLDEST, FIRST_TOO_NEW = (3, 11), (3, 14)  # TensorFlow has no packages for 3.14; pyproject.toml says the same
STAMP = VENV / "requirements.sha256"
NO_NETWORK_SIGNS = (
    "NewConnectionError",
    "Temporary failure in name",
    "ConnectTimeout",
    "Max retries",
    "from versions: none",
)
NEEDED_BYTES = 3 * 1024**3  # TensorFlow alone takes 1.9 GB


def refuse(message: str) -> None:
    sys.exit(f"Setup cannot go on: {message}")


def require_python(version: tuple[int, ...]) -> None:
    """`version` is (major, minor, micro)."""
    if not OLDEST <= version[:2] < FIRST_TOO_NEW:
        found = ".".join(map(str, version))
        refuse(f"Onetake needs Python 3.11 to 3.13, this is {found}; try `make run PYTHON=python3.12`.")


def run(*command: str | Path, remedy: str) -> None:
    """Runs quietly; on failure shows the end of what was printed and the remedy."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    output = (done.stdout + done.stderr).strip()
    if "No space left" in output:
        refuse(f"the disk is full; free {NEEDED_BYTES // 1024**3} GB on the disk that holds {BASE_DIR}.")
    if any(sign in output for sign in NO_NETWORK_SIGNS):
        refuse("the package index cannot be reached; check the network or set PIP_INDEX_URL, then run it again.")
    print("\n".join(output.splitlines()[-15:]), file=sys.stderr)
    refuse(remedy)


def make_venv() -> Path:
    python = VENV / "bin" / "python"
    if not python.exists():
        if shutil.disk_usage(BASE_DIR).free < NEEDED_BYTES:
            refuse(f"the disk that holds {BASE_DIR} has less than {NEEDED_BYTES // 1024**3} GB free.")
        print("Making .venv ...", flush=True)
        run(
            sys.executable,
            "-m",
            "venv",
            VENV,
            remedy="Python's venv module is missing; on Debian: apt install python3-venv.",
        )
    return python


def install(python: Path, *, requirements: Path) -> None:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if STAMP.exists() and digest in STAMP.read_text().split():
        return
    print(f"Installing {requirements.relative_to(BASE_DIR)} (about 2 GB, once) ...", flush=True)
    # --no-deps: the list is complete, and without it tinysoundfont would ask for pyaudio, which has no wheel.
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(
        *pip, "--no-deps", "--require-hashes", "-r", requirements, remedy="a package could not be installed; see above."
    )
    known = STAMP.read_text() if STAMP.exists() else ""
    STAMP.write_text(f"{known}{digest}\n")


def write_env() -> None:
    """A local `.env` with a key of its own; one that exists is kept."""
    target = BASE_DIR / ".env"
    if target.exists():
        return
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    text = text.replace("ONETAKE_ENV=production", "ONETAKE_ENV=local")
    text = text.replace("SECRET_KEY=", f"SECRET_KEY={secrets.token_urlsafe(50)}", 1)
    partial = target.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, target)
    print("Wrote .env for local use.", flush=True)


def main() -> None:
    require_python(sys.version_info[:3])
    kind = "dev" if "--dev" in sys.argv[1:] else "base"
    python = make_venv()
    install(python, requirements=BASE_DIR / "requirements" / f"{kind}.txt")
    write_env()


if __name__ == "__main__":
    main()
