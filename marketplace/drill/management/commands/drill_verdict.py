"""In the drill's database: what is not at rest and what does not agree, told as JSON."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from payments.books import check_books
from payments.gateway_types import GatewayUnavailableError
from payments.models import Order, Refund, WebhookEvent
from payments.states import State


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        orders = Order.objects.all()
        verdict: dict[str, Any] = {
            "states": Counter(orders.values_list("state", flat=True)),
            "holds": orders.filter(state__in=Order.HOLDING).count(),
            "debts": orders.filter(state__in=(State.REFUND_DUE, State.REFUND_PENDING)).count(),
            "refunds": Refund.objects.filter(state=Refund.State.SUCCEEDED).count(),
            "events": WebhookEvent.objects.count(),
            "events_waiting": WebhookEvent.objects.filter(processed_at=None).count(),
        }
        findings, verdict["asked_stripe"] = _look()
        verdict["findings"] = Counter(finding.kind for finding in findings)
        self.stdout.write(json.dumps(verdict))


def _look() -> tuple[list[Any], bool]:
    """What the audit finds, and whether Stripe could be asked: what it was paid is known only then."""
    try:
        return list(check_books(days=1)), True
    except GatewayUnavailableError:
        return list(check_books(days=0)), False
