"""What a finished piece has in common with what the networks learned from, as JSON that is kept with it."""

from typing import Any

from generator.engine.originality.corpus_index import CorpusIndex, CorpusMatch, open_index
from generator.engine.originality.lines import Line, take_line
from generator.engine.originality.stretches import draw_stretch
from generator.engine.plan import Piece, Role
from generator.engine.score import Part

MOST_WORKS = 3
"""That a report names."""

Json = dict[str, Any]


def describe_borrowing(piece: Piece) -> Json:
    """The training works that are closest to the lead (without one, to the part that borrows most), and the longest
    stretch of every part. Bars are this piece's."""
    index = open_index()
    bar_ticks = piece.plan.metre.bar_ticks
    found = [(part, *_match(part, index=index)) for part in piece.sounding_parts() if part.notes]
    parts = [
        {
            "instrument": part.instrument,
            "role": str(part.role),
            "bars": round(matches[0].ticks / bar_ticks, 2) if matches else 0.0,
            "work": str(index.works[matches[0].work]) if matches else "",
        }
        for part, _, matches in found
    ]
    lead = max(found, key=lambda each: (each[0].role == Role.LEAD, each[2][0].ticks if each[2] else 0), default=None)
    if lead is None:
        return {"works": len(index.works), "instrument": "", "training": [], "parts": parts}
    part, line, matches = lead
    training = [_describe(match, line=line, part=part, bar_ticks=bar_ticks, index=index) for match in matches]
    return {"works": len(index.works), "instrument": part.instrument, "training": training, "parts": parts}


def _match(part: Part, *, index: CorpusIndex) -> tuple[Line, list[CorpusMatch]]:
    notes = [(note.onset, note.pitch) for note in part.notes]
    if part.role == Role.RHYTHM:
        return tuple(notes), index.match_drums(tuple(notes), most=MOST_WORKS)
    line = take_line(notes)
    return line, index.match_melody(line, most=MOST_WORKS)


def _describe(match: CorpusMatch, *, line: Line, part: Part, bar_ticks: int, index: CorpusIndex) -> Json:
    work = index.works[match.work]
    described: Json = {
        "title": work.title,
        "composer": work.composer,
        "source": work.source,
        "licence": work.licence,
        "bars": round(match.ticks / bar_ticks, 2),
        "notes": match.notes,
        "at_bar": line[match.first][0] // bar_ticks + 1,
        "work_bar": match.bar,
    }
    if part.role != Role.RHYTHM:
        described["picture"] = draw_stretch(
            line, first=match.first, notes=match.notes, bar_ticks=bar_ticks, other_pitch=match.pitch
        )
    return described
