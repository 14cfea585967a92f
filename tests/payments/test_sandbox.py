"""The sandbox keeps Stripe's rules, so that what passes here does not fail there."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from payments.gateway import API_VERSION, StripeGateway
from payments.sandbox.account import API_VERSION as SANDBOX_VERSION
from payments.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def connect(sandbox: Sandbox, *, key: str = "sk_test_abc", version: str = API_VERSION) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": sandbox.url}, stripe_version=version)


def parameters(**changes: Any) -> dict[str, Any]:
    price = {"currency": "eur", "unit_amount": 24_900, "product_data": {"name": "Quiet <Harbour> & more"}}
    base = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": "http://127.0.0.1:8000/orders/1/return/?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:8000/orders/1/",
        "expires_at": int(time.time()) + 31 * 60,
    }
    return base | changes


def create(sandbox: Sandbox, **changes: Any) -> stripe.checkout.Session:
    return connect(sandbox).v1.checkout.sessions.create(parameters(**changes))


def test_gateway_and_sandbox_speak_the_installed_librarys_version() -> None:
    from stripe._api_version import _ApiVersion

    assert API_VERSION == SANDBOX_VERSION == _ApiVersion.CURRENT


def test_live_key_is_refused(sandbox: Sandbox) -> None:
    for key in ("sk_live_abc", "rk_live_abc", "whatever"):
        with pytest.raises(stripe.AuthenticationError):
            connect(sandbox, key=key).v1.checkout.sessions.create(parameters())
    assert sandbox.list_kind("checkout.session") == []


def test_another_api_version_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="API version"):
        connect(sandbox, version="2020-08-27").v1.checkout.sessions.create(parameters())


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"ui_mode": "hosted"}, "ui_mode"),
        ({"mode": "payments"}, "mode"),
        ({"colour": "red"}, "colour"),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"adaptive_pricing": {"enabled": "maybe"}}, "adaptive_pricing[enabled]"),
        ({"allowed_payment_method_types": ["gold"]}, "allowed_payment_method_types[0]"),
        ({"line_items": [{"price_data": {"unit_amount": 1}}]}, "line_items[0][price_data][currency]"),
        ({"line_items": []}, "line_items"),
        ({"success_url": None}, "success_url"),
        ({"expires_at": int(time.time()) + 29 * 60}, "expires_at"),
        ({"expires_at": int(time.time()) + 25 * 3600}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
    ],
)
def test_request_that_stripe_would_refuse_is_refused_by_name(
    sandbox: Sandbox, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create(sandbox, **changes)
    assert caught.value.param == param
    assert sandbox.list_kind("checkout.session") == []


def test_idempotency_key_replays_and_refuses_other_words(sandbox: Sandbox) -> None:
    sessions = connect(sandbox).v1.checkout.sessions
    first = sessions.create(parameters(), {"idempotency_key": "one"})
    again = sessions.create(parameters(), {"idempotency_key": "one"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        sessions.create(parameters(client_reference_id="x"), {"idempotency_key": "one"})
    assert len(sandbox.list_kind("checkout.session")) == 1


def test_idempotency_key_stays_free_after_a_refusal(sandbox: Sandbox) -> None:
    sessions = connect(sandbox).v1.checkout.sessions
    with pytest.raises(stripe.InvalidRequestError):
        sessions.create(parameters(mode="payments"), {"idempotency_key": "one"})
    assert sessions.create(parameters(), {"idempotency_key": "one"}).status == "open"


def test_hosted_page_shows_the_purchase_and_takes_a_bare_card_number(sandbox: Sandbox) -> None:
    session = create(sandbox)
    page = requests.get(session.url, timeout=5)
    assert "Test mode" in page.text
    assert "€249.00" in page.text
    assert "Quiet &lt;Harbour&gt; &amp; more" in page.text
    paid = requests.post(session.url, data={"card_number": "4242424242424242"}, allow_redirects=False, timeout=5)
    assert paid.status_code == 303
    assert paid.headers["Location"] == f"http://127.0.0.1:8000/orders/1/return/?session_id={session.id}"
    assert connect(sandbox).v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert [event["type"] for event in sandbox.list_kind("event")] == ["checkout.session.completed"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("4000000000000002", "declined"),
        ("4000 0000 0000 9995", "insufficient"),
        ("1234", "not one of the test cards"),
        ("", "not one of the test cards"),
    ],
)
def test_refused_card_keeps_the_session_open(sandbox: Sandbox, number: str, words: str) -> None:
    session = create(sandbox)
    page = requests.post(session.url, data={"card_number": number}, timeout=5)
    assert page.status_code == 402
    assert words in page.text
    assert connect(sandbox).v1.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.list_kind("event") == []


def test_page_pays_once(sandbox: Sandbox) -> None:
    session = create(sandbox)
    for _ in range(2):
        requests.post(session.url, data={"card_number": "4242424242424242"}, allow_redirects=False, timeout=5)
    assert "This is paid" in requests.get(session.url, timeout=5).text
    assert len(sandbox.list_kind("payment_intent")) == 1


def test_unknown_page_and_address_are_404(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/c/pay/cs_test_nothing", timeout=5).status_code == 404
    assert requests.get(f"{sandbox.url}/elsewhere", timeout=5).status_code == 404
    with pytest.raises(stripe.InvalidRequestError):
        connect(sandbox).v1.customers.create({"name": "A"})


def test_session_expires_by_the_clock_and_cannot_be_paid_then(sandbox: Sandbox) -> None:
    session = create(sandbox)
    url = session.url
    sandbox.clock.advance(seconds=31 * 60)
    late = connect(sandbox).v1.checkout.sessions.retrieve(session.id)
    assert (late.status, late.url) == ("expired", None)
    page = requests.post(url, data={"card_number": "4242424242424242"}, timeout=5)
    assert "has expired" in page.text
    assert [event["type"] for event in sandbox.list_kind("event")] == ["checkout.session.expired"]


def test_complete_session_cannot_be_expired(sandbox: Sandbox) -> None:
    session = create(sandbox)
    sandbox.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError):
        connect(sandbox).v1.checkout.sessions.expire(session.id)


def test_delayed_payment_settles_after_three_seconds(sandbox: Sandbox) -> None:
    session = create(sandbox)
    sandbox.pay(session.id, card="4000000000000077")
    sessions = connect(sandbox).v1.checkout.sessions
    assert sessions.retrieve(session.id).payment_status == "unpaid"
    sandbox.clock.advance(seconds=4)
    assert sessions.retrieve(session.id).payment_status == "paid"
    kinds = [event["type"] for event in sandbox.list_kind("event")]
    assert kinds == ["checkout.session.completed", "checkout.session.async_payment_succeeded"]


def test_expand_follows_ids(sandbox: Sandbox) -> None:
    session = create(sandbox)
    sandbox.pay(session.id)
    sessions = connect(sandbox).v1.checkout.sessions
    expanded = sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert expanded.payment_intent.latest_charge.amount == 24_900
    with pytest.raises(stripe.InvalidRequestError):
        sessions.retrieve(session.id, {"expand": ["colour"]})


def test_more_than_was_paid_is_never_refunded(sandbox: Sandbox) -> None:
    session = create(sandbox)
    intent = sandbox.pay(session.id)["payment_intent"]
    refunds = connect(sandbox).v1.refunds
    refunds.create({"payment_intent": intent, "amount": 20_000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refunds.create({"payment_intent": intent, "amount": 5_000})
    refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        refunds.create({"payment_intent": intent})
    assert [refund.amount for refund in refunds.list({"payment_intent": intent}).data] == [4_900, 20_000]


def test_lists_are_paged(sandbox: Sandbox) -> None:
    ids = [create(sandbox).id for _ in range(5)]
    page = connect(sandbox).v1.checkout.sessions.list({"limit": 2})
    assert page.has_more
    assert [session.id for session in page.auto_paging_iter()] == ids[::-1]


def test_restart_keeps_sessions_and_their_pages_follow_the_port(tmp_path: Path) -> None:
    state = str(tmp_path / "sandbox.sqlite3")
    with Sandbox(state=state) as first:
        session = create(first)
    with Sandbox(state=state) as second:
        found = connect(second).v1.checkout.sessions.retrieve(session.id)
        assert found.url == f"{second.url}/c/pay/{session.id}"
        assert requests.get(found.url, timeout=5).status_code == 200


class _Shop(HTTPServer):
    """Answers webhooks with the given statuses in turn, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.received, self.done = list(statuses), [], threading.Event()
        super().__init__(("127.0.0.1", 0), _ShopHandler)


