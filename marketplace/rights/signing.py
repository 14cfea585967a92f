"""Ed25519 signatures of this house. A signed document is an envelope: the document, and a signature over its canonical
JSON. Public keys are kept and published for ever, so a signature outlives the key that made it."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from generator.engine.audio.own_chain import list_own_certificates, name_key
from marketplace.errors import InvalidInputError
from marketplace.rights.chain import write_canonical, write_time
from marketplace.rights.models import SigningKey
from marketplace.rights.private_files import write_private_file

Envelope = dict[str, Any]
_KEY_ID = re.compile("[0-9a-f]{16}")


def sign_document(document: Mapping[str, Any], *, at: datetime) -> Envelope:
    """The document with the time of signing, and its signature by the key in use."""
    private = load_private_key()
    key = record_key(private)
    signed = {**document, "signed_at": write_time(at)}
    value = base64.b64encode(private.sign(write_canonical(signed))).decode()
    return {"document": signed, "signature": {"algorithm": "Ed25519", "key_id": key.key_id, "value": value}}


def check_envelope(envelope: object) -> dict[str, Any]:
    """The document, if one of our keys signed it in its time; else InvalidInputError `altered` or `not_signed`."""
    try:
        document, signature = envelope["document"], envelope["signature"]  # type: ignore[index]
        key_id, value = str(signature["key_id"]), base64.b64decode(signature["value"], validate=True)
        signed_at = str(document["signed_at"])
        content = write_canonical(document)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError("This is not a document that was signed here.", code="not_signed") from error
    # Anybody's text: half a surrogate pair or a NUL is JSON, but no database takes it.
    key = SigningKey.objects.filter(key_id=key_id).first() if _KEY_ID.fullmatch(key_id) else None
    if key is None:
        raise InvalidInputError("No key of ours made this signature: it was not signed here.", code="not_signed")
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key)).verify(value, content)
    except InvalidSignature as error:
        raise InvalidInputError("Altered: the signature does not fit the content.", code="altered") from error
    if key.retired_at is not None and signed_at > write_time(key.retired_at):
        raise InvalidInputError("Its key was retired before the time it claims: not genuine.", code="altered")
    return dict(document)


def list_keys() -> list[dict[str, str | None]]:
    """Every public key, the one in use first."""
    record_key(load_private_key())
    return [
        {
            "key_id": key.key_id,
            "public_key": key.public_key,
            "created_at": write_time(key.created_at),
            "retired_at": write_time(key.retired_at) if key.retired_at else None,
        }
        for key in SigningKey.objects.all()
    ]


def load_private_key() -> Ed25519PrivateKey:
    """From SIGNING_KEY, else from its file, which is made when first needed. Read anew each time: keys rotate."""
    text = settings.SIGNING_KEY.encode() or _read_key_file(settings.SIGNING_KEY_PATH)
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except ValueError as error:
        raise ImproperlyConfigured(f"SIGNING_KEY or {settings.SIGNING_KEY_PATH.name}: not a PEM key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured("SIGNING_KEY is not an Ed25519 key. Make one: manage.py rotate_signing_key --print")
    return key


def make_private_key() -> bytes:
    """A fresh key in PEM."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return Ed25519PrivateKey.generate().private_bytes(encoding, form, serialization.NoEncryption())


def write_private_key(path: Path, *, replace: bool) -> None:
    """A fresh key in the file, readable by its owner alone. Without `replace` the first of two writers wins."""
    write_private_file(path, make_private_key(), replace=replace)


def _read_key_file(path: Path) -> bytes:
    if not path.exists():
        write_private_key(path, replace=False)
    return path.read_bytes()


@transaction.atomic
def record_key(private: Ed25519PrivateKey) -> SigningKey:
    """The row of the key in use; its first use retires the one before it."""
    public, now = private.public_key(), timezone.now()
    key_id = name_key(public)
    raw = public.public_bytes_raw()
    certificates = list_own_certificates(private)
    fields = {"public_key": base64.b64encode(raw).decode(), "certificates": certificates, "created_at": now}
    key, is_new = SigningKey.objects.get_or_create(key_id=key_id, defaults=fields)
    if is_new:
        SigningKey.objects.filter(retired_at=None).exclude(pk=key.pk).update(retired_at=now)
    if key.retired_at is not None:
        raise ImproperlyConfigured(
            f"The signing key {key_id} was retired on {key.retired_at:%Y-%m-%d}: use the new one."
        )
    return key
