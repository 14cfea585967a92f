"""The hosted page lets a developer try what buyers do at Stripe: authenticate, fail to, close the tab, come back."""

from collections.abc import Iterator

import pytest
import requests
import stripe

from payments.sandbox.server import Sandbox
from tests.payments.test_sandbox import connect, create

SECURE_CARD = "4000 0000 0000 3220"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def press_pay(session: stripe.checkout.Session, number: str, **more: str) -> requests.Response:
    return requests.post(session.url, data={"card_number": number, **more}, allow_redirects=False, timeout=5)


def answer_bank(session: stripe.checkout.Session, answer: str) -> requests.Response:
    return requests.post(f"{session.url}/authenticate", data={"answer": answer}, allow_redirects=False, timeout=5)


def look(sandbox: Sandbox, session: stripe.checkout.Session) -> tuple[str, str, str]:
    now = connect(sandbox).v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    return now.status, now.payment_status, now.payment_intent.status


def test_three_d_secure_keeps_the_session_open_until_the_buyer_answers(sandbox: Sandbox) -> None:
    session = create(sandbox)
    assert press_pay(session, SECURE_CARD).headers["Location"] == f"/c/pay/{session.id}"
    assert look(sandbox, session) == ("open", "unpaid", "requires_action")
    assert "3-D Secure" in requests.get(session.url, timeout=5).text
    assert sandbox.list_kind("event") == []
    assert "return/?session_id" in answer_bank(session, "approve").headers["Location"]
    assert look(sandbox, session) == ("complete", "paid", "succeeded")
    assert [event["type"] for event in sandbox.list_kind("event")] == ["checkout.session.completed"]


def test_failed_authentication_takes_another_card_in_the_same_payment(sandbox: Sandbox) -> None:
    session = create(sandbox)
    press_pay(session, SECURE_CARD)
    refused = answer_bank(session, "refuse")
    assert refused.status_code == 402
    assert "unable to authenticate" in refused.text
    assert look(sandbox, session) == ("open", "unpaid", "requires_payment_method")
    press_pay(session, "4242424242424242")
    assert look(sandbox, session) == ("complete", "paid", "succeeded")
    assert len(sandbox.list_kind("payment_intent")) == 1


def test_authentication_that_comes_after_the_expiry_takes_no_money(sandbox: Sandbox) -> None:
    session = create(sandbox)
    press_pay(session, SECURE_CARD)
    connect(sandbox).v1.checkout.sessions.expire(session.id)
    assert "has expired" in answer_bank(session, "approve").text
    assert look(sandbox, session) == ("expired", "unpaid", "canceled")
    assert sandbox.list_kind("charge") == []


def test_answer_without_a_question_changes_nothing(sandbox: Sandbox) -> None:
    session = create(sandbox)
    assert "Card number" in answer_bank(session, "approve").text
    assert connect(sandbox).v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    lost = requests.post(f"{sandbox.url}/c/pay/cs_test_nothing/authenticate", data={"answer": "approve"}, timeout=5)
    assert lost.status_code == 404


def test_buyer_who_pays_and_closes_the_tab_never_returns_to_the_shop(sandbox: Sandbox) -> None:
    session = create(sandbox)
    assert press_pay(session, "4242424242424242", close_tab="yes").headers["Location"] == f"/c/pay/{session.id}"
    assert look(sandbox, session) == ("complete", "paid", "succeeded")


def test_buyer_who_goes_back_leaves_the_session_open(sandbox: Sandbox) -> None:
    session = create(sandbox)
    assert f'href="{session.cancel_url}"' in requests.get(session.url, timeout=5).text
    assert connect(sandbox).v1.checkout.sessions.retrieve(session.id).status == "open"


def test_late_card_completes_unpaid_and_its_page_says_so(sandbox: Sandbox) -> None:
    session = create(sandbox)
    press_pay(session, "4000000000000077")
    assert look(sandbox, session) == ("complete", "unpaid", "processing")
    assert "its payment is on the way" in requests.get(session.url, timeout=5).text


def test_payments_and_charges_are_listed_and_expanded(sandbox: Sandbox) -> None:
    session = create(sandbox)
    press_pay(session, "4242424242424242")
    client = connect(sandbox).v1
    intent = client.payment_intents.list({"expand": ["data.latest_charge"]}).data[0]
    assert intent.latest_charge.id == client.charges.list({"payment_intent": intent.id}).data[0].id
    assert client.events.list({"type": "checkout.session.completed"}).data[0].data.object.id == session.id
