"""What a drill changes in its own processes: the reconciler's patience, and one guard that can be switched off."""

from datetime import timedelta
from typing import Any

from payments import webhook
from payments.gateway_types import SignedEvent
from payments.models import WebhookEvent
from payments.services import reconciliation, store_event
from payments.states import TRANSITIONS, State


def hurry(patience: timedelta) -> None:
    """A drill has no minutes to wait: the reconciler asks again at once about whatever is not at rest."""
    reconciliation.PATIENCE = dict.fromkeys(reconciliation.PATIENCE, patience)
    reconciliation.PATIENCE_WITH_RETURNS = patience


def forget_what_was_told() -> None:
    """No deduplication: an event is acted on each time, and a sale that is told again is a payment that came again."""

    def store_anew(*, event: SignedEvent) -> tuple[WebhookEvent, bool]:
        stored, is_new = store_event(event=event)
        WebhookEvent.objects.filter(pk=stored.pk).update(processed_at=None)
        stored.processed_at = None
        return stored, is_new

    webhook.store_event = store_anew  # type: ignore[attr-defined]
    table: Any = TRANSITIONS
    table[State.SOLD] = TRANSITIONS[State.SOLD] | TRANSITIONS[State.EXPIRED]
