"""The state machine of orders as a Mermaid diagram, from the table that the code itself obeys."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from payments.models import Order
from payments.states import TRANSITIONS, State

PATH = Path(settings.BASE_DIR) / "docs" / "order-states.md"

_GROUPS = (
    ("holds the track", Order.HOLDING),
    ("owns the track", Order.OWNING),
    ("has ended unpaid; a late payment is answered all the same", (State.EXPIRED, State.CANCELED, State.FAILED)),
    ("money on its way back", (State.REFUND_DUE, State.REFUND_PENDING, State.REFUND_FAILED)),
)


def draw_states() -> str:
    return "\n".join(_write_page()) + "\n"


def _write_page() -> Iterator[str]:
    yield "# The states of an order"
    yield ""
    yield "Drawn from `payments.states.TRANSITIONS` by `manage.py draw_states`; a test holds the two together."
    yield "Every step is written to the order's append-only history: who, why, and by which objects at Stripe."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.CREATED}"
    for state in State:
        for to in sorted(TRANSITIONS[state], key=list(State).index):
            yield f"    {state} --> {to}"
        if not TRANSITIONS[state]:
            yield f"    {state} --> [*]"
    yield "```"
    yield ""
    yield "| The order | States |"
    yield "|---|---|"
    for meaning, states in _GROUPS:
        yield f"| {meaning} | {', '.join(f'`{state}`' for state in states)} |"
    over = [state for state in State if not any(state in states for _, states in _GROUPS)]
    yield f"| money has gone back | {', '.join(f'`{state}`' for state in over)} |"
