"""`manage.py reconcile`: the sweep that beat runs every 30 seconds, now."""

from typing import Any

from django.core.management.base import BaseCommand

from payments.services import reconcile


class Command(BaseCommand):
    help = "Ask Stripe about every order, refund and event that has waited too long, and print what became of them."

    def handle(self, *_args: Any, **_options: Any) -> None:
        counts = reconcile()
        self.stdout.write(
            ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "Nothing was overdue."
        )
