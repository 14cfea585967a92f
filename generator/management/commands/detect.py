"""`manage.py detect FILE`: does an audio file carry this house's signed statement that it is AI-generated?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.audio.tags import read_statement
from marketplace.errors import InvalidInputError
from marketplace.rights.signing import check_envelope

_NOT_FOUND, _ALTERED, _UNREADABLE = 1, 2, 3


class Command(BaseCommand):
    help = "Read the signed AI statement in an audio file. Exits with 1 if there is none, 2 if it was altered."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="WAV, FLAC, MP3 or OGG")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                text = read_statement(file)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=_UNREADABLE) from error
        if not text:
            raise CommandError(f"{path.name} carries no statement of ours in its tags.", returncode=_NOT_FOUND)
        try:
            document = check_envelope(json.loads(text))
        except (InvalidInputError, ValueError, RecursionError) as error:
            reason = error.message if isinstance(error, InvalidInputError) else "it is not JSON."
            raise CommandError(f"{path.name}: its statement is not genuine. {reason}", returncode=_ALTERED) from error
        facts = ", ".join(str(document.get(name, "")) for name in ("notice", "title", "copyright_id", "signed_at"))
        self.stdout.write(f"{path.name} carries a genuine statement: {facts}.")
