"""Retires the signing key and makes a new one. What the old one signed stays valid."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.rights.register import sign_head
from marketplace.rights.signing import load_private_key, make_private_key, record_key, write_private_key


class Command(BaseCommand):
    help = "Makes a new signing key. Old signatures stay valid: every public key stays published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print", action="store_true", help="only print a new key, for SIGNING_KEY")

    def handle(self, **options: Any) -> None:
        if options["print"]:
            self.stdout.write(make_private_key().decode(), ending="")
            return
        if settings.SIGNING_KEY:
            raise CommandError(
                "The key comes from SIGNING_KEY. Put a new one there (rotate_signing_key --print makes it) and "
                "restart: its first use retires the old one. Nothing was changed."
            )
        sign_head()  # the last word of the old key
        write_private_key(settings.SIGNING_KEY_PATH, replace=True)
        key = record_key(load_private_key())
        self.stdout.write(f"{key.key_id} signs from now on. Keep {settings.SIGNING_KEY_PATH.name} in your backups.")
