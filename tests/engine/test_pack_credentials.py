"""Content Credentials in a pack: in every WAV and MP3 file, the same again after a loss, checked with the pack."""

import hashlib
import json
import zipfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import c2pa
import pytest
import soundfile
from django.core.management import CommandError, call_command

from generator.engine.audio.credentials import read_credential, sign_audio
from generator.engine.audio.tags import Tags
from generator.engine.delivery.pack import MANIFEST, PackReport, build_pack
from generator.engine.delivery.sealing import Sealer
from generator.engine.delivery.verify import examine_pack, read_manifest, verify_pack
from generator.engine.kit.files import write_kit_piece
from generator.engine.kit.versions import arrange_kit
from tests.certificates import Authority
from tests.engine.audio_pieces import make_piece
from tests.engine.kit_pieces import make_song

PIECE = make_piece("flute", "piano", seconds=4.0)
SONG = make_song("violin", "bass", form=(("A", 4), ("outro", 2)))
TAGS = Tags(title="Quiet Harbour", copyright_id="OT26-AAAA-BBBB-CC", licence="Exclusive", date="2026-01-02")
CHAIN = Authority("Studio CA").issue(name="Studio")
SIGNED = (".wav", ".mp3")


def sign(data: bytes, suffix: str, tags: Tags) -> bytes:
    return sign_audio(data, suffix=suffix, tags=tags, credential=CHAIN.credential)


@pytest.fixture(scope="module")
def sealer() -> Sealer:
    return Sealer(sign)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory, sealer: Sealer) -> PackReport:
    return build_pack(PIECE, out=tmp_path_factory.mktemp("pack") / "pack.zip", tags=TAGS, seal=sealer)


def read_members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, members: dict[str, bytes]) -> Path:
    """A pack whose manifest was made to fit its members again, as a forger would."""
    manifest = json.loads(members[MANIFEST])
    for file in manifest["document"]["files"]:
        content = members[file["name"]]
        file |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, MANIFEST: json.dumps(manifest).encode()}.items():
            archive.writestr(name, content)
    return path


def test_another_reader_finds_every_wav_and_mp3_valid(pack: PackReport) -> None:
    signed = {name: data for name, data in read_members(pack.path).items() if name.endswith(SIGNED)}
    assert len([name for name in signed if name.startswith("audio/")]) == 7
    context = c2pa.Context.from_dict({"trust": {"user_anchors": CHAIN.root}})
    for name, data in signed.items():
        kind = "audio/wav" if name.endswith(".wav") else "audio/mpeg"
        with c2pa.Reader(kind, BytesIO(data), context=context) as reader:
            assert reader.get_validation_state() == "Trusted", name
            manifest = reader.get_active_manifest()
        actions = next(each["data"] for each in manifest["assertions"] if each["label"] == "c2pa.actions.v2")
        assert actions["actions"][0]["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
        assert manifest["title"].startswith(TAGS.title)


def test_every_wav_of_a_kit_has_one_under_its_own_title(tmp_path: Path) -> None:
    version = next(version for version in arrange_kit(SONG) if version.name == "sting")
    list(write_kit_piece(version, out=tmp_path, tags=TAGS, seal=Sealer(sign)))
    with (tmp_path / "kit/sting.wav").open("rb") as file:
        found = read_credential(file, known=CHAIN.certificates)
    assert found is not None
    assert (found.faults, found.is_known, found.title) == ((), True, version.piece.title)


def test_what_is_reported_is_what_stands_in_the_signed_file(pack: PackReport) -> None:
    members = read_members(pack.path)
    for found in pack.measurements:
        info = soundfile.info(BytesIO(members[found.path]))
        assert info.frames == found.frames
    assert pack.residual_dbfs < -90


def test_a_lost_pack_comes_back_to_the_byte_only_with_what_was_kept(
    pack: PackReport, sealer: Sealer, tmp_path: Path
) -> None:
    kept = json.loads(json.dumps(sealer.to_json()))
    again = build_pack(PIECE, out=tmp_path / "again.zip", tags=TAGS, seal=Sealer(sign, kept=kept))
    assert again.sha256 == pack.sha256
    without = build_pack(PIECE, out=tmp_path / "without.zip", tags=TAGS, seal=Sealer(sign))
    assert without.sha256 != pack.sha256
    names = {file["name"]: file["sha256"] for file in without.manifest["document"]["files"]}
    differing = {file["name"] for file in pack.manifest["document"]["files"] if file["sha256"] != names[file["name"]]}
    assert differing == set(kept)


def test_verifying_says_who_signed_and_whether_that_is_known(pack: PackReport, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [], "credential_certificates": CHAIN.certificates}))
    count = sum(file["name"].endswith(SIGNED) for file in read_manifest(pack.path)["document"]["files"])
    assert verify(pack.path, "--keys", str(keys)) == (
        f"Content Credentials of {count} files are intact, signed by Example, Studio (known)."
    )
    keys.write_text(json.dumps({"keys": [], "credential_certificates": Authority("Studio CA").issue().certificates}))
    assert "signed by Example, Studio (not one of the --keys)" in verify(pack.path, "--keys", str(keys))
    assert "signed by Example, Studio (not compared with any --keys)" in verify(pack.path)


def verify(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("verify_pack", str(path), *options, stdout=out)
    return out.getvalue().splitlines()[-1]


@pytest.mark.parametrize("content", ['{"keys": []}', "no JSON", "[]"])
def test_keys_that_are_none_are_named(pack: PackReport, tmp_path: Path, content: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(content)
    with pytest.raises(CommandError, match=r"keys\.json: not a keys\.json with credential_certificates") as failure:
        call_command("verify_pack", str(pack.path), "--keys", str(keys))
    assert failure.value.returncode == 2


def test_sound_that_was_changed_is_named_although_the_manifest_was_made_to_fit(
    pack: PackReport, tmp_path: Path
) -> None:
    members, name = read_members(pack.path), "audio/track-48k.wav"
    changed = bytearray(members[name])
    changed[len(changed) // 2] ^= 1
    copy = write_members(tmp_path / "forged.zip", {**members, name: bytes(changed)})
    assert verify_pack(copy) == [f"{name}: its Content Credential does not fit it: assertion.dataHash.mismatch"]
    assert verify_pack(write_members(tmp_path / "same.zip", members)) == []


def test_a_file_that_lost_its_credential_is_counted(pack: PackReport, tmp_path: Path) -> None:
    members, name = read_members(pack.path), "audio/track-320.mp3"
    bare = members[name][: members[name].index(b"GEOB")]
    copy = write_members(tmp_path / "bare.zip", {**members, name: bare})
    assert examine_pack(copy).credentials[name] is None
    assert verify(copy) == "1 WAV and MP3 files carry no Content Credential."


def test_without_a_signer_no_file_is_changed(tmp_path: Path) -> None:
    seen: list[Any] = []

    def note(data: bytes, name: str, tags: Tags) -> bytes:
        seen.append((name, tags))
        return data

    noted = build_pack(PIECE, out=tmp_path / "noted.zip", tags=TAGS, seal=note, with_kit=False)
    plain = build_pack(PIECE, out=tmp_path / "plain.zip", tags=TAGS, with_kit=False)
    assert noted.sha256 == plain.sha256
    assert {name for name, _ in seen} == {found.path for found in noted.measurements}
    assert not any(examine_pack(plain.path).credentials.values())
