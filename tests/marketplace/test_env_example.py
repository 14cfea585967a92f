"""`.env.example` lists every setting, with the defaults that the settings have, for whatever starts us to read."""

import ast
import re
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LINES = (BASE_DIR / ".env.example").read_text(encoding="utf-8").splitlines()
ENTRY = re.compile(r"(?:# )?([A-Z][A-Z0-9_]*)=(.*)")
OF_THE_S3_CLIENT = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # botocore reads them itself
DEFAULTS = "# --- The house rules, with their defaults"


def read_entries(lines: list[str]) -> dict[str, str]:
    """Values by name, whether commented out or not; a secret's file counts as the secret."""
    found = [match for line in lines if (match := ENTRY.fullmatch(line))]
    return {name.removesuffix("_FILE"): value for name, value in (match.groups() for match in found)}


def list_settings() -> dict[str, str | None]:
    """Every name that the settings read from the environment, with its default as text where it is a constant."""
    tree = ast.parse((BASE_DIR / "marketplace" / "settings.py").read_text(encoding="utf-8"))
    return {
        call.args[0].value: find_default(call)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and re.fullmatch(r"env\.read_\w+", ast.unparse(call.func))
    }


def find_default(call: ast.Call) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
            value = keyword.value.value
            return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return None


def list_docker_names() -> set[str]:
    """What the Compose file and the web image's start take from the environment."""
    texts = [(BASE_DIR / "docker" / name).read_text(encoding="utf-8") for name in ("compose.yaml", "web.sh")]
    return {name for text in texts for name in re.findall(r"\$\{([A-Z_]+)", text)}


def test_every_setting_is_listed_and_nothing_else() -> None:
    read = set(list_settings()) | list_docker_names()
    listed = set(read_entries(LINES))
    assert {"SECRET_KEY", "POSTGRES_PASSWORD", "WEB_WORKERS"} <= read
    assert read - listed == set()
    assert listed - read == OF_THE_S3_CLIENT


def test_defaults_are_those_of_the_settings() -> None:
    start = next(number for number, line in enumerate(LINES) if line.startswith(DEFAULTS))
    end = next(number for number, line in enumerate(LINES) if number > start and line.startswith("# ---"))
    listed = read_entries(LINES[start:end])
    assert "FIRST_REFUSAL_HOURS" in listed
    assert listed == {name: default for name, default in list_settings().items() if name in listed}


def test_no_value_ends_in_a_remark() -> None:
    """systemd and `docker run --env-file` would take it for part of the value."""
    assert [value for value in read_entries(LINES).values() if "#" in value] == []