class _ShopHandler(BaseHTTPRequestHandler):
    server: _Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Stripe-Signature"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.end_headers()
        if status == 200:
            self.server.done.set()

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


def test_webhook_is_signed_and_retried_until_it_is_taken() -> None:
    shop = _Shop(500, 503)
    threading.Thread(target=shop.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{shop.server_port}/hook"
    with Sandbox(webhook_url=url, secret="whsec_shop", retry_delays=(0, 0, 0)) as sandbox:
        sandbox.pay(create(sandbox).id)
        assert shop.done.wait(timeout=20)
    shop.shutdown()
    shop.server_close()
    assert len(shop.received) == 3
    assert len({body for body, _ in shop.received}) == 1
    for body, signature in shop.received:
        assert stripe.WebhookSignature.verify_header(body, signature, "whsec_shop", 300)


def test_webhook_that_is_never_taken_is_given_up() -> None:
    with Sandbox(webhook_url="http://127.0.0.1:9/", retry_delays=(0, 0)) as sandbox:
        sandbox.pay(create(sandbox).id)
        assert sandbox.courier.gave_up.wait(timeout=20)


def test_gateway_reads_what_the_sandbox_says(sandbox: Sandbox) -> None:
    gateway = StripeGateway(api_key="sk_test_abc", api_base=sandbox.url)
    session = gateway.create_session(parameters=parameters(client_reference_id="o1"), idempotency_key="k")
    sandbox.pay(session.id)
    found = gateway.retrieve_session(session_id=session.id)
    assert (found.outcome.value, found.amount, found.currency, found.livemode) == ("paid", 24_900, "eur", False)
    assert found.payment_intent_id.startswith("pi_")
