"""`manage.py benchmark NAME --json FILE`: measure the engine against its targets, and write the figures down."""

import shlex
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.errors import EngineError
from generator.engine.measuring.options import Options
from generator.engine.measuring.pages import render_page, write_pages
from generator.engine.measuring.registry import ALL, list_benchmarks, run_benchmark
from generator.engine.measuring.results import write_json

_BAD_INPUT = 2


class Command(BaseCommand):
    help = "Measure the music engine. Needs no database; what compares with people needs the corpora."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=f"one of {', '.join(list_benchmarks())}, or {ALL}")
        parser.add_argument("--json", type=Path, help="write the result to this file")
        parser.add_argument("--docs", type=Path, help="write NAME.md, NAME.json and plots into this folder")
        parser.add_argument("--corpora", type=Path, help="the folder of the training corpora")
        parser.add_argument("--chorales", type=Path, help="the published JSB_Chorales.mat")
        parser.add_argument("--work", type=Path, default=Path("var"), help="caches and checkpoints (%(default)s)")
        parser.add_argument("--pieces", type=int, help="sample size (each benchmark has its own)")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--network", choices=("lstm", "none"), default="lstm", help="'none': the grammar alone")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("corpora", "chorales", "work", "pieces", "seed", "network")
        wanted = Options(**{name: options[name] for name in names})
        try:
            result = run_benchmark(options["name"], options=wanted, command=_show_command())
            if options["json"]:
                write_json(result, path=options["json"])
            if options["docs"]:
                write_pages(result, folder=options["docs"])
        except (EngineError, OSError) as error:
            raise CommandError(str(error), returncode=_BAD_INPUT) from error
        self.stdout.write(render_page(result))


def _show_command() -> str:
    """As it was typed; folders of this machine are left to the reader."""
    hidden = {"--corpora": "DIR", "--chorales": "FILE", "--docs": "docs/benchmarks", "--json": "FILE", "--work": "var"}
    typed = sys.argv[1:]
    shown = [hidden.get(before, word) for before, word in pairwise(["", *typed])]
    return "manage.py " + shlex.join(shown)
