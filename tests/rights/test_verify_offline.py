"""docs/verify_offline.py on a machine that has Python and the one library it documents, and nothing of ours."""

import json
import os
import subprocess
import sys
from importlib.metadata import distribution
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from marketplace.rights.services import assign_ownership, revoke_ownership

SCRIPT = settings.BASE_DIR / "docs" / "verify_offline.py"


@pytest.fixture(scope="module")
def bare_machine(tmp_path_factory) -> Path:
    """A folder of libraries that holds what `pip install cryptography` would."""
    folder = tmp_path_factory.mktemp("bare") / "libraries"
    folder.mkdir()
    for name in ("cryptography", "cffi", "pycparser"):
        files = distribution(name).files or []
        tops = {file.parts[0] for file in files if ".." not in file.parts and not file.parts[0].endswith(".dist-info")}
        for top in tops:
            source = Path(str(distribution(name).locate_file(top)))
            if source.exists() and not (folder / top).exists():
                (folder / top).symlink_to(source)
    return folder


@pytest.fixture
def check(bare_machine, tmp_path, sale, client_for, client):
    """Runs the script; `papers` are the owner's and the public's, as they were downloaded."""
    papers = {
        "certificate.json": client_for(sale.owner).get(f"/tracks/{sale.track.pk}/certificate.json").content,
        "certificate.pdf": client_for(sale.owner).get(f"/tracks/{sale.track.pk}/certificate.pdf").content,
        "recipe.json": client_for(sale.owner).get(f"/tracks/{sale.track.pk}/recipe.json").content,
        "keys.json": client.get("/verify/keys.json").content,
        "head.json": client.get("/verify/register-head.json").content,
        "verify_offline.py": client.get("/verify/verify_offline.py").content,
    }
    for name, content in papers.items():
        (tmp_path / name).write_bytes(content)
    call_command("export_register", str(tmp_path / "register.jsonl"), stdout=StringIO())

    def act(*names: str) -> tuple[int, str]:
        command = [sys.executable, "-S", "verify_offline.py", "keys.json", *names]
        environment = {"PYTHONPATH": str(bare_machine), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    return act


def test_the_bare_machine_has_nothing_of_ours(bare_machine) -> None:
    command = [sys.executable, "-S", "-c", "import cryptography.hazmat; import django"]
    environment = {"PYTHONPATH": str(bare_machine)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=bare_machine)
    assert "No module named 'django'" in done.stderr


def test_script_that_is_served_is_the_documented_one(check, tmp_path) -> None:
    assert (tmp_path / "verify_offline.py").read_bytes() == SCRIPT.read_bytes()


@pytest.mark.parametrize(
    "names",
    [("certificate.json",), ("certificate.pdf",), ("recipe.json",), ("head.json",), ("register.jsonl",),
     ("certificate.json", "register.jsonl"), ("certificate.pdf", "register.jsonl")],
    ids=" ".join,
)  # fmt: skip
def test_everything_that_is_signed_is_genuine(check, names) -> None:
    code, said = check(*names)
    assert code == 0, said
    assert "genuine" in said


@pytest.mark.parametrize("name", ["certificate.json", "recipe.json", "head.json"])
def test_one_changed_letter_is_seen(check, tmp_path, name: str) -> None:
    envelope = json.loads((tmp_path / name).read_bytes())
    for key, value in envelope["document"].items():
        if isinstance(value, str) and value:
            changed = envelope | {"document": envelope["document"] | {key: value[:-1] + chr(ord(value[-1]) ^ 1)}}
            (tmp_path / name).write_text(json.dumps(changed))
            code, said = check(name)
            assert (code, "Altered" in said) == (1, True), (key, said)
            break


def test_certificate_of_another_register_is_told(check, tmp_path) -> None:
    rows = (tmp_path / "register.jsonl").read_text().splitlines()
    (tmp_path / "register.jsonl").write_text("\n".join([rows[0], rows[1], rows[-1]]))
    code, said = check("certificate.json", "register.jsonl")
    assert code == 1
    assert "The register holds another line 2 than the certificate names." in said


def test_it_stays_genuine_after_a_rotation_of_keys_with_the_keys_of_then_and_of_now(check, tmp_path, client) -> None:
    call_command("rotate_signing_key", stdout=StringIO())
    assert check("certificate.json")[0] == 0
    (tmp_path / "keys.json").write_bytes(client.get("/verify/keys.json").content)
    assert check("certificate.json")[0] == 0


@pytest.mark.parametrize(
    "content", [b"", b"\0\xff", b"{}", b"[]", b"%PDF-1.7", b"RIFF", b'{"document": 1}', b"[" * 9999]
)
def test_garbage_is_named_without_a_traceback(check, tmp_path, content: bytes) -> None:
    (tmp_path / "garbage").write_bytes(content)
    assert check("garbage")[0] == 1
    assert check("missing")[0] == 1
    assert check("certificate.json", "garbage")[0] == 1


def test_certificate_that_was_passed_on_is_genuine_still_and_so_is_the_next(check, sale, make_user) -> None:
    """Offline nobody knows who owns it today: that the register says."""
    assign_ownership(track=sale.track, to=make_user().memberships.get().company, reference="deed")
    revoke_ownership(track=sale.track, reference="refund")
    assert check("certificate.json")[0] == 0
