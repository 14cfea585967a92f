#!/usr/bin/env python3
"""Verifies what Onetake signed without Onetake: the register's export, a certificate, a signed head.

    python verify_offline.py keys.json register.jsonl
    python verify_offline.py keys.json certificate.json

keys.json comes from https://<site>/verify/keys.json; keep a copy from the day you bought. Needs Python 3.9 and
`pip install cryptography`, nothing else. Ends with 0 and "genuine", or with 1 and one line per fault.
docs/rights.md describes the formats, so that you can write this script yourself.
"""

import base64
import hashlib
import json
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


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            keys = {key["key_id"]: key for key in json.load(file)["keys"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{sys.argv[1]} is not a key file ({error!r}): fetch it from https://<site>/verify/keys.json")
    try:
        with open(sys.argv[2], encoding="utf-8") as file:
            text = file.read()
        is_register = "onetake-register/1" in text.split("\n", 1)[0]
        if is_register:
            faults = list(check_register([json.loads(line) for line in text.splitlines() if line.strip()], keys))
        else:
            faults = list(check_envelope(json.loads(text), keys))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        sys.exit(f"{sys.argv[2]} is neither a register nor a signed document of Onetake ({error!r}).")
    if faults:
        sys.exit("\n".join(faults))
    print(f"{sys.argv[2]}: genuine.")


if __name__ == "__main__":
    main()
