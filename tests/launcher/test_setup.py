"""`make setup` refuses a Python that the pinned packages do not run on, before it makes anything."""

import tomllib

import pytest

from tools import setup


def refuse(version: tuple[int, ...]) -> str:
    """What is said of that Python; nothing where it will do."""
    try:
        setup.require_python(version)
    except SystemExit as refusal:
        return str(refusal.code)
    return ""


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 10, 14), (3, 14, 0), (4, 0, 0)])
def test_python_without_packages_is_refused_by_version_with_another_to_try(version: tuple[int, ...]) -> None:
    found = ".".join(map(str, version))
    said = f"Setup cannot go on: Onetake needs Python 3.11 to 3.13, this is {found}; try `make run PYTHON=python3.12`."
    assert refuse(version) == said


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 3), (3, 13, 9)])
def test_python_with_packages_is_accepted(version: tuple[int, ...]) -> None:
    assert refuse(version) == ""


def test_project_file_has_the_same_bounds() -> None:
    project = tomllib.loads((setup.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest, newest = (".".join(map(str, each)) for each in (setup.OLDEST, setup.FIRST_TOO_NEW))
    assert project["requires-python"] == f">={oldest},<{newest}"
