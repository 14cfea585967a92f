"""`manage.py check_books`: the nightly audit, now. Fails if anything does not agree."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.books import check_books
from payments.books.audit import DAYS_AT_STRIPE
from payments.gateway_types import GatewayUnavailableError


class Command(BaseCommand):
    help = "Compare orders, ownership register, families, refunds, events and Stripe, and list what does not agree."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=DAYS_AT_STRIPE, help="how far back Stripe is asked; 0 asks it nothing"
        )

    def handle(self, *_args: Any, days: int, **_options: Any) -> None:
        if days < 0:
            raise CommandError(f"--days {days}: give 0 or more.")
        try:
            findings = check_books(days=days)
        except GatewayUnavailableError as error:
            raise CommandError(f"{error.message} Our own books alone: --days 0.") from error
        for finding in findings:
            self.stderr.write(self.style.ERROR(str(finding)))
        if findings:
            raise CommandError(f"The books do not agree: {len(findings)} findings.")
        self.stdout.write(self.style.SUCCESS("The books agree."))
