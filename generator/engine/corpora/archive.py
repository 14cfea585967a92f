"""Opening a MusicXML file, packed (.mxl) or plain, without letting it fill the memory."""

import io
import zipfile
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element
from xml.parsers import expat

from generator.engine.errors import CorpusError

MAXIMUM_BYTES = 64_000_000
"""Unpacked; the largest quartet holds 12 MB. A zip bomb is refused before it is unpacked."""


def open_musicxml(data: bytes) -> Element:
    """The root of the score. Damaged, oversized or with declarations of its own: a CorpusError that says which."""
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
    scan = expat.ParserCreate()
    scan.StartDoctypeDeclHandler = _refuse_declarations
    try:
        scan.Parse(xml, True)
        return ET.fromstring(xml)  # noqa: S314 - bounded in size, and without declarations by the scan before
    except (expat.ExpatError, ET.ParseError) as error:
        raise CorpusError(f"Damaged MusicXML: {error}") from error


def _refuse_declarations(name: str, system: str | None, public: str | None, has_own: int) -> None:
    """MusicXML names a DTD, which is not fetched. Entities and default attributes of a document's own could make the
    tree a hundred times its size; asked of the parser, for the bytes that declare them depend on the encoding."""
    if has_own:
        raise CorpusError("MusicXML that declares entities or attributes of its own is not read.")
