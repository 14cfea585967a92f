"""`manage.py detect FILE`: does a recording carry our statement, a Content Credential, and our mark in its sound?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.audio.credentials import CredentialFinding, read_credential
from generator.engine.audio.tags import read_statement
from generator.engine.errors import UnreadableSoundError
from marketplace.errors import InvalidInputError
from marketplace.rights.credentials import list_known_certificates
from marketplace.rights.marks import MarkFinding, look_for_mark
from marketplace.rights.signing import check_envelope

_NOT_FOUND, _ALTERED, _UNREADABLE = 1, 2, 3


class Command(BaseCommand):
    help = (
        "Look for the signed AI statement in a file's tags, for its Content Credential and for the inaudible mark in "
        "its sound. Exits with 1 if none of ours is there, 2 if the statement is not genuine or names another track "
        "than the mark, or the credential does not fit the file, 3 if it is no file."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="WAV, FLAC, MP3 or OGG")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        statement, credential, mark = read_layers(path)
        if options["json"]:
            layers = {"credential": describe_credential(credential), "mark": describe_mark(mark)}
            self.stdout.write(json.dumps({"file": path.name, "statement": statement, **layers}))
        else:
            self.stdout.write(f"{path.name}: {_tell_statement(statement)}")
            self.stdout.write(f"{path.name}: {_tell_credential(credential)}")
            self.stdout.write(f"{path.name}: {_tell_mark(mark)}")
        if statement["verdict"] == "altered":
            raise CommandError(f"{path.name}: its statement is not genuine. {statement['why']}", returncode=_ALTERED)
        if credential is not None and credential.faults:
            message = f"{path.name}: its Content Credential does not fit it: {', '.join(credential.faults)}."
            raise CommandError(message, returncode=_ALTERED)
        named = statement.get("copyright_id")
        if mark is not None and mark.copyright_id and named and named != mark.copyright_id:
            raise CommandError(
                f"{path.name}: its statement is of {named}, its sound of {mark.copyright_id}.", returncode=_ALTERED
            )
        is_marked = mark is not None and mark.is_found
        if statement["verdict"] == "none" and not is_marked and not (credential and credential.is_known):
            raise CommandError(
                f"{path.name} carries no statement, no credential and no mark of ours.", returncode=_NOT_FOUND
            )


def read_layers(path: Path) -> tuple[dict[str, Any], CredentialFinding | None, MarkFinding | None]:
    try:
        with path.open("rb") as file:
            text = read_statement(file)
            credential = read_credential(file, known=list_known_certificates())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=_UNREADABLE) from error
    try:
        return _judge(text), credential, look_for_mark(path)
    except UnreadableSoundError:
        return _judge(text), credential, None


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


def describe_credential(credential: CredentialFinding | None) -> dict[str, Any]:
    if credential is None:
        return {"found": False}
    return {"found": True, "is_intact": credential.is_intact, **asdict(credential)}


def describe_mark(mark: MarkFinding | None) -> dict[str, Any]:
    if mark is None:
        return {"found": False, "why": "its sound cannot be read"}
    found = mark.detection
    figures = {
        "score": round(found.score, 2),
        "threshold": round(found.threshold, 2),
        "chance": found.chance,
        "known_ids_tried": found.known,
    }
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


def _tell_credential(credential: CredentialFinding | None) -> str:
    if credential is None:
        return "no Content Credential."
    signer = credential.signer or "nobody that can be read"
    if credential.faults:
        return f"a Content Credential of {signer} that does not fit it."
    source = "AI-generated" if credential.is_ai_generated else "not said to be AI-generated"
    facts = ", ".join(fact for fact in (source, credential.title, credential.copyright_id) if fact)
    known = "ours" if credential.is_known else "a chain that is not known here"
    return f"an intact Content Credential of {signer} ({known}): {facts}."


def _tell_mark(mark: MarkFinding | None) -> str:
    if mark is None:
        return "its sound cannot be read, so no mark was looked for."
    found = mark.detection
    if not found.is_found:
        return f"no mark of ours in its sound (score {found.score:.1f}, {found.threshold:.1f} is needed)."
    name = mark.copyright_id or "an ID of which too little is left to read it"
    known = "" if mark.track else ", which is not registered here" if mark.copyright_id else ""
    helped = f", by the IDs of {found.known} tracks here" if found.known else ""
    played = f", played at {found.speed:.2%} of its speed" if found.speed != 1.0 else ""
    return (
        f"our mark in its sound: {name}{known} (score {found.score:.1f}, {found.threshold:.1f} is needed{helped}; "
        f"by chance at most once in {1 / max(found.chance, 1e-99):.0e} recordings{played})."
    )
