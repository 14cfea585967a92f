"""A small market with the real services, the real webhook view and a sandbox, under one clock that we move."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.errors import AppError
from payments.models import Dispute, Order, WebhookEvent
from payments.sandbox.api import run_due
from payments.sandbox.checkout import CardDeclinedError
from payments.sandbox.errors import ApiError
from payments.sandbox.server import Sandbox
from payments.sandbox.store import Document
from payments.services import (
    cancel_order,
    fulfil,
    look_for_returns,
    place_order,
    process_event,
    reconcile,
    request_refund,
    retry_refund,
    send_refund,
    stage_evidence,
    submit_evidence,
)
from tests.payments.conftest import EVERY_TRY, company_of, post_webhook
from tests.payments.stateful.disturbance import Boundaries, Crash, Disturbance

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CARDS = (
    *["4242424242424242"] * 4,
    "4000000000000002",
    "4000000000003220",
    "4000000000000077",
    "4000000000000093",
    "4000000000007726",
    "4000000000005126",
    "4000000000000259",
)
EVIDENCE = ("It was delivered.", "winning_evidence", "losing_evidence")
CALLS = (
    ("POST", "/v1/checkout/sessions"),
    ("GET", "/v1/checkout/sessions/.+"),
    ("POST", "/v1/checkout/sessions/.+/expire"),
    ("POST", "/v1/refunds"),
    ("POST", "/v1/(files|disputes/.+)"),
    ("GET", "/v1/.+"),
)
_UNDECIDED = (
    *Order.HOLDING,
    Order.State.REFUND_DUE,
    Order.State.REFUND_PENDING,
    Order.State.EXPIRED,
    Order.State.CANCELED,
)
_ANSWERS = (AppError, ApiError, CardDeclinedError)


class World:
    """`lag` seconds is by how much Stripe's clock is behind ours."""

    def __init__(self, *, make_user: Callable[..., User], make_track: Callable[..., Track], lag: int = 0) -> None:
        self.does_reconcile = True
        self.does_deduplicate = True
        self._exits = ExitStack()
        self._exits.enter_context(_undone())
        self.sandbox = self._exits.enter_context(Sandbox(secret=settings.STRIPE_WEBHOOK_SECRETS[0]))
        self.patch = self._exits.enter_context(pytest.MonkeyPatch.context())
        self._elapsed = 0.0
        self.patch.setattr(timezone, "now", self.now)
        self.patch.setattr(settings, "STRIPE_API_BASE", self.sandbox.url)
        self.sandbox.clock.stop(at=NOON.timestamp() - lag)
        self.sandbox.account.allows_overpaid_refunds = True  # Stripe's own refusal must not be what saves us
        self.boundaries = Boundaries(self.patch)
        self._exits.enter_context(connection.execute_wrapper(self.boundaries.watch))
        self.buyers = [make_user() for _ in range(4)]
        first, lone = make_track(), make_track()
        self.tracks = [first, lone, make_track(), make_track(), make_track()]
        Track.objects.filter(pk=self.tracks[2].pk).update(family=first.family)

    def close(self) -> None:
        self._exits.close()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self._elapsed)

    def pass_time(self, seconds: float) -> None:
        self._elapsed += seconds
        self.sandbox.clock.advance(seconds=seconds)
        with self.sandbox.account.store.transaction():
            run_due(self.sandbox.account)

    # What people and machines do. Each takes two numbers and chooses by them, so that all can overtake each other:
    # mostly among what it can bring forward, every seventh time among all, also where it makes no sense.

    def click(self, who: int, which: int) -> None:
        user = self.buyers[who % len(self.buyers)]
        track = Track.objects.get(pk=self.tracks[which % len(self.tracks)].pk)
        place_order(company=company_of(user), user=user, track=track)

    def cancel(self, who: int, _which: int) -> None:
        order = self._order(who, Order.HOLDING)
        if order:
            cancel_order(order=order, actor="buyer")

    def come_back(self, who: int, _which: int) -> None:
        """The return page."""
        order = self._order(who, _UNDECIDED)
        if order and order.session_id:
            fulfil(session_id=order.session_id, actor="return page")

    def pay(self, who: int, which: int) -> None:
        """On Stripe's page, of which the shop hears nothing by itself; sometimes after the session has expired."""
        is_late = which % 3 == 0
        session = self._session(who, lambda one: one["status"] == "open" or (is_late and one["status"] == "expired"))
        if session:
            self.sandbox.pay(session, card=CARDS[which % len(CARDS)], even_if_expired=is_late)

    def authenticate(self, who: int, which: int) -> None:
        session = self._session(who, self._is_waiting_for_the_bank)
        if session:
            self.sandbox.authenticate(session, is_approved=which % 4 > 0)

    def deliver(self, who: int, which: int) -> None:
        """Any event of all that ever were, any number of times, in any order; those never chosen were dropped."""
        events = self.sandbox.list_kind("event")
        if not events:
            return
        event = events[-1 - who % min(len(events), 6)]
        response = post_webhook(*self.sandbox.sign(event))
        assert response.status_code == 200, response.content
        if which % 5:  # else the broker lost the task
            self.work(event["id"])

    def work(self, event_id: str) -> None:
        stored = WebhookEvent.objects.filter(event_id=event_id)
        if not self.does_deduplicate:
            stored.update(processed_at=None)
        process_event(event_id=stored.get().pk)

    def sweep(self, _who: int, which: int) -> None:
        if not self.does_reconcile:
            return
        if which % 4:
            reconcile()
        else:
            look_for_returns()

    def refund_in_dashboard(self, who: int, which: int) -> None:
        """Never more than is left: Stripe would not."""
        session = self._session(who, self._is_held_at_stripe)
        if session and self.left_at_stripe(session) > 0:
            self.sandbox.refund(session, amount=[None, 100][which % 2])

    def refund_by_admin(self, who: int, which: int) -> None:
        order = self._order(who, (Order.State.SOLD,))
        if order:
            request_refund(order=order, amount=[order.amount, 100][which % 2], reason="Wish.", actor="admin")

    def retry(self, who: int, _which: int) -> None:
        """An administrator asks once more for a refund that failed."""
        order = self._order(who, (Order.State.REFUND_FAILED,))
        if order:
            send_refund(order=retry_refund(order=order, actor="admin"), actor="admin")

    def dispute(self, who: int, which: int) -> None:
        disputes = [one for one in self.sandbox.list_kind("dispute") if one["status"] == "needs_response"]
        session = self._session(who, self._is_held_at_stripe)
        if disputes and which % 2:
            self.sandbox.close_dispute(disputes[who % len(disputes)]["id"], status=["won", "lost"][which // 2 % 2])
        elif session and self.left_at_stripe(session) == 24_900:
            self.sandbox.dispute(session, amount=[None, None, 4_900][who % 3])

    def answer(self, who: int, which: int) -> None:
        """An administrator prepares evidence, and submits what was prepared before."""
        disputes = Dispute.objects.order_by("pk") if who % 7 == 0 else _answerable()
        dispute = disputes[who % len(disputes)] if disputes else None
        if dispute and which % 3:
            stage_evidence(dispute=dispute, statement=EVIDENCE[who % len(EVIDENCE)], actor="admin")
        if dispute and which % 3 != 1:
            submit_evidence(dispute=dispute, actor="admin")

    def fault(self, who: int, which: int) -> None:
        """The next call of a kind goes wrong, or so many that the client's own retries do not help."""
        method, path = CALLS[which % len(CALLS)]
        times = [1, EVERY_TRY][who % 2]
        match who // 2 % 4:
            case 0:
                self.sandbox.faults.lose_request(method, path, times=times)
            case 1:
                self.sandbox.faults.lose_reply(method, path, times=times)
            case 2:
                self.sandbox.faults.answer(method, path, status=[429, 500][which % 2], times=times)
            case _:
                self.sandbox.faults.fail(method, path)

    def mischarge(self, who: int, _which: int) -> None:
        """Stripe shows and charges another amount than the price: never to be taken for the price."""
        sessions = self.sandbox.list_kind("checkout.session")
        opened = [one for one in sessions if one["status"] == "open" and not one["payment_intent"]]
        if opened:
            self.sandbox.change(opened[who % len(opened)]["id"], amount_total=24_800)

    def perform(self, name: str, who: int, which: int, disturbance: Disturbance | None = None) -> None:
        """One step. Refusals are answers; anything else that is raised is a defect."""
        if disturbance:
            self.boundaries.arm(
                at=disturbance.at, act=lambda: self._strike(disturbance), is_crash=disturbance.what == "crash"
            )
        try:
            with suppress(*_ANSWERS, Crash):
                getattr(self, name)(who, which)
        finally:
            self.boundaries.disarm()
        self.pass_time(1)

    def _strike(self, disturbance: Disturbance) -> None:
        if disturbance.what == "crash":
            raise Crash
        with suppress(*_ANSWERS):
            getattr(self, disturbance.what)(disturbance.who, disturbance.which)

    def settle(self) -> None:
        """Bad days end, nobody clicks, no webhook comes any more; only time passes and the reconciler comes by."""
        self.sandbox.faults.clear()
        for seconds in (3700, 3700, 25 * 3600, 3700, 3700):
            self.pass_time(seconds)
            if self.does_reconcile:
                counts = reconcile() + look_for_returns()
                assert not counts["broken"], f"the reconciler stumbles: {counts}"

    def left_at_stripe(self, session_id: str) -> int:
        """What Stripe still holds of a payment, in minor units: paid, less what went back or was taken by a bank."""
        charge = self._charge(session_id)
        disputes = self._list("dispute", charge) if charge else []
        taken = sum(one["amount"] for one in disputes if one["status"] not in ("won", "warning_closed"))
        return self.not_refunded(session_id) - int(taken)

    def not_refunded(self, session_id: str) -> int:
        charge = self._charge(session_id)
        refunds = self._list("refund", charge) if charge else []
        back = sum(one["amount"] for one in refunds if one["status"] not in ("failed", "canceled"))
        return int(charge["amount"] - back) if charge else 0

    def _charge(self, session_id: str) -> Document | None:
        session = self.sandbox.account.require("checkout.session", session_id)
        charges = [
            one for one in self.sandbox.list_kind("charge") if one["payment_intent"] == session["payment_intent"]
        ]
        assert len(charges) <= 1, "a session is charged twice"
        return charges[0] if charges else None

    def _list(self, kind: str, charge: Document) -> list[Document]:
        return [one for one in self.sandbox.list_kind(kind) if one["charge"] == charge["id"]]

    def _order(self, who: int, states: Collection[str]) -> Order | None:
        orders = Order.objects.annotate(born=Min("transitions")).order_by("-born")
        likely = orders if who % 7 == 0 else orders.filter(state__in=states)
        latest = likely[:6]
        return latest[who % len(latest)] if latest else None

    def _session(self, who: int, is_likely: Callable[[Document], bool]) -> str | None:
        sessions = self.sandbox.list_kind("checkout.session")
        latest = [one for one in sessions if who % 7 == 0 or is_likely(one)][-6:]
        return latest[-1 - who % len(latest)]["id"] if latest else None

    def _is_waiting_for_the_bank(self, session: Document) -> bool:
        if not session["payment_intent"] or session["status"] != "open":
            return False
        intent = self.sandbox.account.require("payment_intent", session["payment_intent"])
        return bool(intent["status"] == "requires_action")

    def _is_held_at_stripe(self, session: Document) -> bool:
        return self.left_at_stripe(session["id"]) > 0


def _answerable() -> QuerySet[Dispute]:
    return Dispute.objects.filter(status__in=Dispute.ANSWERABLE).order_by("pk")


@contextmanager
def _undone() -> Iterator[None]:
    """All that is written inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
