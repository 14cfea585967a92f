"""Opening a MusicXML file, packed (.mxl) or plain, without letting it fill the memory."""

import io
import zipfile
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from generator.engine.errors import CorpusError

MAXIMUM_BYTES = 64_000_000
"""Unpacked; the largest quartet holds 12 MB. A zip bomb is refused before it is unpacked."""


def open_musicxml(data: bytes) -> Element:
    """The root of the score. Damaged, oversized or with entity declarations: a CorpusError that says which."""
    return _parse(_unpack(data))


def _unpack(data: bytes) -> bytes:
    if data[:2] != b"PK":
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            scores = [n for n in infos if n.endswith((".xml", ".musicxml")) and not n.startswith("META-INF")]
            if len(scores) != 1:
                raise CorpusError(f"The archive holds {len(scores)} scores, not one.")
            if infos[scores[0]].file_size > MAXIMUM_BYTES:
                size = infos[scores[0]].file_size
                raise CorpusError(f"The score unpacks to {size} bytes: at most {MAXIMUM_BYTES} are read.")
            with archive.open(scores[0]) as stream:
                return stream.read(MAXIMUM_BYTES + 1)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError) as error:
        raise CorpusError(f"Damaged .mxl archive: {error}") from error


def _parse(xml: bytes) -> Element:
    if len(xml) > MAXIMUM_BYTES:
        raise CorpusError(f"MusicXML above {MAXIMUM_BYTES} bytes.")
    if b"<!ENTITY" in xml:
        raise CorpusError("MusicXML that declares entities is not read.")
    try:
        return ET.fromstring(xml)  # noqa: S314 - bounded in size, and without entities above
    except ET.ParseError as error:
        raise CorpusError(f"Damaged MusicXML: {error}") from error
