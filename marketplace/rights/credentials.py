"""Whose certificates sign the Content Credentials of sound files, and whose are known here.

`CREDENTIAL_CERTIFICATES` and `CREDENTIAL_KEY` name a chain of a public CA, such as one on C2PA's trust list. Without
them the chain is our own, under the signing key.
"""

from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from generator.engine.audio.credentials import Credential, sign_audio
from generator.engine.audio.own_chain import make_own_credential
from generator.engine.audio.tags import Tags
from generator.engine.errors import CredentialError
from marketplace.rights.models import SigningKey
from marketplace.rights.signing import load_private_key, record_key

_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_SHORTEST_RSA = 2048
_SILENCE = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"


def load_credential() -> Credential:
    """What signs now, read anew each time. ImproperlyConfigured names the setting that is at fault."""
    if not settings.CREDENTIAL_CERTIFICATES and not settings.CREDENTIAL_KEY:
        return make_own_credential(load_private_key())
    for name, other in (("CREDENTIAL_KEY", "CREDENTIAL_CERTIFICATES"), ("CREDENTIAL_CERTIFICATES", "CREDENTIAL_KEY")):
        if not getattr(settings, name):
            raise ImproperlyConfigured(
                f"{name} is not set beside {other}: set both, or neither for a chain of our own."
            )
    key = _read_key(settings.CREDENTIAL_KEY)
    algorithm = _name_algorithm(key)
    certificates = _read_chain(settings.CREDENTIAL_CERTIFICATES)
    if certificates[0].public_key() != key.public_key():
        raise ImproperlyConfigured(
            "CREDENTIAL_KEY does not belong to the first certificate of CREDENTIAL_CERTIFICATES. Give that one's key."
        )
    _refuse_outdated(certificates, at=timezone.now())
    credential = Credential(certificates=_write_chain(certificates), key=_write_key(key), algorithm=algorithm)
    try:
        sign_audio(_SILENCE, suffix=".wav", tags=Tags(title="Test"), credential=credential)
    except CredentialError as error:
        raise ImproperlyConfigured(f"CREDENTIAL_CERTIFICATES: {error}. Ask the CA for a claim signer's.") from error
    return credential


def list_known_certificates() -> str:
    """PEM of the signers that are ours, each with the CA that issued it: those of all signing keys, retired ones
    included, and the operator's."""
    record_key(load_private_key())
    own = [key.certificates for key in SigningKey.objects.all()]
    try:
        chain = _read_chain(settings.CREDENTIAL_CERTIFICATES) if settings.CREDENTIAL_CERTIFICATES else []
    except ImproperlyConfigured:  # nothing is signed with it, and the system check says why
        chain = []
    return "".join([*own, _write_chain(chain)])


def _read_key(text: str) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError) as error:  # TypeError: it wants a password
        raise ImproperlyConfigured("CREDENTIAL_KEY: not a private key in PEM without a password.") from error


def _name_algorithm(key: PrivateKeyTypes) -> str:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SHORTEST_RSA:
        return "ps256"
    raise ImproperlyConfigured(
        "CREDENTIAL_KEY: C2PA signs with Ed25519, ECDSA over P-256, P-384 or P-521, or RSA of 2048 bits or more."
    )


def _read_chain(text: str) -> list[x509.Certificate]:
    try:
        certificates = x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise ImproperlyConfigured(
            "CREDENTIAL_CERTIFICATES: not certificates in PEM. Give the signer's first, then those that issued it."
        ) from error
    if len(certificates) < 2:  # readers that are to know the signer need who issued it
        raise ImproperlyConfigured(
            "CREDENTIAL_CERTIFICATES: one certificate alone. Add the one of the CA that issued it."
        )
    for issued, issuer in pairwise(certificates):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise ImproperlyConfigured(
                f"CREDENTIAL_CERTIFICATES: {_name(issued)} was not issued by {_name(issuer)}, which follows it. "
                "Give the signer's first, then each that issued the one before it."
            ) from error
    return certificates


def _refuse_outdated(certificates: list[x509.Certificate], *, at: datetime) -> None:
    for each in certificates:
        if each.not_valid_after_utc < at:
            fault = f"{_name(each)} expired on {each.not_valid_after_utc:%Y-%m-%d}. Renew it."
            raise ImproperlyConfigured(f"CREDENTIAL_CERTIFICATES: {fault}")
        if each.not_valid_before_utc > at:
            fault = f"{_name(each)} is not valid before {each.not_valid_before_utc:%Y-%m-%d}. Use it from then on."
            raise ImproperlyConfigured(f"CREDENTIAL_CERTIFICATES: {fault}")


def _name(certificate: x509.Certificate) -> str:
    return f"“{certificate.subject.rfc4514_string()}”"


def _write_chain(certificates: list[x509.Certificate]) -> str:
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def _write_key(key: PrivateKeyTypes) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
