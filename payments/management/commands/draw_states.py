"""`manage.py draw_states`: writes docs/order-states.md from the table of transitions."""

from typing import Any

from django.core.management.base import BaseCommand

from payments.diagram import PATH, draw_states


class Command(BaseCommand):
    help = "Draw the order's state machine from the code into docs/order-states.md."

    def handle(self, *_args: Any, **_options: Any) -> None:
        PATH.write_text(draw_states(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH}.")
