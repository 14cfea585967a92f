"""What is no pack of ours, or holds members that are none, is named or refused, and not unpacked."""

import hashlib
import json
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generator.engine.delivery.pack import FORMAT, FORMAT_VERSION, MANIFEST
from generator.engine.delivery.verify import verify_pack
from generator.engine.errors import PackError


def write_small_pack(path: Path, *, compression: int = zipfile.ZIP_STORED) -> None:
    """A pack of one file that its manifest describes rightly."""
    body = bytes(range(256)) * 40
    file = {"name": "a.bin", "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    document = {"format": FORMAT, "version": FORMAT_VERSION, "files": [file]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, json.dumps({"document": document}))
        archive.writestr("a.bin", body, compress_type=compression)


def set_encrypted_flag(path: Path) -> None:
    """Of the last member, in its own header and in the directory."""
    with zipfile.ZipFile(path) as archive:
        header = archive.infolist()[-1].header_offset
    data = bytearray(path.read_bytes())
    data[header + 6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def test_a_compressed_member_is_named_and_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    write_small_pack(path)
    assert verify_pack(path) == []
    write_small_pack(path, compression=zipfile.ZIP_DEFLATED)
    assert verify_pack(path) == ["a.bin: compressed or encrypted, which no member of ours is"]


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    write_small_pack(path)
    set_encrypted_flag(path)
    assert verify_pack(path) == ["a.bin: compressed or encrypted, which no member of ours is"]


def _bad_files() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "text", b"no archive"
    stranger = BytesIO()
    with zipfile.ZipFile(stranger, "w") as archive:
        archive.writestr(MANIFEST, '{"document": {"format": "other", "version": 1}}')
    yield "stranger", stranger.getvalue()
    shapeless = BytesIO()
    with zipfile.ZipFile(shapeless, "w") as archive:
        archive.writestr(MANIFEST, '{"document": {"format": "onetake-pack", "version": 1, "files": [{"name": 1}]}}')
    yield "shapeless", shapeless.getvalue()
    deep = BytesIO()
    with zipfile.ZipFile(deep, "w") as archive:
        archive.writestr(MANIFEST, "[" * 100_000)
    yield "deep", deep.getvalue()
    newer = bytearray(stranger.getvalue())
    directory = newer.index(b"PK\x01\x02")
    newer[directory + 6 : directory + 8] = struct.pack("<H", 99)  # the ZIP version needed to read the member: 9.9
    yield "newer", bytes(newer)


@pytest.mark.parametrize(("name", "content"), list(_bad_files()))
def test_what_is_no_pack_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.zip"
    path.write_bytes(content)
    with pytest.raises(PackError):
        verify_pack(path)
    with pytest.raises(CommandError) as failure:
        call_command("verify_pack", str(path))
    assert failure.value.returncode == 2


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read"):
        verify_pack(tmp_path / "none.zip")
