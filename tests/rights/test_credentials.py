"""Whose certificate signs Content Credentials: our own chain unless the operator gives one, which has to be right."""

from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from generator.engine.audio.credentials import CredentialFinding, read_credential, sign_audio
from generator.engine.audio.tags import Tags
from marketplace.rights.checks import check_credential_settings
from marketplace.rights.credentials import list_known_certificates, load_credential
from marketplace.rights.models import SigningKey
from marketplace.rights.signing import load_private_key
from tests.certificates import CODE, KEYS, Authority, write_key

pytestmark = [pytest.mark.any_database, pytest.mark.django_db]

AUTHORITY = Authority()
CHAIN = AUTHORITY.issue("es256", name="Studio")
SILENCE = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"


@pytest.fixture(autouse=True)
def own_key(settings, tmp_path):
    settings.SIGNING_KEY_PATH = tmp_path / "signing-key.pem"
    return settings.SIGNING_KEY_PATH


def sign() -> bytes:
    return sign_audio(SILENCE, suffix=".wav", tags=Tags(title="Quiet Harbour"), credential=load_credential())


def read(signed: bytes) -> CredentialFinding:
    found = read_credential(BytesIO(signed), known=list_known_certificates())
    assert found is not None
    return found


def test_own_chain_follows_from_the_signing_key_and_is_known() -> None:
    assert load_credential() == load_credential()
    found = read(sign())
    assert (found.faults, found.is_known) == ((), True)
    assert found.signer.startswith("Onetake, Content Credentials under key ")
    assert check_credential_settings() == []


def test_signer_has_a_key_of_its_own() -> None:
    assert load_credential().key != write_key(load_private_key())


def test_old_credentials_are_known_after_a_rotation_and_new_ones_have_another_signer() -> None:
    old = sign()
    call_command("rotate_signing_key", stdout=StringIO())
    new = sign()
    assert read(old).is_known
    assert read(new).is_known
    assert read(old).signer != read(new).signer


def test_another_house_is_not_known(own_key, settings) -> None:
    foreign = sign()
    settings.SIGNING_KEY_PATH = own_key.with_name("other.pem")
    SigningKey.objects.all().delete()
    assert (read(foreign).faults, read(foreign).is_known) == ((), False)


def test_published_certificates_are_those_that_are_known(client) -> None:
    published = client.get("/verify/keys.json").json()["credential_certificates"]
    found = read_credential(BytesIO(sign()), known=published)
    assert found is not None
    assert found.is_known
    assert "PRIVATE" not in published


@pytest.mark.parametrize("algorithm", KEYS)
def test_operators_chain_signs_instead_and_is_known(settings, algorithm: str) -> None:
    chain = AUTHORITY.issue(algorithm, name="Studio")
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY = chain.certificates, chain.key
    assert check_credential_settings() == []
    assert load_credential().algorithm == algorithm
    found = read(sign())
    assert (found.signer, found.faults, found.is_known) == ("Example, Studio", (), True)


def test_other_customers_of_the_operators_ca_are_not_known(settings) -> None:
    neighbour = AUTHORITY.issue(name="Studio")
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY = neighbour.certificates, neighbour.key
    signed = sign()
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY = CHAIN.certificates, CHAIN.key
    assert not read(signed).is_known


SIGNER = CHAIN.certificates.removesuffix(CHAIN.root)
PAST, FUTURE = datetime(2026, 2, 1, tzinfo=UTC), datetime(2998, 1, 1, tzinfo=UTC)
EXPIRED, EARLY, FOR_CODE = AUTHORITY.issue(until=PAST), AUTHORITY.issue(since=FUTURE), AUTHORITY.issue(use=CODE)
FAULTS = {
    "no key": (CHAIN.certificates, "", "CREDENTIAL_KEY is not set beside CREDENTIAL_CERTIFICATES"),
    "no certificates": ("", CHAIN.key, "CREDENTIAL_CERTIFICATES is not set beside CREDENTIAL_KEY"),
    "no PEM": ("garbage", CHAIN.key, "CREDENTIAL_CERTIFICATES: not certificates in PEM"),
    "a cut PEM": (CHAIN.certificates[:300], CHAIN.key, "CREDENTIAL_CERTIFICATES: not certificates in PEM"),
    "a key that is none": (CHAIN.certificates, "garbage", "CREDENTIAL_KEY: not a private key in PEM"),
    "another's key": (CHAIN.certificates, AUTHORITY.issue().key, "CREDENTIAL_KEY does not belong to the first"),
    "the signer alone": (SIGNER, CHAIN.key, "CREDENTIAL_CERTIFICATES: one certificate alone"),
    "another CA's": (SIGNER + Authority("Other").root, CHAIN.key, "“CN=Studio,O=Example” was not issued by “CN=Other"),
    "expired": (EXPIRED.certificates, EXPIRED.key, "CREDENTIAL_CERTIFICATES: .* expired on 2026-02-01. Renew it"),
    "not yet valid": (EARLY.certificates, EARLY.key, "CREDENTIAL_CERTIFICATES: .* is not valid before 2998-01-01"),
    "for code": (FOR_CODE.certificates, FOR_CODE.key, "CREDENTIAL_CERTIFICATES: C2PA refuses to sign"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_settings_that_cannot_sign_are_named_at_the_start_and_when_signing(settings, fault: str) -> None:
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY, said = FAULTS[fault]
    with pytest.raises(ImproperlyConfigured, match=said):
        sign()
    (message,) = check_credential_settings()
    assert message.id == "rights.E001"
    assert message.msg.startswith("CREDENTIAL_")


def test_a_key_that_c2pa_does_not_know_is_named(settings) -> None:
    settings.CREDENTIAL_CERTIFICATES = CHAIN.certificates
    settings.CREDENTIAL_KEY = write_key(ec.generate_private_key(ec.SECP256K1()))
    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEY: C2PA signs with Ed25519, ECDSA over P-256"):
        sign()


def test_published_certificates_survive_settings_that_cannot_sign(settings, client) -> None:
    own = client.get("/verify/keys.json").json()["credential_certificates"]
    settings.CREDENTIAL_CERTIFICATES, settings.CREDENTIAL_KEY = "garbage", CHAIN.key
    assert client.get("/verify/keys.json").json()["credential_certificates"] == own
