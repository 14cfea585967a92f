"""`manage.py model_cards`: a page for every stored network, written from its manifest."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.errors import EngineError
from generator.engine.network.store import PRETRAINED
from generator.engine.training.cards import write_cards

_BAD_INPUT = 2


class Command(BaseCommand):
    help = "Write model cards with validation curves from the manifests of the stored networks."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--models", type=Path, default=PRETRAINED, help="where networks are stored (%(default)s)")
        parser.add_argument("--out", type=Path, default=Path("docs/models"), help="(%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = write_cards(models=options["models"], out=options["out"])
        except (EngineError, OSError) as error:
            raise CommandError(str(error), returncode=_BAD_INPUT) from error
        self.stdout.write("\n".join(str(path) for path in written))
