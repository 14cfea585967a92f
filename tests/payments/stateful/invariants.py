"""What must hold after every step, and what must hold once everything has come to rest."""

from collections import Counter
from collections.abc import Iterable

from marketplace.catalog.models import TrackFamily
from marketplace.rights.models import OwnershipEntry
from payments.books import Finding, check_books
from payments.books.orders import check_disputes, check_histories, check_lines, check_refunds
from payments.books.ownership import check_families, check_ownerships, check_sales
from payments.models import Evidence, Order, WebhookEvent
from payments.sandbox.store import Document
from payments.states import State
from tests.payments.stateful.world import World

_OF_OWNERSHIP = (check_sales, check_ownerships, check_families)
_GOING_BACK = (State.REFUND_DUE, State.REFUND_PENDING)


def check_now(world: World) -> None:
    """After every step, also in the middle of everything."""
    assert _most("family", state__in=Order.OWNING) <= 1, "a family is sold twice"
    assert _most("family", state__in=Order.HOLDING) <= 1, "a family is held twice"
    assert _most_owners() <= 1, "the register names two owners"
    _check_open_sessions(world)
    _check_returns(world)
    for check in (*_OF_OWNERSHIP, check_histories, check_lines, check_refunds, check_disputes):
        _require_none(finding for finding in check() if not _is_with_a_person(finding))


def check_rest(world: World) -> None:
    """Once everything is quiet: no money without music or its way back, nothing locked, nothing left undone."""
    check_now(world)
    _require_none(finding for finding in check_books() if not _is_with_a_person(finding))
    waiting = Order.objects.filter(state__in=(*Order.HOLDING, *_GOING_BACK))
    assert not waiting.exists(), f"for ever waits {_tell(waiting[0])}"
    assert not TrackFamily.objects.exclude(held_until=None).exists(), "a track is locked for ever"
    assert not WebhookEvent.objects.filter(processed_at=None).exists(), "an event is forgotten"
    _check_evidence(world)
    for session in _sessions(world):
        order = _order_of(session)
        left = world.left_at_stripe(session["id"])
        if left > 0:
            assert order is not None, "money of an order that we do not know"
            is_sale = order.state in Order.OWNING
            assert is_sale or order.needs_person, f"money is kept by {_tell(order)}"
        elif order is not None:
            assert order.state != State.SOLD, f"a track is given away by {_tell(order)}"


def _check_evidence(world: World) -> None:
    """What the bank has we know of, and it has what we say; nothing is on its way for ever."""
    assert not Evidence.objects.filter(state__in=Evidence.WAITING).exists(), "evidence is on its way for ever"
    told = set(Evidence.objects.filter(state=Evidence.State.SUBMITTED).values_list("dispute__stripe_id", flat=True))
    disputes = world.sandbox.list_kind("dispute")
    there = {one["id"] for one in disputes if one["evidence_details"]["submission_count"]}
    assert told == there, "the bank's evidence is not what our books say"


def _is_with_a_person(finding: Finding) -> bool:
    """A refund that bounced after its credit note was written: the audit is right to tell, and cannot mend it."""
    if finding.kind == "refunded-without-refund":
        ended = Order.objects.filter(pk=finding.subject.removeprefix("order "), state=State.REFUNDED_AFTER_SALE)
        return ended.exclude(needs_person="").exists()
    return finding.kind == "credit-note-without-return"


def _require_none(findings: Iterable[Finding]) -> None:
    found = [str(finding) for finding in findings]
    assert not found, "; ".join(found)


def _check_open_sessions(world: World) -> None:
    """Who can still pay must still have the track: a hold ends only when Stripe says that the session has."""
    for session in _sessions(world):
        order = _order_of(session)
        if session["status"] == "open" and order is not None:
            assert order.is_holding, f"a buyer can pay for a track that is not held, in {_tell(order)}"


def _check_returns(world: World) -> None:
    """The sandbox lets anybody refund too much. We never ask for it."""
    for session in _sessions(world):
        if session["payment_intent"]:
            assert world.not_refunded(session["id"]) >= 0, "more went back than was paid"


def _tell(order: Order) -> str:
    steps = [f"{step.to_state} ({step.actor}: {step.reason})" for step in order.transitions.all()]
    refunds = [(refund.state, refund.amount, refund.stripe_id) for refund in order.refunds.all()]
    return f"order {order.pk}: {', '.join(steps)}; refunds {refunds}; needs a person: {order.needs_person!r}"


def _most(field: str, **facts: object) -> int:
    return max(Counter(Order.objects.filter(**facts).values_list(field, flat=True)).values(), default=0)


def _most_owners() -> int:
    """By the register alone: transfers that no later line has taken back."""
    standing: Counter[int] = Counter()
    for entry in OwnershipEntry.objects.order_by("sequence"):
        if entry.kind == OwnershipEntry.Kind.TRANSFER:
            standing[entry.family_id] += 1
        elif entry.kind == OwnershipEntry.Kind.REVOCATION:
            standing[entry.family_id] -= 1
    return max(standing.values(), default=0)


def _sessions(world: World) -> list[Document]:
    return world.sandbox.list_kind("checkout.session")


def _order_of(session: Document) -> Order | None:
    return Order.objects.filter(pk=session["client_reference_id"]).first()
