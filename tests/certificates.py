"""Chains as an operator would get them from a CA, whole or with a fault."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from generator.engine.audio.credentials import Credential

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
WEB_SERVERS, CODE, C2PA_CLAIMS = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3", "1.3.6.1.4.1.62558.2.1"
KEYS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
}


@dataclass(frozen=True)
class Chain:
    certificates: str
    """The signer's, then the CA's."""
    key: str
    root: str
    algorithm: str

    @property
    def credential(self) -> Credential:
        return Credential(certificates=self.certificates, key=self.key, algorithm=self.algorithm)


def write_key(key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


class Authority:
    """A CA that issues signers' certificates."""

    def __init__(self, name: str = "Example CA") -> None:
        self._key, self._name = KEYS["es256"](), name
        self.root = self._issue(self._key.public_key(), name=name, is_root=True, since=SINCE, until=UNTIL)

    def issue(
        self, algorithm="ed25519", *, name="Example signer", since=SINCE, until=UNTIL, use="1.3.6.1.5.5.7.3.4"
    ) -> Chain:
        key = KEYS[algorithm]()
        signer = self._issue(key.public_key(), name=name, is_root=False, since=since, until=until, use=use)
        return Chain(signer + self.root, write_key(key), self.root, algorithm)

    def _issue(self, public, *, name, is_root, since, until, use="") -> str:
        usage = x509.KeyUsage(not is_root, False, False, False, False, is_root, is_root, False, False)
        builder = (
            x509.CertificateBuilder(_name(self._name), _name(name), public, x509.random_serial_number(), since, until)
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if not is_root:
            builder = builder.add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(use)]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _name(common: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])
