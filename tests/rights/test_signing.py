"""Signatures outlive the key that made them; what is altered, foreign or too late is told apart."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from marketplace.errors import InvalidInputError
from marketplace.rights.models import SigningKey
from marketplace.rights.signing import check_envelope, list_keys, make_private_key, sign_document

pytestmark = [pytest.mark.any_database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def own_key(settings, tmp_path):
    settings.SIGNING_KEY_PATH = tmp_path / "keys" / "signing-key.pem"
    return settings.SIGNING_KEY_PATH


def sign(**document):
    return sign_document(document, at=timezone.now())


def refusal(envelope) -> str:
    with pytest.raises(InvalidInputError) as caught:
        check_envelope(envelope)
    return caught.value.code


def test_signed_document_is_genuine_until_a_letter_changes() -> None:
    envelope = sign(title="Quiet Harbour")
    assert check_envelope(envelope)["title"] == "Quiet Harbour"
    envelope["document"]["title"] = "Quiet Harbor"
    assert refusal(envelope) == "altered"


def test_key_is_made_once_and_is_readable_by_its_owner_alone(own_key) -> None:
    first = sign(n=1)["signature"]["key_id"]
    assert sign(n=2)["signature"]["key_id"] == first
    assert own_key.stat().st_mode & 0o777 == 0o600
    assert list(own_key.parent.iterdir()) == [own_key]


def test_old_signatures_outlive_a_rotation_and_new_ones_carry_the_new_key(client) -> None:
    old = sign(n=1)
    call_command("rotate_signing_key", stdout=StringIO())
    new = sign(n=2)
    assert old["signature"]["key_id"] != new["signature"]["key_id"]
    assert check_envelope(old)["n"] == 1
    assert check_envelope(new)["n"] == 2
    keys = client.get("/verify/keys.json").json()["keys"]
    assert [(key["key_id"], key["retired_at"] is None) for key in keys] == [
        (new["signature"]["key_id"], True),
        (old["signature"]["key_id"], False),
    ]


def test_stolen_old_key_signs_nothing_after_its_retirement(own_key) -> None:
    late = sign_document({"n": 1}, at=timezone.now() + timedelta(days=1))
    call_command("rotate_signing_key", stdout=StringIO())
    assert refusal(late) == "altered"


def test_retired_key_put_back_by_mistake_is_refused(own_key) -> None:
    list_keys()
    old = own_key.read_bytes()
    call_command("rotate_signing_key", stdout=StringIO())
    own_key.write_bytes(old)
    with pytest.raises(ImproperlyConfigured, match="was retired"):
        sign(n=1)


def test_key_of_the_environment_wins_and_is_not_rotated_here(settings, own_key) -> None:
    settings.SIGNING_KEY = make_private_key().decode()
    first = sign(n=1)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_signing_key")
    settings.SIGNING_KEY = make_private_key().decode()
    assert sign(n=2)["signature"]["key_id"] != first["signature"]["key_id"]
    assert check_envelope(first)["n"] == 1
    assert SigningKey.objects.filter(retired_at=None).count() == 1
    assert not own_key.exists()


@pytest.mark.parametrize("text", ["garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_key_that_is_none_is_named(settings, text: str) -> None:
    settings.SIGNING_KEY = text
    with pytest.raises(ImproperlyConfigured, match="SIGNING_KEY"):
        sign(n=1)


@pytest.mark.parametrize(
    "envelope",
    [None, [], "text", 7, {}, {"document": {}, "signature": {}}, {"document": 3, "signature": 4},
     {"document": {"signed_at": "x"}, "signature": {"key_id": "none", "value": "AAAA"}},
     {"document": {"signed_at": "x"}, "signature": {"key_id": "none", "value": "not base64!"}}],
)  # fmt: skip
def test_garbage_is_called_not_signed_here(envelope) -> None:
    assert refusal(envelope) == "not_signed"
