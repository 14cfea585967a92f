"""Adds a key for the inaudible mark. Recordings marked with the earlier ones are still known."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.rights.mark_keys import add_mark_key, list_mark_keys


class Command(BaseCommand):
    help = "Makes a new key for the inaudible mark, in use for tracks from now on."

    def handle(self, **options: Any) -> None:
        if settings.MARK_KEYS:
            raise CommandError(
                "The keys come from MARK_KEY. Add one at its end, after the time from which it is used: "
                "2027-01-01T00:00:00Z=SECRET. Nothing was changed."
            )
        add_mark_key(at=timezone.now())
        name = settings.MARK_KEY_PATH.name
        self.stdout.write(f"{len(list_mark_keys())} keys are in {name}. Keep it in your backups, and all lines in it.")
