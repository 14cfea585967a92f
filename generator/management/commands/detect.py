"""`manage.py detect FILE`: does a recording carry our signed statement, and does its sound carry our mark?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.audio.tags import read_statement
from generator.engine.errors import UnreadableSoundError
from marketplace.errors import InvalidInputError
from marketplace.rights.marks import MarkFinding, look_for_mark
from marketplace.rights.signing import check_envelope

_NOT_FOUND, _ALTERED, _UNREADABLE = 1, 2, 3


class Command(BaseCommand):
    help = (
        "Look for the signed AI statement in a file's tags and for the inaudible mark in its sound. Exits with 1 if "
        "neither is there, 2 if the statement is not genuine or names another track than the mark, 3 if it is no file."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="WAV, FLAC, MP3 or OGG")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        statement, mark = read_layers(path)
        if options["json"]:
            self.stdout.write(json.dumps({"file": path.name, "statement": statement, "mark": describe_mark(mark)}))
        else:
            self.stdout.write(f"{path.name}: {_tell_statement(statement)}")
            self.stdout.write(f"{path.name}: {_tell_mark(mark)}")
        if statement["verdict"] == "altered":
            raise CommandError(f"{path.name}: its statement is not genuine. {statement['why']}", returncode=_ALTERED)
        named = statement.get("copyright_id")
        if mark is not None and mark.copyright_id and named and named != mark.copyright_id:
            raise CommandError(
                f"{path.name}: its statement is of {named}, its sound of {mark.copyright_id}.", returncode=_ALTERED
            )
        if statement["verdict"] == "none" and (mark is None or not mark.is_found):
            raise CommandError(f"{path.name} carries no statement of ours, and no mark.", returncode=_NOT_FOUND)


def read_layers(path: Path) -> tuple[dict[str, Any], MarkFinding | None]:
    try:
        with path.open("rb") as file:
            text = read_statement(file)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=_UNREADABLE) from error
    try:
        return _judge(text), look_for_mark(path)
    except UnreadableSoundError:
        return _judge(text), None


def _judge(text: str) -> dict[str, Any]:
    if not text:
        return {"verdict": "none"}
    try:
        return {"verdict": "genuine", **check_envelope(json.loads(text))}
    except (InvalidInputError, ValueError, RecursionError) as error:
        return {
            "verdict": "altered",
            "why": error.message if isinstance(error, InvalidInputError) else "It is no JSON.",
        }


def describe_mark(mark: MarkFinding | None) -> dict[str, Any]:
    if mark is None:
        return {"found": False, "why": "its sound cannot be read"}
    found = mark.detection
    figures = {"score": round(found.score, 2), "threshold": round(found.threshold, 2), "chance": found.chance}
    if not found.is_found:
        return {"found": False, **figures}
    registered = mark.track is not None
    return {"found": True, **figures, "copyright_id": mark.copyright_id, "registered": registered, "speed": found.speed}


def _tell_statement(statement: dict[str, Any]) -> str:
    if statement["verdict"] != "genuine":
        return (
            "no statement of ours in its tags."
            if statement["verdict"] == "none"
            else "a statement that is not genuine."
        )
    facts = ", ".join(str(statement.get(name, "")) for name in ("notice", "title", "copyright_id", "signed_at"))
    return f"a genuine statement: {facts}."


def _tell_mark(mark: MarkFinding | None) -> str:
    if mark is None:
        return "its sound cannot be read, so no mark was looked for."
    found = mark.detection
    if not found.is_found:
        return f"no mark of ours in its sound (score {found.score:.1f}, {found.threshold:.1f} is needed)."
    name = mark.copyright_id or "an ID of which too little is left to read it"
    known = "" if mark.track else ", which is not registered here" if mark.copyright_id else ""
    played = f", played at {found.speed:.2%} of its speed" if found.speed != 1.0 else ""
    return (
        f"our mark in its sound: {name}{known} (score {found.score:.1f}, {found.threshold:.1f} is needed; "
        f"by chance at most once in {1 / max(found.chance, 1e-99):.0e} recordings{played})."
    )
