"""The door that anyone can knock at: only what Stripe signed lately comes in, and it comes in once."""

import json
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from redis import Redis

from payments.models import Order, WebhookEvent
from payments.sandbox.courier import sign_event
from payments.sandbox.server import Sandbox
from payments.services import process_event
from tests.payments.conftest import deliver, forge, last_event, post_webhook, send, state_of

pytestmark = [pytest.mark.any_database, pytest.mark.django_db]

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.created",
    "livemode": False,
    "data": {"object": {"id": "cus_1"}},
}


def sign(event: Any, *, secret: str | None = None, timestamp: int | None = None) -> tuple[bytes, str]:
    return sign_event(event, secret=secret or "whsec_test_one", timestamp=timestamp)


def test_signed_event_is_stored_once_and_answered_with_200() -> None:
    for _ in range(2):
        assert post_webhook(*sign(EVENT)).status_code == 200
    stored = WebhookEvent.objects.get()
    assert (stored.event_id, stored.type, stored.payload) == ("evt_1", "customer.created", EVENT)


def test_both_secrets_are_accepted_while_one_is_rotated() -> None:
    for number, secret in enumerate(("whsec_test_one", "whsec_test_two")):
        assert post_webhook(*sign(EVENT | {"id": f"evt_{number}"}, secret=secret)).status_code == 200
    assert WebhookEvent.objects.count() == 2


def test_stranger_to_every_secret_is_refused(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_test_two"]
    assert post_webhook(*sign(EVENT)).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_tampered_body_is_refused() -> None:
    body, signature = sign(EVENT)
    assert post_webhook(body.replace(b"evt_1", b"evt_2"), signature).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(("seconds", "status"), [(-301, 400), (-290, 200), (290, 200), (310, 400)])
def test_signature_counts_for_five_minutes_either_way(seconds: int, status: int) -> None:
    assert post_webhook(*sign(EVENT, timestamp=int(time.time()) + seconds)).status_code == status
    assert WebhookEvent.objects.count() == (status == 200)


@pytest.mark.parametrize(
    "signature",
    ["", "t=1", "v1=abc", "t=now,v1=abc", "t=1,v1=é", "t=,v1=", ",", "t=1,v1=abc", "v0=abc,t=99999999999", "t" * 9000],
)
def test_malformed_signature_is_refused(signature: str) -> None:
    assert post_webhook(forge(), signature).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    "event",
    [
        [],
        [EVENT],
        "text",
        None,
        17,
        {},
        EVENT | {"id": None},
        EVENT | {"id": 5},
        EVENT | {"id": "e" * 256},
        EVENT | {"type": "t" * 121},
        EVENT | {"livemode": "no"},
        EVENT | {"data": []},
        EVENT | {"data": {}},
        EVENT | {"data": {"object": "cs_1"}},
        EVENT | {"type": "a\0b"},
    ],
)
def test_signed_nonsense_is_refused(event: Any) -> None:
    assert post_webhook(*sign(event)).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{", b"[" * 60_000])
def test_body_that_is_no_json_is_refused(body: bytes) -> None:
    import hashlib
    import hmac

    now = int(time.time())
    digest = hmac.new(b"whsec_test_one", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    assert post_webhook(body, f"t={now},v1={digest}").status_code == 400
    assert not WebhookEvent.objects.exists()


def test_body_over_64_kib_is_refused_unread() -> None:
    body, signature = sign(EVENT | {"padding": "x" * 65_536})
    assert post_webhook(body, signature).status_code == 413
    assert not WebhookEvent.objects.exists()


def test_only_post_is_allowed() -> None:
    assert Client().get(reverse("payments:webhook")).status_code == 405


def test_webhook_needs_no_csrf_token() -> None:
    body, signature = sign(EVENT)
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        reverse("payments:webhook"), body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    assert response.status_code == 200


def test_event_that_does_not_concern_us_is_done_with(sandbox: Sandbox) -> None:
    post_webhook(*sign(EVENT))
    stored = deliver(json.loads(sign(EVENT)[0]), sandbox)
    assert stored.outcome == "nothing to do"


@pytest.mark.django_db(transaction=True)
def test_broker_down_answers_200_and_leaves_the_event_for_the_reconciler(
    order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kombu.exceptions import OperationalError

    from payments.services import reconcile
    from payments.tasks import process_event

    def refuse(_event_id: int) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(process_event, "delay", refuse)
    sandbox.pay(order.session_id)
    assert send(last_event(sandbox, "checkout.session.completed"), sandbox).status_code == 200
    assert state_of(order) == Order.State.OPEN
    reconcile(now=order.expires_at)
    assert state_of(order) == Order.State.SOLD
    assert WebhookEvent.objects.get().processed_at is not None


def test_database_that_is_down_answers_500_and_the_retry_succeeds() -> None:
    def refuse(_execute: Any, *_arguments: Any) -> None:
        raise DatabaseError("the connection is closed")

    body, signature = sign(EVENT)
    headers = {"Stripe-Signature": signature}
    client = Client(raise_request_exception=False)
    address = reverse("payments:webhook")
    with connection.execute_wrapper(refuse):
        broken = client.generic("POST", address, body, content_type="application/json", headers=headers)
    assert broken.status_code == 500
    assert not WebhookEvent.objects.exists()
    assert post_webhook(body, signature).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_new_event_is_handed_to_a_worker_and_a_finished_one_is_not(sandbox: Sandbox) -> None:
    queue = Redis.from_url(settings.REDIS_URL)
    before = queue.llen("books")
    post_webhook(*sign(EVENT))
    assert queue.llen("books") == before + 1
    process_event(event_id=WebhookEvent.objects.get().pk)
    post_webhook(*sign(EVENT))
    assert queue.llen("books") == before + 1


def test_tasks_wait_for_no_result_store() -> None:
    """With a result store that is down, a task whose result is kept takes 20 seconds to enqueue."""
    from payments import tasks

    assert tasks.process_event.ignore_result
    assert tasks.reconcile.ignore_result
