"""Songs and string quartets: which part of a MusicXML score plays what."""

import re
from collections.abc import Sequence

from generator.engine.corpora.musicxml import XmlPart, XmlScore, read_musicxml
from generator.engine.corpora.source import SourceScore, SourceVoice
from generator.engine.errors import CorpusError
from generator.engine.plan import Role

_PIANO = re.compile(r"pian|klavier|clavier|begleitung|keyboard|harpsichord|cembalo|pf|pft", re.IGNORECASE)
_QUARTET = (("violin", Role.LEAD), ("violin", Role.COUNTER), ("viola", Role.COUNTER), ("cello", Role.BASS))
_STRING_NAMES = (
    r"viol(in|on)|geige|primo|v[ln]",
    r"viol(in|on)|geige|secondo|v[ln]",
    r"vio?la|alto|bratsche|br",
    r"cello|b[ae]ss",
)


def read_song(data: bytes) -> SourceScore:
    """A song: the first part that is sung is the lead, both staves of the piano are the harmony."""
    score = read_musicxml(data)
    piano = next((part for part in score.parts if _is_piano(part)), None)
    voice = next((part for part in score.parts if part is not piano and part.has_lyrics and part.notes), None)
    if piano is None or voice is None:
        raise CorpusError(f"No singer with a piano among: {_name_parts(score.parts)}.")
    voices = (
        SourceVoice(instrument="voice", role=Role.LEAD, notes=voice.notes),
        SourceVoice(instrument="piano", role=Role.HARMONY, notes=piano.notes),
    )
    return _build_score(score, voices=voices, style="art-song")


def read_quartet(data: bytes) -> SourceScore:
    """A string quartet: two violins, viola, cello, from the top."""
    score = read_musicxml(data)
    if len(score.parts) != 4 or not _are_strings(score.parts):
        raise CorpusError(f"Not two violins, viola and cello: {_name_parts(score.parts)}.")
    voices = tuple(
        SourceVoice(instrument=instrument, role=role, notes=part.notes)
        for (instrument, role), part in zip(_QUARTET, score.parts, strict=True)
    )
    return _build_score(score, voices=voices, style="classical")


def _build_score(score: XmlScore, *, voices: tuple[SourceVoice, ...], style: str) -> SourceScore:
    return SourceScore(
        title=score.title, style=style, voices=voices, bars=tuple(score.bars), tempos=tuple(score.tempos)
    )


def _is_piano(part: XmlPart) -> bool:
    return part.staves == 2 or part.sound.startswith("keyboard") or bool(_PIANO.search(part.name))


def _are_strings(parts: Sequence[XmlPart]) -> bool:
    return all(
        not part.name or re.search(name, part.name, re.IGNORECASE)
        for part, name in zip(parts, _STRING_NAMES, strict=True)
    )


def _name_parts(parts: Sequence[XmlPart]) -> str:
    return ", ".join(part.name or "(unnamed)" for part in parts) or "no parts"
