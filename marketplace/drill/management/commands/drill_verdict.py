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
        verdict = {
            "states": Counter(orders.values_list("state", flat=True)),
            "holds": orders.filter(state__in=Order.HOLDING).count(),
            "debts": orders.filter(state__in=(State.REFUND_DUE, State.REFUND_PENDING)).count(),
            "refunds": Refund.objects.filter(state=Refund.State.SUCCEEDED).count(),
            "events": WebhookEvent.objects.count(),
            "events_waiting": WebhookEvent.objects.filter(processed_at=None).count(),
            "findings": Counter(finding.kind for finding in _look()),
        }
        self.stdout.write(json.dumps(verdict))


def _look() -> list[Any]:
    try:
        return list(check_books(days=1))
    except GatewayUnavailableError:
        return list(check_books(days=0))
