"""`manage.py train`: train the network of one instrument, or of all, on the cleared corpora."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.errors import EngineError
from generator.engine.training.command import add_arguments, run_training

_BAD_INPUT = 2


class Command(BaseCommand):
    help = "Train an instrument's LSTM (or the conductor's) and store it with its manifest. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run_training(argparse.Namespace(**options), report=self.stdout.write)
        except EngineError as error:
            raise CommandError(str(error), returncode=_BAD_INPUT) from error
