"""Bad days at the sandbox are those that Stripe has: lost calls, silence, storms, stored errors, a server that dies."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import stripe
from stripe._http_client import HTTPClient

from payments.sandbox.server import Sandbox
from tests.payments.conftest import CREATE
from tests.payments.test_sandbox import connect, parameters
from tests.payments.test_sandbox_process import start_process

STEER = {"Sandbox-Control": "yes"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def create(sandbox: Sandbox, key: str = "one", *, retries: int = 0) -> stripe.checkout.Session:
    options: stripe.RequestOptions = {"idempotency_key": key, "max_network_retries": retries}
    return connect(sandbox).v1.checkout.sessions.create(parameters(expires_at=_EXPIRY), options)


_EXPIRY = int(time.time()) + 40 * 60


def count_sessions(sandbox: Sandbox) -> int:
    return len(sandbox.list_kind("checkout.session"))


def test_lost_request_does_nothing_and_a_lost_reply_has_done_it(sandbox: Sandbox) -> None:
    sandbox.faults.lose_request(*CREATE)
    with pytest.raises(stripe.APIConnectionError):
        create(sandbox)
    assert count_sessions(sandbox) == 0
    sandbox.faults.lose_reply(*CREATE)
    with pytest.raises(stripe.APIConnectionError):
        create(sandbox)
    assert count_sessions(sandbox) == 1
    assert create(sandbox).id == sandbox.list_kind("checkout.session")[0]["id"]


@pytest.mark.parametrize("is_done", [False, True])
def test_hanging_call_ends_by_the_clients_own_patience(sandbox: Sandbox, is_done: bool) -> None:
    sandbox.faults.hang(*CREATE, is_done=is_done)
    client = stripe.StripeClient(
        "sk_test_abc", base_addresses={"api": sandbox.url}, http_client=stripe.RequestsClient(timeout=0.2)
    )
    with pytest.raises(stripe.APIConnectionError, match="timed out"):
        client.v1.checkout.sessions.create(parameters(), {"max_network_retries": 0})
    assert count_sessions(sandbox) == is_done


def test_stored_500_is_replayed_for_a_day_and_not_longer(sandbox: Sandbox) -> None:
    sandbox.clock.stop()
    sandbox.faults.fail(*CREATE)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create(sandbox)
    sandbox.clock.advance(seconds=24 * 60 * 60 - 1)
    with pytest.raises(stripe.APIError):
        create(sandbox)
    assert count_sessions(sandbox) == 0
    sandbox.clock.advance(seconds=-24 * 60 * 60 + 1)
    assert create(sandbox, "another").status == "open"
    sandbox.clock.advance(seconds=24 * 60 * 60)
    fresh = connect(sandbox).v1.checkout.sessions
    later = parameters(expires_at=sandbox.clock.now() + 40 * 60)
    assert fresh.create(later, {"idempotency_key": "one"}).status == "open"


def test_storm_is_told_as_stripe_tells_it_and_is_not_stored(sandbox: Sandbox) -> None:
    sandbox.faults.answer(*CREATE, status=429, times=2)
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            create(sandbox)
    assert create(sandbox).status == "open"


def test_error_that_is_over_is_ridden_out_by_the_client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(HTTPClient, "MAX_DELAY", 0)
    sandbox.faults.answer(*CREATE, status=500, times=2)
    assert create(sandbox, retries=2).status == "open"


@pytest.mark.parametrize(("is_done", "sessions"), [("no", 0), ("yes", 1)])
def test_sandbox_that_is_killed_at_a_call_remembers_what_it_had_done(
    tmp_path: Path, is_done: str, sessions: int
) -> None:
    state = str(tmp_path / "sandbox.sqlite3")
    process = start_process("--state", state)
    url = process.stdout.readline().split()[-1]
    plan = {"what": "kill", "method": "POST", "path": CREATE[1], "is_done": is_done}
    assert requests.post(f"{url}/control/faults", data=plan, headers=STEER, timeout=5).status_code == 200
    client = stripe.StripeClient("sk_test_abc", base_addresses={"api": url})
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(parameters(), {"max_network_retries": 0})
    assert process.wait(timeout=20) == -signal.SIGKILL
    process.communicate()
    with Sandbox(state=state) as again:
        assert count_sessions(again) == sessions


def test_clock_is_steered_from_outside(sandbox: Sandbox) -> None:
    session = create(sandbox)
    answer = requests.post(f"{sandbox.url}/control/clock", data={"seconds": "3600"}, headers=STEER, timeout=5)
    assert answer.status_code == 200
    assert connect(sandbox).v1.checkout.sessions.retrieve(session.id).status == "expired"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("clock", {}),
        ("clock", {"seconds": "soon"}),
        ("faults", {"what": "earthquake", "method": "GET", "path": "/v1/refunds"}),
        ("faults", {"what": "lose_reply", "method": "GET", "path": "("}),
        ("webhooks", {"drop": "0.7", "duplicate": "0.7"}),
        ("webhooks", {"burn": "0.1"}),
    ],
)
def test_nonsense_steers_nothing(sandbox: Sandbox, path: str, form: dict[str, str]) -> None:
    answer = requests.post(f"{sandbox.url}/control/{path}", data=form, headers=STEER, timeout=5)
    assert answer.status_code == 400
    assert sandbox.courier.mischief.take("any") is None
    assert sandbox.faults.take(method="GET", path="/v1/refunds") is None
    assert create(sandbox).status == "open"


def test_page_of_another_site_can_neither_steer_nor_read(sandbox: Sandbox) -> None:
    steer = f"{sandbox.url}/control/clock"
    assert requests.post(steer, data={"seconds": "3600"}, timeout=5).status_code == 404
    rebound = requests.get(f"{sandbox.url}/v1/refunds", headers={"Host": "evil.example"}, timeout=5)
    assert rebound.status_code == 403
    assert abs(sandbox.clock.now() - time.time()) < 60
