"""`make setup` refuses a Python that the pinned packages do not run on, before it makes anything."""

import tomllib

import pytest

from tools import setup


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 10, 14), (3, 14, 0), (4, 0, 0)])
def test_python_without_packages_is_refused_by_version_with_another_to_try(version: tuple[int, ...]) -> None:
    found = ".".join(map(str, version))
    with pytest.raises(SystemExit, match=rf"needs Python 3\.11 to 3\.13, this is {found}; .*PYTHON=python3\.12"):
        setup.require_python(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 3), (3, 13, 9)])
def test_python_with_packages_is_accepted(version: tuple[int, ...]) -> None:
    setup.require_python(version)


def test_project_file_has_the_same_bounds() -> None:
    project = tomllib.loads((setup.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest, newest = (".".join(map(str, each)) for each in (setup.OLDEST, setup.FIRST_TOO_NEW))
    assert project["requires-python"] == f">={oldest},<{newest}"
