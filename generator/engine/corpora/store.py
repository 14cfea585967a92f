"""Readings kept on disk: a compressed array of notes and a JSON header per file. No pickle, so nothing can run."""

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from generator.engine.plan import Chord, Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part

Works = list[list[Piece]]


def write_works(works: Works, *, path: Path) -> None:
    """Write beside, then replace: a reader never sees half a file."""
    notes = [_list_note(note) for work in works for piece in work for part in piece.parts for note in part.notes]
    header = json.dumps([[_pack_piece(piece) for piece in work] for work in works], separators=(",", ":"))
    buffer = io.BytesIO()
    array = np.array(notes, dtype=np.int32).reshape(-1, 5)
    np.savez_compressed(buffer, header=np.frombuffer(header.encode(), dtype=np.uint8), notes=array)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    beside.write_bytes(buffer.getvalue())
    os.replace(beside, path)


def read_works(path: Path) -> Works:
    with np.load(path, allow_pickle=False) as stored:
        header = json.loads(stored["header"].tobytes())
        rows = iter([Note(*row) for row in stored["notes"].tolist()])
    return [[_unpack_piece(packed, rows=rows) for packed in work] for work in header]


def _list_note(note: Note) -> tuple[int, int, int, int, int]:
    return note.onset, note.pitch, note.duration, note.velocity, note.micro


def _pack_piece(piece: Piece) -> dict[str, Any]:
    plan = piece.plan
    return {
        "title": piece.title,
        "source": piece.source,
        "style": plan.style,
        "key": [plan.key.tonic, plan.key.mode],
        "metre": [plan.metre.numerator, plan.metre.denominator],
        "tempo": plan.tempo,
        "length": plan.length,
        "sections": [[each.name, each.start_bar, each.bars] for each in plan.sections],
        "chords": [-1 if chord is None else chord.index for chord in plan.chords],
        "parts": [[part.instrument, part.role, len(part.notes)] for part in piece.parts],
    }


def _unpack_piece(packed: dict[str, Any], *, rows: Any) -> Piece:
    metre = Metre(*packed["metre"])
    plan = Plan(
        style=packed["style"],
        mood="",
        key=Key(tonic=packed["key"][0], mode=Mode(packed["key"][1])),
        metre=metre,
        tempo=packed["tempo"],
        length=packed["length"],
        sections=tuple(
            Section(name=n, start_bar=start, bars=bars, energy=0.0) for n, start, bars in packed["sections"]
        ),
        chords=tuple(None if index < 0 else Chord.from_index(index) for index in packed["chords"]),
        energies=(0.0,) * -(-packed["length"] // metre.bar_ticks),
    )
    parts = tuple(
        Part(instrument=instrument, role=role, notes=tuple(next(rows) for _ in range(count)))
        for instrument, role, count in packed["parts"]
    )
    return Piece(plan=plan, parts=parts, title=packed["title"], source=packed["source"])
