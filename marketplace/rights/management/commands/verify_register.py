"""Recomputes the whole hash chain and its signatures, and locates whatever was tampered with."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.errors import AppError
from marketplace.rights.audit import audit_export, audit_register
from marketplace.rights.models import RegisterHead


class Command(BaseCommand):
    help = "Verifies the ownership register, or an export of it, and says which line was tampered with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("export", nargs="?", type=Path, help="a file that export_register wrote")

    def handle(self, *, export: Path | None, **options: Any) -> None:
        faults = self._audit_file(export) if export else audit_register()
        for fault in faults:
            self.stderr.write(self.style.ERROR(fault))
        if faults:
            raise CommandError(f"The register is not whole: {len(faults)} faults. Compare it with a backup.")
        what = export or f"{sum(head.position for head in RegisterHead.objects.all())} lines"
        self.stdout.write(self.style.SUCCESS(f"The register is whole: {what}."))

    def _audit_file(self, path: Path) -> list[str]:
        try:
            with path.open(encoding="utf-8") as file:
                return audit_export(file)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        except AppError as error:
            raise CommandError(error.message) from error
