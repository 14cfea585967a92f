"""Removes stored files that belong to no track, as beat does every night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.rights.orphans import list_orphans, remove_orphans


class Command(BaseCommand):
    help = "Removes files from storage that no track names and that are older than a day: a killed worker leaves such."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name them, and leave them")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for files in list_orphans().values():
                self.stdout.write("\n".join(files))
            return
        self.stdout.write(f"{remove_orphans()} files were removed.")
