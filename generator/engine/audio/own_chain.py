"""The certificates under which Content Credentials are signed where the operator has none of a public CA.

Root and signer follow from the signing key alone, to the byte, so processes that share it share them too, and there is
no further secret to keep. The signer has a key of its own: one key shall not sign claims, documents and certificates.
"""

import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from generator.engine.audio.credentials import Credential

_PURPOSE = b"onetake content credentials"
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_FOR_EVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280's word for no known end. Credentials carry no time stamp, so they end when their certificate does."""


def name_key(public: Ed25519PublicKey) -> str:
    """The first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def make_own_credential(private: Ed25519PrivateKey) -> Credential:
    """What signs under the root of that signing key."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = _derive_signer(private).private_bytes(encoding, form, serialization.NoEncryption()).decode()
    return Credential(certificates=_issue(private, is_root=False), key=key, algorithm="ed25519")


def list_own_certificates(private: Ed25519PrivateKey) -> str:
    """The signer's and the root's in PEM: what others have to know to recognise our credentials."""
    return _issue(private, is_root=False) + _issue(private, is_root=True)


def _derive_signer(private: Ed25519PrivateKey) -> Ed25519PrivateKey:
    seed = HKDF(hashes.SHA256(), 32, salt=None, info=_PURPOSE).derive(private.private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _issue(private: Ed25519PrivateKey, *, is_root: bool) -> str:
    """By the profile of C2PA 2 (14.5.1): a signer may sign claims and nothing else."""
    public = private.public_key() if is_root else _derive_signer(private).public_key()
    key_id = name_key(private.public_key())
    root, signer = _name(f"Root of key {key_id}"), _name(f"Content Credentials under key {key_id}")
    serial = int.from_bytes(hashlib.sha256(_PURPOSE + public.public_bytes_raw()).digest()[:19], "big")
    builder = (
        x509.CertificateBuilder(root, root if is_root else signer, public, serial, _SINCE, _FOR_EVER)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(_make_usage(is_root=is_root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(private, None).public_bytes(serialization.Encoding.PEM).decode()


def _name(common: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Onetake")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _make_usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
