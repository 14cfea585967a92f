"""The queue of what needs a person: on the order, in the log of alerts, and once by e-mail to the administrators."""

import hashlib
import logging

from django.db import transaction

from payments.models import Order
from payments.services.letters import write_to_admins

alerts = logging.getLogger("payments.alerts")


@transaction.atomic
def call_person(order: Order, why: str) -> None:
    """Into the queue, with an alert and a letter unless it stands there already."""
    why = why[:300]
    if not Order.objects.filter(pk=order.pk).exclude(needs_person=why).update(needs_person=why):
        return
    alerts.error("Order %s: %s", order.pk, why)
    digest = hashlib.sha256(why.encode()).hexdigest()[:16]
    write_to_admins(
        cause=f"person {order.pk} {digest}",
        kind="person",
        subject=f"An order needs you: {order.track.title}",
        order=order,
        context={"order": order, "why": why},
    )


def dismiss_person(*, order: Order) -> None:
    """Somebody has seen to it."""
    Order.objects.filter(pk=order.pk).update(needs_person="")
