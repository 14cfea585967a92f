"""The shape of the house, held by machine."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import ForeignKey

BASE_DIR = Path(__file__).resolve().parent.parent.parent
OURS = ("accounts", "catalog", "rights", "generator", "payments")
HEIGHT = {"contenttypes": 0, "auth": 0, "accounts": 1, "catalog": 2, "rights": 3, "generator": 4, "payments": 4}


def run_python(code: str) -> str:
    """Runs code in a fresh interpreter with the test environment; returns what it printed."""
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_import_contracts_hold() -> None:
    """In a process of its own: the linter configures logging anew, which would silence our loggers for later tests."""
    printed = run_python("import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))")
    assert "0 broken" in printed


def test_every_foreign_key_points_down() -> None:
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model._meta.app_label != model._meta.app_label
        and HEIGHT[field.related_model._meta.app_label] >= HEIGHT[model._meta.app_label]
    ]
    assert upward == []


def test_web_process_loads_no_neural_network_library() -> None:
    loaded = run_python(
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'marketplace.settings'\n"
        "import django; django.setup()\n"
        "import marketplace.wsgi, marketplace.urls, generator.tasks, payments.tasks\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "print([name for name in ('keras', 'tensorflow', 'jax', 'torch', 'music21') if name in sys.modules])"
    )
    assert loaded == "[]"


def test_engine_works_without_django() -> None:
    loaded = run_python(
        "import sys\n"
        "from generator.engine import brief, conductor, score\n"
        "from generator.engine.composing import parts\n"
        "print([name for name in ('django', 'celery', 'stripe') if name in sys.modules])"
    )
    assert loaded == "[]"


@pytest.mark.django_db
def test_migrations_match_the_models() -> None:
    output = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=output)
    assert "No changes" in output.getvalue()


@pytest.mark.parametrize("name", ["base", "dev"])
def test_requirements_are_pinned_with_hashes_and_without_addresses(name: str) -> None:
    text = (BASE_DIR / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block for block in blocks if not re.match(r"[a-z0-9-]+(\[.*\])?==\S+", block)] == []
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_web_process_starts_without_what_its_image_leaves_out() -> None:
    dockerfile = (BASE_DIR / "docker" / "web.Dockerfile").read_text()
    left_out = set(re.findall(r'"([a-z0-9-]+)"', dockerfile.split("left_out = {")[1].split("}")[0]))
    assert {"tensorflow", "keras", "pedalboard"} <= left_out
    modules = {name.replace("-", "_") for name in left_out} | {"fontTools"}
    started = run_python(
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'marketplace.settings'\n"
        f"sys.modules.update(dict.fromkeys({sorted(modules)!r}))\n"
        "import django; django.setup()\n"
        "import marketplace.wsgi, payments.tasks\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "from django.core.management import call_command; call_command('check')"
    )
    assert "no issues" in started
