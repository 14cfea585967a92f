"""Production refuses to start on anything but complete, safe settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "ONETAKE_ENV": "production",
    "SECRET_KEY": "9w8b7c-a-long-random-key-of-more-than-fifty-characters-0000001",
    "SITE_URL": "https://music.example.com",
    "ALLOWED_HOSTS": "music.example.com",
    "DATABASE_URL": "postgresql://onetake:x@127.0.0.1:1/onetake",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "STRIPE_SECRET_KEY": "sk_live_000000000000000000000000",
    "STRIPE_WEBHOOK_SECRET": "whsec_0000000000000000000000",
    "STRIPE_API_BASE": "",
    "BEHIND_PROXY": "yes",
}


def check_deployment(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` in a fresh process with these settings alone."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = inherited | COMPLETE | {"ONETAKE_VAR": str(folder)} | changes
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"]
    return subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)


def test_complete_production_settings_pass(tmp_path: Path) -> None:
    done = check_deployment(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("STRIPE_SECRET_KEY", ""),
        ("STRIPE_SECRET_KEY", "sk_test_sandbox"),
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("STRIPE_API_BASE", "http://127.0.0.1:9999"),
        ("FIRST_REFUSAL_HOURS", "-1"),
        ("ONETAKE_ENV", "staging"),
    ],
)
def test_production_refuses_and_names(name: str, value: str, tmp_path: Path) -> None:
    done = check_deployment(tmp_path, **{name: value})
    assert done.returncode != 0
    assert name in done.stderr


def test_unset_environment_means_production(tmp_path: Path) -> None:
    done = check_deployment(tmp_path, ONETAKE_ENV="", DATABASE_URL="")
    assert done.returncode != 0
    assert "DATABASE_URL is not set" in done.stderr
