"""The register's hash chain: any tampering is found and located, in the database and in an export."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Company
from marketplace.rights.audit import audit_register
from marketplace.rights.certificates import sign_certificate
from marketplace.rights.chain import GENESIS, digest_line
from marketplace.rights.models import Certificate, OwnershipEntry, RegisterHead, SignedHead
from marketplace.rights.register import append_entry, describe_entry, sign_head
from marketplace.rights.services import revoke_ownership, transfer_ownership

pytestmark = pytest.mark.any_database


@pytest.fixture
def register(make_track) -> list[OwnershipEntry]:
    """Six lines about two families."""
    company = Company.objects.create(name="Harbour Ads")
    for number in (1, 2):
        track = make_track()
        append_entry(track, kind=OwnershipEntry.Kind.REGISTRATION, reference=f"job {number}")
        transfer_ownership(track=track, owner=company, reference=f"order {number}")
        revoke_ownership(track=track, reference=f"refund {number}")
    return list(OwnershipEntry.objects.order_by("position"))


def tamper(statement: str, *values: object) -> None:
    """As somebody would who owns the database: without the trigger that refuses it."""
    table = "rights_ownershipentry"
    with connection.cursor() as cursor:
        target = "" if connection.vendor == "sqlite" else f" ON {table}"
        cursor.execute(f"DROP TRIGGER ownership_append_only{target}")
        cursor.execute(statement.format(table=table), values)


def rewrite_from(position: int) -> None:
    """Recomputes every digest from a line on, as a careful forger would."""
    previous = OwnershipEntry.objects.get(position=position).previous_digest
    for entry in OwnershipEntry.objects.select_related("track").filter(position__gte=position).order_by("position"):
        digest = digest_line(describe_entry(entry), previous=previous)
        with connection.cursor() as cursor:
            sql = "UPDATE rights_ownershipentry SET previous_digest = %s, digest = %s WHERE position = %s"
            cursor.execute(sql, [previous, digest, entry.position])
        previous = digest
    RegisterHead.objects.update(digest=previous)


def test_lines_form_one_chain_over_all_families(register) -> None:
    assert [entry.position for entry in register] == [1, 2, 3, 4, 5, 6]
    assert [entry.sequence for entry in register] == [1, 2, 3, 1, 2, 3]
    assert [entry.previous_digest for entry in register] == [GENESIS, *(entry.digest for entry in register[:-1])]
    assert audit_register() == []


def test_digest_of_a_line_is_what_the_document_says() -> None:
    content = {"position": 1, "kind": "registration", "owner": None, "reference": "für 1"}
    text = "0" * 64 + '\n{"kind":"registration","owner":null,"position":1,"reference":"für 1"}'
    from hashlib import sha256

    assert digest_line(content, previous=GENESIS) == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    ["reference = 'order 9'", "kind = 'registration'", "previous_digest = 'a'", "digest = 'a'", "sequence = 9"],
)
def test_changed_line_is_found_and_located(register, change: str) -> None:
    tamper("UPDATE {table} SET {change} WHERE position = 3".replace("{change}", change))
    faults = audit_register()
    assert faults
    assert all("3" in fault for fault in faults)


def test_changed_track_is_found_by_its_lines(register) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_track SET copyright_id = 'stolen' WHERE copyright_id = %s",
                       [register[0].track.copyright_id])  # fmt: skip
    assert [fault.split(" was")[0] for fault in audit_register()] == ["Line 1", "Line 2", "Line 3"]


def test_missing_line_is_located(register) -> None:
    tamper("DELETE FROM {table} WHERE position = 4")
    assert audit_register() == ["Line 4 is missing: line 5 comes after line 3."]


def test_lines_cut_off_at_the_end_are_noticed(register) -> None:
    Certificate.objects.all().delete()
    tamper("DELETE FROM {table} WHERE position > 4")
    assert audit_register() == ["Lines are missing at the end: the last is 4, but line 6 was signed."]


def test_line_rewritten_with_its_digest_breaks_the_chain_behind_it(register) -> None:
    tamper("UPDATE {table} SET reference = 'another order' WHERE position = 5")
    entry = OwnershipEntry.objects.get(position=5)
    digest = digest_line(describe_entry(entry), previous=entry.previous_digest)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rights_ownershipentry SET digest = %s WHERE position = 5", [digest])
    assert audit_register() == ["Line 6 does not continue line 5: one of the two was replaced."]


def test_whole_chain_rewritten_does_not_fit_the_signed_head(register) -> None:
    sign_head()
    tamper("UPDATE {table} SET reference = 'another order' WHERE position = 5")
    rewrite_from(5)
    assert audit_register() == [
        "Line 6 is not the one that was signed: it, or a line before it, was rewritten.",
    ]


def test_whole_chain_rewritten_does_not_fit_a_signed_certificate(register) -> None:
    sign_certificate(Certificate.objects.get(entry__position=5))
    tamper("UPDATE {table} SET reference = 'another order' WHERE position = 4")
    rewrite_from(4)
    assert audit_register() == ["Line 5 is not the one that was signed: it, or a line before it, was rewritten."]


def test_forged_head_is_not_genuine(register) -> None:
    head = sign_head()
    SignedHead.objects.filter(pk=head.pk).update(
        envelope=head.envelope | {"document": head.envelope["document"] | {"position": 5}}
    )
    assert audit_register() == [
        "A signed document is not genuine. Altered: the signature does not fit the content.",
    ]


def test_head_is_signed_once_per_line_and_shown_to_everybody(register, client) -> None:
    shown = client.get("/verify/register-head.json").json()
    assert client.get("/verify/register-head.json").json() == shown
    assert (shown["document"]["position"], shown["document"]["digest"]) == (6, register[-1].digest)
    assert SignedHead.objects.count() == 1


def test_command_says_that_the_register_is_whole_or_where_it_is_not(register) -> None:
    out, err = StringIO(), StringIO()
    call_command("verify_register", stdout=out)
    assert "whole: 6 lines" in out.getvalue()
    tamper("UPDATE {table} SET reference = 'x' WHERE position = 2")
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_register", stderr=err)
    assert "Line 2 was changed" in err.getvalue()


def export(folder: Path) -> Path:
    call_command("export_register", str(folder / "register.jsonl"), stdout=StringIO())
    return folder / "register.jsonl"


def verify_offline(path: Path, keys: Path) -> tuple[int, str]:
    script = settings.BASE_DIR / "docs" / "verify_offline.py"
    done = subprocess.run([sys.executable, script, keys, path], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def keys(client, db, tmp_path) -> Path:
    path = tmp_path / "keys.json"
    path.write_bytes(client.get("/verify/keys.json").content)
    return path


CHANGES = {
    "Line 4 is missing: line 5 comes after line 3.": lambda lines: [*lines[:4], *lines[5:]],
    "breaks off": lambda lines: lines[:-1],
    "Line 2 was changed": lambda lines: [line.replace("order 1", "order 9") for line in lines],
    "Altered": lambda lines: [*lines[:-1], lines[-1].replace('"position": 6', '"position": 7')],
    "1": lambda lines: [lines[0], *lines[2:]],
}


@pytest.mark.parametrize("fault", CHANGES)
def test_tampered_export_is_refused_here_and_offline(register, keys, tmp_path, fault: str) -> None:
    path = export(tmp_path)
    assert verify_offline(path, keys) == (0, f"{path}: genuine (an export of the register).\n")
    call_command("verify_register", str(path), stdout=StringIO())
    path.write_text("".join(CHANGES[fault](path.read_text().splitlines(keepends=True))))
    code, said = verify_offline(path, keys)
    assert (code, fault in said) == (1, True), said
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_register", str(path), stderr=err)
    assert fault in err.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"RIFF\xff\xfe", b"{}", b"[1]\n[2]", b'{"format":"onetake-register/1"}\n{}\n{}']
)
def test_file_that_is_no_export_is_named_so(db, keys, tmp_path, content: bytes) -> None:
    path = tmp_path / "register.jsonl"
    path.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("verify_register", str(path), stderr=StringIO())
    code, said = verify_offline(path, keys)
    assert code == 1
    assert "Traceback" not in said


def test_export_that_cannot_be_written_leaves_nothing(register, tmp_path) -> None:
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("export_register", str(tmp_path / "no" / "such" / "folder"))
    assert json.loads(export(tmp_path).read_text().splitlines()[-1])["head"]["document"]["position"] == 6
    assert [path.name for path in tmp_path.iterdir()] == ["register.jsonl"]
