"""Webhooks of the sandbox come to every harm that Stripe's may come to."""

import json
import threading
from collections.abc import Iterator

import pytest
import stripe

from payments.sandbox.mischief import Harm
from payments.sandbox.server import Sandbox
from tests.payments.test_sandbox import _Shop, create


@pytest.fixture
def shop() -> Iterator[_Shop]:
    shop = _Shop()
    thread = threading.Thread(target=shop.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield shop
    shop.shutdown()
    shop.server_close()


@pytest.fixture
def sandbox(shop: _Shop) -> Iterator[Sandbox]:
    """Its courier goes when it is told to, not by itself."""
    sandbox = Sandbox(
        webhook_url=f"http://127.0.0.1:{shop.server_port}/hook",
        secret="whsec_new",
        also_secrets=["whsec_old"],
        retry_delays=(0, 0),
    )
    sandbox.account.sends_webhooks = False  # so that `start` leaves the courier alone
    with sandbox:
        sandbox.account.sends_webhooks = True
        yield sandbox


def is_signed(delivery: tuple[bytes, str], secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(*delivery, secret, 300))
    except stripe.SignatureVerificationError:
        return False


def types(shop: _Shop) -> list[str]:
    return [json.loads(body)["type"] for body, _ in shop.received]


def test_both_secrets_sign_while_one_is_rotated(shop: _Shop, sandbox: Sandbox) -> None:
    sandbox.pay(create(sandbox).id)
    sandbox.courier.deliver_due()
    (delivery,) = shop.received
    assert [is_signed(delivery, secret) for secret in ("whsec_new", "whsec_old", "whsec_else")] == [True, True, False]


def test_dropped_event_never_comes(shop: _Shop, sandbox: Sandbox) -> None:
    sandbox.courier.mischief.plan(Harm.DROP)
    sandbox.pay(create(sandbox).id)
    sandbox.courier.deliver_due()
    sandbox.clock.advance(seconds=4000)
    sandbox.courier.deliver_due()
    assert shop.received == []


def test_doubled_event_comes_three_times_the_same(shop: _Shop, sandbox: Sandbox) -> None:
    sandbox.courier.mischief.plan(Harm.DUPLICATE)
    sandbox.pay(create(sandbox).id)
    sandbox.courier.deliver_due()
    assert [body for body, _ in shop.received] == [shop.received[0][0]] * 3


def test_delayed_event_is_overtaken_by_a_later_one(shop: _Shop, sandbox: Sandbox) -> None:
    sandbox.courier.mischief.plan(Harm.DELAY, kind="checkout.session.completed")
    session = create(sandbox)
    sandbox.pay(session.id)
    sandbox.refund(session.id)
    sandbox.courier.deliver_due()
    assert types(shop) == ["refund.created"]
    sandbox.clock.advance(seconds=6)
    sandbox.courier.deliver_due()
    assert types(shop) == ["refund.created", "checkout.session.completed"]


def test_tampered_event_does_not_fit_its_signature_and_the_next_attempt_does(shop: _Shop, sandbox: Sandbox) -> None:
    shop.statuses = [400]
    sandbox.courier.mischief.plan(Harm.TAMPER)
    sandbox.pay(create(sandbox).id)
    sandbox.courier.deliver_due()
    sandbox.courier.deliver_due()
    assert [is_signed(delivery, "whsec_new") for delivery in shop.received] == [False, True]


def test_harm_is_done_as_often_as_it_was_planned_and_to_that_type_alone(sandbox: Sandbox) -> None:
    mischief = sandbox.courier.mischief
    mischief.plan(Harm.DROP, kind="refund.created", times=2)
    taken = [mischief.take(kind) for kind in ("charge.refunded", *["refund.created"] * 3)]
    assert taken == [None, Harm.DROP, Harm.DROP, None]


def test_odds_are_kept_from_a_seed(sandbox: Sandbox) -> None:
    sandbox.courier.mischief.set_odds({Harm.DROP: 0.25, Harm.DUPLICATE: 0.5})
    taken = [sandbox.courier.mischief.take("any") for _ in range(400)]
    assert (taken.count(Harm.DROP), taken.count(Harm.DUPLICATE), taken.count(None)) == (90, 206, 104)
