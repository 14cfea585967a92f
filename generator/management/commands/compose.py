"""`manage.py compose`: a brief on the command line, MIDI and sound in a folder. Needs no database and no broker."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.brief import FIELDS, METRES, Brief, InvalidBriefs, parse_brief
from generator.engine.composing.files import check_folder, write_files
from generator.engine.composing.piece import Stopwatch, compose_piece
from generator.engine.composing.record import describe_composition, write_lines
from generator.engine.errors import EngineError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.plan import Piece
from generator.engine.styles import STYLES

_BAD_INPUT = 2
_HELP = {
    "instruments": f'slugs with commas, "random" (a trio) or "all": {", ".join(INSTRUMENTS)}',
    "style": ", ".join(STYLES),
    "mood": ", ".join(MOODS),
    "key": 'such as "D minor" or "Bb major"',
    "tempo": "quarter notes a minute, 40 to 220",
    "metre": ", ".join(METRES),
    "seconds": "5 to 180, exact",
    "energy": 'percents from start to end, such as "20 40 90 60"',
    "hits": 'moments at which everybody strikes, such as "0:07 0:27"',
    "density": "0.5 to 2 times the usual number of notes",
    "motif": 'notes with their lengths in quarters, such as "C5 E5:0.5 G5:1.5 R:1"',
    "sounds": 'such as "piano=electric guitar=nylon"',
    "seed": "a whole number; the same seed and arguments give the same music",
}


class Command(BaseCommand):
    help = "Compose a piece: writes track.mid, parts/*.mid, track.wav and piece.json into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        for name in FIELDS:
            parser.add_argument(f"--{name}", help=_HELP[name])
        parser.add_argument("--out", required=True, type=Path, help="a new or empty folder")
        parser.add_argument("--network", choices=("lstm", "none"), default="lstm", help="'none': the grammar alone")
        parser.add_argument("--score-only", action="store_true", help="write no sound")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            brief = parse_brief({name: options[name] for name in FIELDS})
            record = self._compose(
                brief, out=options["out"], has_sound=not options["score_only"], network=options["network"]
            )
        except InvalidBriefs as error:
            raise CommandError(str(error), returncode=_BAD_INPUT) from None
        except (EngineError, OSError) as error:
            raise CommandError(f"Nothing was written. {error}", returncode=_BAD_INPUT) from error
        self.stdout.write(json.dumps(record) if options["json"] else "\n".join(write_report(record)))

    def _compose(self, brief: Brief, *, out: Path, has_sound: bool, network: str) -> dict[str, Any]:
        check_folder(out)
        watch = Stopwatch()
        with watch.step("load"):
            prepare_networks(brief)
        composition = compose_piece(brief, network=network)
        watch.seconds |= composition.timings
        record = describe_composition(composition, brief=brief)
        render = partial(render_sound, watch=watch) if has_sound else None
        files = write_files(composition, out=out, record=record, render=render)
        return record | {"out": str(out), "files": files, "timings": watch.seconds}


def prepare_networks(brief: Brief) -> None:
    """Import TensorFlow and compile what the brief needs, so that the time of each part is its own."""
    from generator.engine.network.loading import load_networks

    load_networks(brief.instruments)


def render_sound(piece: Piece, folder: Path, *, watch: Stopwatch) -> None:
    from generator.engine.audio.rendering import make_sound, render_file
    from generator.engine.audio.tags import Tags

    with watch.step("render"):
        render_file(make_sound(piece), "track.wav", out=folder, tags=Tags(title=piece.title))


def write_report(record: dict[str, Any]) -> list[str]:
    """The record, the time of each step and the files, as text."""
    times = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in record["timings"].items())
    return [*write_lines(record), f"time: {times}", f"wrote {', '.join(record['files'])} to {record['out']}"]
