"""Checks a pack offline: every member is there, none is strange, and each is what the manifest says."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.engine.delivery.pack import FORMAT, FORMAT_VERSION, MANIFEST
from generator.engine.errors import PackError

MOST_MEMBERS = 1000
MOST_MANIFEST_BYTES = 4_000_000
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


def verify_pack(path: Path) -> list[str]:
    """What differs from the manifest, a line for each; empty for a whole pack. PackError for what is no pack."""
    document = read_manifest(path)["document"]
    try:
        with zipfile.ZipFile(path) as archive:
            return list(_list_differences(archive, files=document["files"]))
    except OSError as error:
        raise PackError(f"{path.name}: it cannot be read to its end ({error.strerror}).") from error


def _list_differences(archive: zipfile.ZipFile, *, files: list[dict[str, Any]]) -> Iterator[str]:
    listed = {file["name"]: file for file in files}
    present = [info.filename for info in archive.infolist()]
    for name in sorted({name for name in present if present.count(name) > 1}):
        yield f"{name}: stands in the pack more than once"
    for name in sorted(set(present) - set(listed) - {MANIFEST}):
        yield f"{name}: is not in the manifest"
    for name, file in listed.items():
        if name not in present:
            yield f"{name}: missing"
        elif not _is_plain(archive.getinfo(name)):
            yield f"{name}: compressed or encrypted, which no member of ours is"
        elif archive.getinfo(name).file_size != file["size"]:
            yield f"{name}: {archive.getinfo(name).file_size} bytes instead of {file['size']}"
        elif _digest(archive, name) != file["sha256"]:
            yield f"{name}: its content differs"


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
