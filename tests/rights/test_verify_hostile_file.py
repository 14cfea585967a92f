"""/verify/file/: hostile files and garbage are answered in words, within bounded time."""

import json
import struct
import time
import zipfile
from io import BytesIO

import pytest

from marketplace.rights.audit import EXPORT_FORMAT
from marketplace.rights.dropped import KEPT
from tests.rights.conftest import drop

pytestmark = pytest.mark.any_database


def endless_midi() -> bytes:
    """A note whose end is 2^28 quarters away."""
    track = b"\x00\x90\x3c\x40" + b"\xff\xff\xff\x7f\x80\x3c\x00" * 8 + b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 1) + b"MTrk" + struct.pack(">I", len(track)) + track


def crowded_midi() -> bytes:
    """As many notes as fit."""
    track = b"\x01\x90\x3c\x40\x01\x80\x3c\x00" * 200_000 + b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track


def crowded_musicxml() -> bytes:
    """A score as large as is unpacked, packed: notes that differ a little, so that it does not look like a bomb."""
    note = "<note><pitch><step>{}</step><octave>{}</octave></pitch><duration>{}</duration></note>"
    notes = "".join(note.format("CDEFGAB"[i * i % 7], 3 + i * 7 % 3, 1 + i * i % 5) for i in range(80_000))
    head = '<score-partwise><part-list><score-part id="P1"><part-name>P</part-name></score-part></part-list>'
    text = f'{head}<part id="P1"><measure><attributes><divisions>4</divisions></attributes>{notes}</measure></part>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", text + "</score-partwise>")
    return out.getvalue()


@pytest.mark.parametrize("make", [endless_midi, crowded_midi, crowded_musicxml])
def test_hostile_score_is_answered_in_bounded_time(client, db, make) -> None:
    content = make()
    started = time.process_time()
    status, _ = drop(client, content)
    assert status in (200, 400)
    assert time.process_time() - started < 10


def bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", b" " * 20_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\0" * 100, "no file that we can read"),
        (b"plain text", "no file that we can read"),
        (b"MThd" + bytes(50), "cannot be read"),
        (b"<score-partwise>", "cannot be read"),
        (b"<html></html>", "cannot be read"),
        (b"<a>" * 100_000, "cannot be read"),
        (b"PK\x03\x04garbage", "archive is damaged"),
        (b"{" * 100_000, "neither a certificate nor"),
        (b"[" * 10, "no file that we can read"),
        (b"MThd" + bytes(KEPT), "is not compared"),
        (bomb().replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\x63"), "archive is damaged"),
        (bomb(), "unpacks to far more than a score would"),
    ],
    ids=range(13),
)
def test_garbage_is_refused_in_words(client, db, content: bytes, said: str) -> None:
    status, text = drop(client, content, "<script>.mid")
    assert (status, said in text) == (400, True), text[-900:]
    assert "<script>.mid" not in text


@pytest.mark.parametrize("key_id", ["\ud800", "\0", "\n" + "0" * 15, "0" * 17, "é" * 16, 7, ["\ud800"], {}, None])
@pytest.mark.parametrize("wrapping", ["certificate", "pdf", "export"])
def test_a_key_that_could_not_be_ours_signed_nothing_here(client, db, wrapping: str, key_id: object) -> None:
    envelope = {"document": {"signed_at": "2027"}, "signature": {"key_id": key_id, "value": ""}}
    export = [{"format": EXPORT_FORMAT}, {"head": envelope}]
    content = {
        "certificate": json.dumps(envelope),
        "pdf": f"%PDF-1.4 /Type /EmbeddedFile >> stream\n{json.dumps(envelope)}\nendstream",
        "export": "\n".join(json.dumps(row) for row in export),
    }[wrapping]
    said = {
        "certificate": "No key of ours made this signature",
        "pdf": "This PDF is none of ours",
        "export": "Altered: A signed document is not genuine. No key of ours",
    }[wrapping]
    status, text = drop(client, content.encode())
    assert (status, said in text) == (200, True), text[-900:]
