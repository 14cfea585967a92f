"""`manage.py trace_preview FILE`: which listener was a leaked preview served to?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.errors import UnreadableSoundError
from marketplace.errors import AppError
from marketplace.rights.preview_traces import FALSE_ACCUSATIONS, trace_preview

_NOT_TRACED, _UNREADABLE = 1, 3


class Command(BaseCommand):
    help = "Name the listener of a leaked preview. Exits with 1 if nobody can be named, 3 if the file cannot be read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="WAV, FLAC, MP3 or OGG")
        parser.add_argument("--track", default="", metavar="COPYRIGHT_ID", help="if the recording's mark does not tell")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            found = trace_preview(path, copyright_id=options["track"])
        except UnreadableSoundError as error:
            raise CommandError(f"{path.name}: {error}", returncode=_UNREADABLE) from error
        except AppError as error:
            raise CommandError(error.message, returncode=_NOT_TRACED) from error
        self.stdout.write(f"{path.name}: {found.seconds:.1f} s of {found.track}, {found.segments} segments told apart.")
        if found.culprit is None:
            raise CommandError(
                f"Nobody can be named: no listener fits so well that chance is below {FALSE_ACCUSATIONS:g}. "
                "More of the recording may help.",
                returncode=_NOT_TRACED,
            )
        hearing = found.culprit.hearing
        self.stdout.write(
            f"It was served to {hearing.listener}, first on {hearing.first_at:%Y-%m-%d %H:%M} UTC: "
            f"{found.culprit.agreeing} of {found.segments} segments agree; the chance that any of the "
            f"{len(found.suspects)} listeners would by accident is at most {found.culprit.chance:.0e}."
        )
