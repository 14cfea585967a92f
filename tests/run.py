"""`make test`: every test that this machine can run, in up to three calls of pytest.

1. everything on SQLite; 2. what touches money and rights again on PostgreSQL, where there is one; 3. the browser
tests, where there is a Chromium. What is missing is said in one line; with REQUIRE_ALL=yes it is a failure.
"""

import os
import shutil
import subprocess
import sys

from tests.postgres import find_binaries, run_server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def run_pytest(*arguments: str, **environment: str) -> bool:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode == 0


def run_on_postgres(*extra: str) -> bool | None:
    """None when there is no server to run on."""
    arguments = ("-m", "any_database or postgres", *extra)
    address = os.environ.get("DATABASE_URL", "")
    if address.startswith("postgres"):
        return run_pytest(*arguments, TEST_DATABASE_URL=address)
    binaries = find_binaries()
    if binaries is None:
        return None
    with run_server(binaries) as private_address:
        return run_pytest(*arguments, TEST_DATABASE_URL=private_address)


def run_in_browser(*extra: str) -> bool | None:
    """None when there is no browser."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return run_pytest("-m", "browser", *extra, CHROMIUM=chromium) if chromium else None


def main() -> int:
    extra = sys.argv[1:]
    results = {
        "SQLite": run_pytest("-n", "2", "--dist", "loadfile", "-m", "not browser", *extra),
        "PostgreSQL": run_on_postgres(*extra),
        "browser": run_in_browser(*extra),
    }
    words = {True: "passed", False: "FAILED", None: "skipped, none found on this machine"}
    print("\n" + "\n".join(f"{name} tests: {words[result]}" for name, result in results.items()))
    accepted = (True,) if os.environ.get("REQUIRE_ALL") == "yes" else (True, None)
    return 0 if all(result in accepted for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
