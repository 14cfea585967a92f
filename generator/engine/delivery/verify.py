"""Checks a pack offline: every member is there, none is strange, and each is what manifest and credential say."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

from generator.engine.audio.credentials import CREDENTIAL_TYPES, CredentialFinding, read_credential
from generator.engine.delivery.pack import FORMAT, FORMAT_VERSION, MANIFEST
from generator.engine.errors import PackError

MOST_MEMBERS = 1000
MOST_MANIFEST_BYTES = 4_000_000
MOST_SOUND_BYTES = 1 << 28
"""Of a file whose credential is read: a quarter of an hour of WAV."""
_BLOCK = 1 << 20
_ENCRYPTED_OR_PATCHED = 0x0001 | 0x0020 | 0x0040
"""Bits of a member's flags (APPNOTE 4.4.4) that make zipfile ask for a password or give up."""

_DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,  # zipfile's word for a member that asks for a newer ZIP version than 6.3; a test provokes it
    KeyError,
    TypeError,
    ValueError,
    RecursionError,
)
"""What a file that is no ZIP, or a manifest that is no manifest, makes zipfile and json raise."""


def read_manifest(path: Path) -> Mapping[str, Any]:
    """The manifest as it stands in the pack. PackError for what is no pack."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise PackError(f"{path.name}: more than {MOST_MEMBERS} members. It is no pack of ours.")
            if not _is_plain(archive.getinfo(MANIFEST)):
                raise PackError(f"{path.name}: its manifest is compressed or encrypted. It is no pack of ours.")
            if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
                raise PackError(f"{path.name}: its manifest is too large. It is no pack of ours.")
            manifest = json.loads(archive.read(MANIFEST))
            document = manifest["document"]
            known = document["format"] == FORMAT and document["version"] == FORMAT_VERSION
            listed = [(str(file["name"]), int(file["size"]), str(file["sha256"])) for file in document["files"]]
    except OSError as error:
        raise PackError(f"{path.name}: it cannot be read ({error.strerror}). Name a pack.zip.") from error
    except _DAMAGED as error:
        raise PackError(f"{path.name}: it is no pack, or its directory or manifest is damaged.") from error
    if not known or not listed:
        raise PackError(f"{path.name}: a manifest of another format. This version reads {FORMAT} {FORMAT_VERSION}.")
    return dict(manifest)


@dataclass(frozen=True, slots=True)
class Examination:
    differences: tuple[str, ...]
    """From the manifest, and of sound from its credential, a line for each; empty for a whole pack."""
    credentials: Mapping[str, CredentialFinding | None]
    """Of every member that is whole and of a kind that carries one: None for those without."""


def verify_pack(path: Path) -> list[str]:
    """What is wrong with a pack, a line for each; empty for a whole one. PackError for what is no pack."""
    return list(examine_pack(path).differences)


def examine_pack(path: Path, *, known: str = "") -> Examination:
    """What differs, and who signed the sound. `known` is as for `read_credential`. PackError."""
    files = read_manifest(path)["document"]["files"]
    try:
        with zipfile.ZipFile(path) as archive:
            differences = list(_list_differences(archive, files=files))
            whole = {file["name"] for file in files} - {name for name, _ in differences}
            signed = sorted(name for name in whole if PurePath(name).suffix in CREDENTIAL_TYPES)
            found = {name: _read_credential(archive, name, known=known) for name in signed}
    except OSError as error:
        raise PackError(f"{path.name}: it cannot be read to its end ({error.strerror}).") from error
    broken = [
        f"{name}: its Content Credential does not fit it: {', '.join(credential.faults)}"
        for name, credential in found.items()
        if credential and credential.faults
    ]
    return Examination((*(f"{name}: {what}" for name, what in differences), *broken), found)


def _read_credential(archive: zipfile.ZipFile, name: str, *, known: str) -> CredentialFinding | None:
    if archive.getinfo(name).file_size > MOST_SOUND_BYTES:
        return CredentialFinding(signer="", faults=("unreadable (the file is too large)",), is_known=False)
    return read_credential(BytesIO(archive.read(name)), known=known)


def _list_differences(archive: zipfile.ZipFile, *, files: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Each with the name of its member."""
    listed = {file["name"]: file for file in files}
    present = [info.filename for info in archive.infolist()]
    for name in sorted({name for name in present if present.count(name) > 1}):
        yield name, "stands in the pack more than once"
    for name in sorted(set(present) - set(listed) - {MANIFEST}):
        yield name, "is not in the manifest"
    for name, file in listed.items():
        if name not in present:
            yield name, "missing"
        elif not _is_plain(archive.getinfo(name)):
            yield name, "compressed or encrypted, which no member of ours is"
        elif archive.getinfo(name).file_size != file["size"]:
            yield name, f"{archive.getinfo(name).file_size} bytes instead of {file['size']}"
        elif _digest(archive, name) != file["sha256"]:
            yield name, "its content differs"


def _is_plain(member: zipfile.ZipInfo) -> bool:
    """Stored as it is, like every member of ours: nothing else is unpacked, so nothing can swell or want a password."""
    return member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & _ENCRYPTED_OR_PATCHED


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    """Empty where the archive's own checks fail: a wrong checksum, a header that lies, an end that is missing."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while block := member.read(_BLOCK):
                digest.update(block)
    except (zipfile.BadZipFile, EOFError, ValueError):
        return ""
    return digest.hexdigest()
