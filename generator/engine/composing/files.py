"""A composition on disk: MIDI of the whole and of each part, the sound, and the record of how it came about."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.engine.composing.codec import encode_piece
from generator.engine.composing.piece import Composition
from generator.engine.errors import EngineError
from generator.engine.midi import write_midi
from generator.engine.plan import Piece

RECORD = "piece.json"


class OutputError(EngineError):
    """A folder that may not be written to."""

    code = "output_refused"


def check_folder(out: Path) -> None:
    """Refuse a file, and a folder with content that is not ours, before any work is done."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file. Name a new or empty folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / RECORD).is_file():
        raise OutputError(f"{out} holds files that are not a composition. Name a new or empty folder.")


def write_files(
    composition: Composition, *, out: Path, record: dict[str, Any], render: Callable[[Piece, Path], object] | None
) -> tuple[str, ...]:
    """Write everything beside `out` first and move it there when whole, so that an error leaves `out` as it was.

    `render` writes the sound of a piece into a folder. Returns the paths written, relative to `out`.
    """
    check_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _write_score(composition, folder=unfinished, record=record)
        if render is not None:
            render(composition.piece, unfinished)
        _move_files(unfinished, out=out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return tuple(sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()))


def _write_score(composition: Composition, *, folder: Path, record: dict[str, Any]) -> None:
    piece = composition.piece
    (folder / "parts").mkdir()
    (folder / "track.mid").write_bytes(write_midi(piece))
    for part in piece.parts:
        (folder / "parts" / f"{part.instrument}.mid").write_bytes(write_midi(piece, parts=[part]))
    text = json.dumps(record | {"piece": encode_piece(piece)}, separators=(",", ":"))
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")


def _move_files(unfinished: Path, *, out: Path) -> None:
    """Replace an earlier composition file by file; parts that the new one lacks go."""
    (out / "parts").mkdir(parents=True, exist_ok=True)
    kept = {path.name for path in (unfinished / "parts").iterdir()}
    for stale in (out / "parts").glob("*.mid"):
        if stale.name not in kept:
            stale.unlink()
    for path in sorted(unfinished.rglob("*")):
        if path.is_file():
            os.replace(path, out / path.relative_to(unfinished))
