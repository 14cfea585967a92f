"""Plans, parts and pieces as plain JSON: exact, versioned, what jobs pass on and what the database keeps.

A note is the list [onset, pitch, duration, velocity, micro]; a chord is its index, `NO_CHORD` for none.
"""

from collections.abc import Mapping
from typing import Any

from generator.engine.errors import EngineError
from generator.engine.plan import (
    NO_CHORD,
    Chord,
    Key,
    Metre,
    Mode,
    Piece,
    Plan,
    Section,
)
from generator.engine.score import Note, Part

SCORE_VERSION = 1

Json = dict[str, Any]


class ScoreFormatError(EngineError):
    """Stored JSON that is no score of a version this engine reads."""

    code = "score_format"


def encode_plan(plan: Plan) -> Json:
    return {
        "version": SCORE_VERSION,
        "style": plan.style,
        "mood": plan.mood,
        "key": {"tonic": plan.key.tonic, "mode": str(plan.key.mode)},
        "metre": [plan.metre.numerator, plan.metre.denominator],
        "tempo": plan.tempo,
        "length": plan.length,
        "sections": [[section.name, section.start_bar, section.bars, section.energy] for section in plan.sections],
        "chords": [NO_CHORD if chord is None else chord.index for chord in plan.chords],
        "energies": list(plan.energies),
        "hits": list(plan.hits),
        "density": plan.density,
        "is_drawn": plan.is_drawn,
    }


def decode_plan(data: Mapping[str, Any]) -> Plan:
    _check_version(data, what="plan")
    try:
        return Plan(
            style=data["style"],
            mood=data["mood"],
            key=Key(tonic=data["key"]["tonic"], mode=Mode(data["key"]["mode"])),
            metre=Metre(*data["metre"]),
            tempo=data["tempo"],
            length=data["length"],
            sections=tuple(Section(*section) for section in data["sections"]),
            chords=tuple(None if index == NO_CHORD else Chord.from_index(index) for index in data["chords"]),
            energies=tuple(data["energies"]),
            hits=tuple(data.get("hits", ())),
            density=data.get("density", 1.0),
            is_drawn=data.get("is_drawn", False),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ScoreFormatError(f"This is not a stored plan: {error!r}.") from error


def encode_part(part: Part) -> Json:
    notes = [[note.onset, note.pitch, note.duration, note.velocity, note.micro] for note in part.notes]
    chosen = {"sound": part.sound} if part.sound else {}
    return {
        "version": SCORE_VERSION,
        "instrument": part.instrument,
        "role": str(part.role),
        "notes": notes,
        **chosen,
    }


def decode_part(data: Mapping[str, Any]) -> Part:
    _check_version(data, what="part")
    try:
        notes = tuple(Note(*map(int, note)) for note in data["notes"])
        return Part(instrument=data["instrument"], role=data["role"], notes=notes, sound=str(data.get("sound", "")))
    except (KeyError, TypeError, ValueError) as error:
        raise ScoreFormatError(f"This is not a stored part: {error!r}.") from error


def encode_piece(piece: Piece) -> Json:
    return {
        "version": SCORE_VERSION,
        "title": piece.title,
        "source": piece.source,
        "plan": encode_plan(piece.plan),
        "parts": [encode_part(part) for part in piece.parts],
    }


def decode_piece(data: Mapping[str, Any]) -> Piece:
    _check_version(data, what="piece")
    try:
        parts = tuple(decode_part(part) for part in data["parts"])
        return Piece(
            plan=decode_plan(data["plan"]),
            parts=parts,
            title=data["title"],
            source=data["source"],
        )
    except (KeyError, TypeError) as error:
        raise ScoreFormatError(f"This is not a stored piece: {error!r}.") from error


def _check_version(data: Mapping[str, Any], *, what: str) -> None:
    version = data.get("version") if isinstance(data, Mapping) else None
    if version != SCORE_VERSION:
        raise ScoreFormatError(
            f"A stored {what} of version {version!r} cannot be read; this engine reads {SCORE_VERSION}."
        )
