#!/usr/bin/env python3
"""Verifies what Onetake signed without Onetake: the register's export, a certificate, a recipe, a signed head.

    python verify_offline.py keys.json register.jsonl
    python verify_offline.py keys.json certificate.json
    python verify_offline.py keys.json certificate.pdf                  the certificate attached inside, not the pages
    python verify_offline.py keys.json certificate.json register.jsonl  and whether the register holds its line

keys.json comes from https://<site>/verify/keys.json; keep a copy from the day you bought. Needs Python 3.9 and
`pip install cryptography`, nothing else. Ends with 0 and "genuine", or with 1 and one line per fault.
docs/rights.md describes the formats, so that you can write this script yourself.
"""

import base64
import hashlib
import json
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def write_canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_envelope(envelope, keys):
    """Yields what is wrong with a signed document."""
    signature, document = envelope["signature"], envelope["document"]
    key = keys.get(signature["key_id"])
    if key is None:
        yield f"Signed with key {signature['key_id']}, which is not in the key file."
        return
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
        public.verify(base64.b64decode(signature["value"]), write_canonical(document))
    except InvalidSignature:
        yield "Altered: the signature does not fit the content."
    if key["retired_at"] and document["signed_at"] > key["retired_at"]:
        yield f"Its key was retired on {key['retired_at']}, before the time it claims."


def check_register(rows, keys):
    """Yields every fault of an export, with the number of its line."""
    if "head" not in rows[-1]:
        yield "The export breaks off: its last line, the signed head, is missing."
        return
    position, previous = 0, "0" * 64
    for row in rows[1:-1]:
        found = row["content"]["position"]
        if found != position + 1:
            yield f"Line {position + 1} is missing: line {found} comes after line {position}."
        elif row["previous_digest"] != previous:
            yield f"Line {found} does not continue line {position}: one of the two was replaced."
        chained = row["previous_digest"].encode() + b"\n" + write_canonical(row["content"])
        if hashlib.sha256(chained).hexdigest() != row["digest"]:
            yield f"Line {found} was changed after it was written."
        position, previous = found, row["digest"]
    yield from check_envelope(rows[-1]["head"], keys)
    head = rows[-1]["head"]["document"]
    if (head["position"], head["digest"]) != (position, previous):
        yield f"The register ends with line {position}, but another end was signed: line {head['position']}."


def read_document(data):
    """The signed document in a JSON file, or attached inside a certificate's PDF."""
    if data[:5] == b"%PDF-":
        found = re.search(rb"/Type /EmbeddedFile\s*>>\s*stream\s+(\{[^\r\n]*\})\s*endstream", data)
        if found is None:
            raise ValueError("no certificate is attached to this PDF")
        return json.loads(found[1])
    return json.loads(data)


def read_register(data):
    rows = [json.loads(line) for line in data.decode().splitlines() if line.strip()]
    if not rows or rows[0].get("format") != "onetake-register/1":
        raise ValueError("not an export of the register")
    return rows


def find_line(document, rows):
    """Yields what is wrong if the register does not hold the line that a certificate names."""
    line = document["register"]
    held = [row["digest"] for row in rows[1:-1] if row["content"]["position"] == line["position"]]
    if held != [line["digest"]]:
        yield f"The register holds another line {line['position']} than the certificate names."


def check_file(name, data, keys, register):
    """All faults of one file, and what it is."""
    if b"onetake-register/1" in data.split(b"\n", 1)[0]:
        return list(check_register(read_register(data), keys)), "an export of the register"
    envelope = read_document(data)
    faults = list(check_envelope(envelope, keys))
    document = envelope["document"]
    what = f"{document.get('format', 'a signed document')}, signed {document['signed_at']}"
    if register is not None and document.get("format") == "onetake-certificate/1":
        faults += [*check_register(register, keys), *find_line(document, register)]
        what += f", line {document['register']['position']} of the register"
    return faults, what


def read(name, parse):
    try:
        with open(name, "rb") as file:
            return parse(file.read())
    except OSError as error:
        sys.exit(f"{name} cannot be read: {error.strerror}.")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error)[:200] or type(error).__name__
        sys.exit(f"{name} is neither keys, nor a register, nor a signed document of Onetake ({reason}).")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    keys = read(sys.argv[1], lambda data: {key["key_id"]: key for key in json.loads(data)["keys"]})
    register = read(sys.argv[3], read_register) if len(sys.argv) == 4 else None
    faults, what = read(sys.argv[2], lambda data: check_file(sys.argv[2], data, keys, register))
    if faults:
        sys.exit("\n".join(faults))
    print(f"{sys.argv[2]}: genuine ({what}).")


if __name__ == "__main__":
    main()
