"""Content Credentials: C2PA's own reader takes them, a changed byte breaks them, what was kept puts them back."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import c2pa
import mutagen
import numpy as np
import pytest
import soundfile

from generator.engine.audio.credentials import Credential, read_credential, sign_audio
from generator.engine.audio.encoding import write_audio
from generator.engine.audio.tags import DIGITAL_SOURCE_TYPE, Tags
from generator.engine.delivery.sealing import Sealer
from generator.engine.errors import CredentialError
from generator.engine.version import ENGINE_VERSION
from tests.certificates import C2PA_CLAIMS, CODE, KEYS, WEB_SERVERS, Authority

AUTHORITY = Authority()
CHAIN = AUTHORITY.issue()
SUFFIXES = (".wav", ".mp3")
TAGS = Tags(
    title="Quiet Härbour",
    copyright_id="OT26-AAAA-BBBB-CC",
    licence="Exclusive",
    licence_url="https://example.com/verify/?id=OT26",
    date="2026-01-02",
    statement=json.dumps({"document": "x" * 900}),
)


def encode(tmp_path: Path, suffix: str) -> bytes:
    path = tmp_path / f"track{suffix}"
    sound = np.random.default_rng(7).normal(0.0, 0.1, (44_100, 2)).astype(np.float32)
    write_audio(path, sound, sample_rate=44_100, tags=TAGS)
    return path.read_bytes()


def sign(data: bytes, suffix: str, tags: Tags = TAGS, *, credential: Credential = CHAIN.credential) -> bytes:
    return sign_audio(data, suffix=suffix, tags=tags, credential=credential)


def read_with_c2pa(data: bytes, suffix: str) -> dict[str, Any]:
    """C2PA's own reader, as anybody would use it."""
    with c2pa.Reader({".wav": "audio/wav", ".mp3": "audio/mpeg"}[suffix], BytesIO(data)) as reader:
        report: dict[str, Any] = json.loads(reader.json())
    return report


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_another_reader_finds_it_valid_and_reads_what_it_says(tmp_path: Path, suffix: str) -> None:
    report = read_with_c2pa(sign(encode(tmp_path, suffix), suffix), suffix)
    assert report["validation_state"] == "Valid"
    assert [status["code"] for status in report["validation_status"]] == ["signingCredential.untrusted"]
    manifest = report["manifests"][report["active_manifest"]]
    assert manifest["title"] == "Quiet Härbour"
    (tool,) = manifest["claim_generator_info"]
    assert (tool["name"], tool["version"]) == ("Onetake", ENGINE_VERSION)
    said = {each["label"]: each["data"] for each in manifest["assertions"]}
    (created,) = said["c2pa.actions.v2"]["actions"]
    assert (created["action"], created["digitalSourceType"]) == ("c2pa.created", DIGITAL_SOURCE_TYPE)
    assert said["cawg.metadata"]["dc:identifier"] == TAGS.copyright_id
    assert said["cawg.metadata"]["xmpRights:WebStatement"] == TAGS.licence_url


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_sound_and_tags_stay_as_they_were(tmp_path: Path, suffix: str) -> None:
    plain = encode(tmp_path, suffix)
    signed = sign(plain, suffix)
    assert np.array_equal(soundfile.read(BytesIO(plain))[0], soundfile.read(BytesIO(signed))[0])
    before, after = mutagen.File(BytesIO(plain)).tags, mutagen.File(BytesIO(signed)).tags
    assert {name: str(before[name]) for name in before} == {
        name: str(after[name]) for name in after if not name.startswith("GEOB")
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_one_changed_byte_of_sound_is_detected(tmp_path: Path, suffix: str, place: float) -> None:
    plain = encode(tmp_path, suffix)
    signed = bytearray(sign(plain, suffix))
    start = signed.find(plain[len(plain) // 10 :][:64])  # sound, which is neither the tags nor the credential
    at = start + int(place * (len(plain) * 0.8))
    signed[at] ^= 1
    found = read_credential(BytesIO(signed))
    assert found is not None
    assert found.faults == ("assertion.dataHash.mismatch",)
    assert not found.is_intact
    signed[at] ^= 1
    found = read_credential(BytesIO(signed))
    assert found is not None
    assert found.is_intact


@pytest.mark.parametrize("algorithm", KEYS)
def test_every_kind_of_key_signs_and_its_signer_is_known_beside_its_ca(tmp_path: Path, algorithm: str) -> None:
    chain = AUTHORITY.issue(algorithm, name="Studio")
    signed = sign(encode(tmp_path, ".wav"), ".wav", credential=chain.credential)
    found = read_credential(BytesIO(signed), known=chain.certificates)
    assert found is not None
    assert (found.signer, found.is_intact, found.is_known) == ("Example, Studio", True, True)
    assert (found.title, found.copyright_id, found.is_ai_generated) == (TAGS.title, TAGS.copyright_id, True)


def test_a_foreign_signer_is_named_and_not_known_not_even_under_the_same_ca(tmp_path: Path) -> None:
    signed = sign(encode(tmp_path, ".wav"), ".wav")
    neighbour = AUTHORITY.issue(name="Neighbour")
    namesake = Authority("Example CA").issue()
    for known in ("", CHAIN.root, neighbour.certificates, namesake.certificates):
        found = read_credential(BytesIO(signed), known=known)
        assert found is not None
        assert (found.signer, found.is_intact, found.is_known) == ("Example, Example signer", True, False)


@pytest.mark.parametrize("use", [WEB_SERVERS, CODE])
def test_a_certificate_for_something_else_is_refused(tmp_path: Path, use: str) -> None:
    credential, plain = AUTHORITY.issue(use=use).credential, encode(tmp_path, ".wav")
    with pytest.raises(CredentialError, match="C2PA refuses to sign with this certificate"):
        sign_audio(plain, suffix=".wav", tags=TAGS, credential=credential)


def test_a_certificate_of_the_public_trust_list_signs_and_is_known(tmp_path: Path) -> None:
    chain = AUTHORITY.issue("es256", use=C2PA_CLAIMS)
    plain = encode(tmp_path, ".wav")
    signed = sign_audio(plain, suffix=".wav", tags=TAGS, credential=chain.credential)
    found = read_credential(BytesIO(signed), known=chain.certificates)
    assert found is not None
    assert (found.faults, found.is_known) == ((), True)


def test_the_key_is_in_no_log() -> None:
    assert "PRIVATE" not in repr(CHAIN.credential)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".flac", ".ogg"])
def test_files_without_one_damaged_and_foreign_files_have_none(tmp_path: Path, suffix: str) -> None:
    plain = encode(tmp_path, suffix)
    for data in (plain, b"", b"RIFF", b"ID3", plain[:60], plain[:5000], b"no sound at all" * 100):
        assert read_credential(BytesIO(data)) is None


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damage_within_the_credential_is_no_crash_and_never_another_claim(tmp_path: Path, suffix: str) -> None:
    signed = sign(encode(tmp_path, suffix), suffix)
    start, rng = signed.find(b"jumb"), np.random.default_rng(3)
    whole = read_credential(BytesIO(signed), known=CHAIN.certificates)
    for at in rng.integers(start, start + 2500, 80):  # some bytes, such as padding, mean nothing
        damaged = bytearray(signed)
        damaged[at] ^= 0xFF
        found = read_credential(BytesIO(damaged), known=CHAIN.certificates)
        assert found is None or found.faults or found == whole


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_two_signings_differ_and_what_was_kept_gives_the_first_one_again(tmp_path: Path, suffix: str) -> None:
    name, plain = f"audio/track{suffix}", encode(tmp_path, suffix)
    first = Sealer(sign)
    signed = first(plain, name, TAGS)
    assert Sealer(sign)(plain, name, TAGS) != signed
    kept = json.loads(json.dumps(first.to_json()))
    again = Sealer(_refuse_to_sign, kept=kept)
    assert again(plain, name, TAGS) == signed
    assert again.to_json() == kept
    assert len(kept[name]["head"]) + len(kept[name]["tail"]) < 12_000


def _refuse_to_sign(data: bytes, suffix: str, tags: Tags) -> bytes:
    raise AssertionError("signed anew")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_changed_or_damaged_remains_are_signed_anew(tmp_path: Path, suffix: str) -> None:
    name, plain = f"audio/track{suffix}", encode(tmp_path, suffix)
    first = Sealer(sign)
    first(plain, name, TAGS)
    kept = first.to_json()
    other = plain[:-7] + bytes([plain[-7] ^ 1]) + plain[-6:]
    damaged = {name: {**kept[name], "signed_sha256": "0" * 64}}
    for data, remains in ((other, kept), (plain, damaged)):
        again = Sealer(sign, kept=remains)
        found = read_credential(BytesIO(again(data, name, TAGS)))
        assert found is not None
        assert found.is_intact
        assert again.to_json() != remains


def test_other_formats_are_left_alone(tmp_path: Path) -> None:
    for suffix in (".flac", ".ogg"):
        plain = encode(tmp_path, suffix)
        assert Sealer(_refuse_to_sign)(plain, f"audio/track{suffix}", TAGS) == plain
