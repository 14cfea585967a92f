"""`manage.py verify_pack FILE`: is a pack what its manifest says? Needs no database and no network."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.delivery.verify import read_manifest, verify_pack
from generator.engine.errors import PackError

_DIFFERS, _NO_PACK = 1, 2


class Command(BaseCommand):
    help = "Check a pack.zip offline against its own manifest. Exits with 1 if it differs, 2 if the file is no pack."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a pack.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            differences = verify_pack(path)
            document = read_manifest(path)["document"]
        except PackError as error:
            raise CommandError(str(error), returncode=_NO_PACK) from error
        if differences:
            listed = "\n".join(f"  {line}" for line in differences)
            raise CommandError(f"{path.name} differs from its manifest:\n{listed}", returncode=_DIFFERS)
        count = len(document["files"])
        self.stdout.write(f"{path.name} is whole: {count} files of “{document['title']}”, {document['copyright_id']}.")
