"""Checking the whole register, here or from an export: JSON lines of the keys, every line, and the signed head."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from marketplace.errors import AppError, InvalidInputError
from marketplace.rights.chain import Line, find_faults
from marketplace.rights.models import Certificate, OwnershipEntry, RegisterHead, SignedHead
from marketplace.rights.register import describe_entry, sign_head
from marketplace.rights.signing import Envelope, check_envelope, list_keys

EXPORT_FORMAT = "onetake-register/1"


def audit_register() -> list[str]:
    """Every fault of the register in the database, located; empty when all is well."""
    envelopes = [head.envelope for head in SignedHead.objects.all()]
    envelopes += [each.envelope for each in Certificate.objects.exclude(envelope=None)]
    faults, signed = _read_heads(envelopes)
    for head in RegisterHead.objects.all():
        signed.setdefault(head.position, head.digest)
    return faults + list(find_faults(_list_lines(), signed=signed))


def write_export(out: IO[str]) -> int:
    """The register as JSON lines, ended by its signed head. Returns how many lines of the register were written."""
    head = sign_head()
    _write_line(out, {"format": EXPORT_FORMAT, "keys": list_keys()})
    count = 0
    for line in _list_lines(up_to=head.position):
        _write_line(out, {"content": line.content, "previous_digest": line.previous, "digest": line.digest})
        count += 1
    _write_line(out, {"head": head.envelope})
    return count


def audit_export(lines: Iterable[str]) -> list[str]:
    """The faults of an export. Raises InvalidInputError for a file that is none."""
    try:
        rows = [json.loads(line) for line in lines if line.strip()]
        if rows[0]["format"] != EXPORT_FORMAT:
            raise KeyError("format")
        if "head" not in rows[-1]:
            return ["The export breaks off: its last line, the signed head, is missing."]
        faults, signed = _read_heads([rows[-1]["head"]])
        return faults + list(find_faults([_read_line(row) for row in rows[1:-1]], signed=signed))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        message = f"This is not an export of the register ({error!r}). Make one with manage.py export_register."
        raise InvalidInputError(message, code="not_an_export") from error


def _read_line(row: dict[str, Any]) -> Line:
    return Line(content=row["content"], previous=row["previous_digest"], digest=row["digest"])


def _list_lines(*, up_to: int | None = None) -> Iterator[Line]:
    entries = OwnershipEntry.objects.select_related("track").order_by("position")
    if up_to is not None:
        entries = entries.filter(position__lte=up_to)
    for entry in entries.iterator(chunk_size=2000):
        yield Line(content=describe_entry(entry), previous=entry.previous_digest, digest=entry.digest)


def _read_heads(envelopes: Iterable[Envelope]) -> tuple[list[str], dict[int, str]]:
    faults: list[str] = []
    signed: dict[int, str] = {}
    for envelope in envelopes:
        try:
            document = check_envelope(envelope)
        except AppError as error:
            faults.append(f"A signed document is not genuine. {error.message}")
            continue
        line = document.get("register", document)  # a certificate names the line of its sale
        position, digest = int(line["position"]), str(line["digest"])
        if signed.setdefault(position, digest) != digest:
            faults.append(f"Line {position} was signed twice, with different contents: it was rewritten in between.")
    return faults, signed


def _write_line(out: IO[str], value: dict[str, Any]) -> None:
    out.write(json.dumps(value, sort_keys=True, ensure_ascii=False) + "\n")
