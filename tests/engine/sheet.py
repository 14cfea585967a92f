"""Small MusicXML scores, written in code for tests."""

import io
import zipfile
from collections.abc import Sequence


def note(pitch: str, duration: int, *, extra: str = "", chord: bool = False) -> str:
    """A note such as 'C4' or 'F#5', or a rest ('r'); `extra` goes in behind the duration."""
    if pitch == "r":
        return f"<note><rest/><duration>{duration}</duration></note>"
    alter = "<alter>1</alter>" if "#" in pitch else "<alter>-1</alter>" if "b" in pitch else ""
    name = f"<pitch><step>{pitch[0]}</step>{alter}<octave>{pitch[-1]}</octave></pitch>"
    return f"<note>{'<chord/>' if chord else ''}{name}<duration>{duration}</duration>{extra}</note>"


def attributes(*, divisions: int = 1, fifths: int = 0, metre: str = "4/4", extra: str = "") -> str:
    beats, unit = metre.split("/")
    time = f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>"
    return (
        f"<attributes><divisions>{divisions}</divisions><key><fifths>{fifths}</fifths></key>{time}{extra}</attributes>"
    )


def mark(name: str) -> str:
    """A dynamics mark."""
    return f"<direction><direction-type><dynamics><{name}/></dynamics></direction-type></direction>"


def wedge(kind: str) -> str:
    return f'<direction><direction-type><wedge type="{kind}"/></direction-type></direction>'


def tempo(quarters_per_minute: float) -> str:
    words = "<direction-type><words>x</words></direction-type>"
    return f'<direction>{words}<sound tempo="{quarters_per_minute}"/></direction>'


FINAL = "<barline><bar-style>light-heavy</bar-style></barline>"
LYRIC = "<lyric><text>la</text></lyric>"


def score(parts: dict[str, Sequence[str]], *, title: str = "Try") -> bytes:
    """A score of named parts, each a list of measures."""
    listed = "".join(
        f'<score-part id="P{index}"><part-name>{name}</part-name></score-part>' for index, name in enumerate(parts)
    )
    bodies = "".join(
        f'<part id="P{index}">{"".join(f"<measure>{measure}</measure>" for measure in measures)}</part>'
        for index, measures in enumerate(parts.values())
    )
    head = f"<work><work-title>{title}</work-title></work><part-list>{listed}</part-list>"
    return f'<?xml version="1.0"?><score-partwise version="4.0">{head}{bodies}</score-partwise>'.encode()


def pack(xml: bytes, *, names: Sequence[str] = ("score.xml",)) -> bytes:
    """The score as .mxl."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        for name in names:
            archive.writestr(name, xml)
    return buffer.getvalue()
