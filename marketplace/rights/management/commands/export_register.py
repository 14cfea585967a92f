"""Writes the register to a file that anybody can verify without this server."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.rights.audit import write_export


class Command(BaseCommand):
    help = "Exports the ownership register with its signed head; docs/verify_offline.py verifies the file anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="the file to write")

    def handle(self, *, out: Path, **options: Any) -> None:
        unfinished = out.with_name(f".{out.name}.{os.getpid()}.part")
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                count = write_export(file)
            os.replace(unfinished, out)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}. Nothing was written.") from error
        finally:
            unfinished.unlink(missing_ok=True)
        self.stdout.write(f"{count} lines written to {out}.")
