"""The score in every form: MIDI, MusicXML, engraved pages, piano roll; of the whole and of each part."""

from collections.abc import Iterator
from pathlib import Path

from generator.engine.audio.encoding import write_draft
from generator.engine.audio.tags import AI_NOTICE, TOOL, Tags
from generator.engine.midi import write_midi
from generator.engine.notation.engraving import engrave
from generator.engine.notation.musicxml import write_musicxml
from generator.engine.notation.pdf import write_pdf
from generator.engine.notation.pianoroll import draw_piano_roll, write_roll_png, write_roll_svg
from generator.engine.plan import Piece
from generator.engine.score import Part


def write_papers(piece: Piece, *, out: Path, tags: Tags) -> list[str]:
    """Writes score/… and parts/… under `out`; returns their names in order."""
    names = []
    for name, data in _list_papers(piece, tags=tags):
        write_draft(out / name, data)
        names.append(name)
    return names


def _list_papers(piece: Piece, *, tags: Tags) -> Iterator[tuple[str, bytes]]:
    yield from _list_sheets(piece, parts=None, stem="score/score", tags=tags)
    roll = draw_piano_roll(piece)
    yield "score/piano-roll.png", write_roll_png(roll)
    yield "score/piano-roll.svg", write_roll_svg(roll, title=piece.title)
    for name, part in _name_parts(piece).items():
        yield from _list_sheets(piece, parts=(part,), stem=f"parts/{name}", tags=tags)


def _name_parts(piece: Piece) -> dict[str, Part]:
    """Key-normalised parts under the names that their stems have."""
    named: dict[str, Part] = {}
    for part in piece.parts:
        if part.notes:
            same = sum(other.instrument == part.instrument for other in named.values())
            named[f"{part.instrument}-{same + 1}" if same else part.instrument] = part
    return named


def _list_sheets(piece: Piece, *, parts: tuple[Part, ...] | None, stem: str, tags: Tags) -> Iterator[tuple[str, bytes]]:
    notice = " ".join(text for text in (tags.copyright_id, tags.licence_url) if text)
    footer = "  ·  ".join(text for text in (tags.copyright_id, f"{AI_NOTICE} with {TOOL}") if text)
    yield f"{stem}.mid", write_midi(piece, parts=parts, notice=notice)
    musicxml = write_musicxml(piece, parts=parts, rights=notice)
    yield f"{stem}.musicxml", musicxml
    pages = engrave(musicxml)
    yield f"{stem}.pdf", write_pdf(pages, title=piece.title, footer=footer)
    for number, page in enumerate(pages, start=1):
        yield f"{stem}-{number:02}.svg", page.encode()
