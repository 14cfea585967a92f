"""Letters go out once for each cause, whatever the mail server does, and tell the buyer what happened to the money."""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import Letter, Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil, request_refund, send_letters, settle_disputes
from payments.services.letters import MAX_ATTEMPTS
from tests.payments.conftest import REFUND, pay_after_the_rival

pytestmark = pytest.mark.any_database


def take_post() -> list[EmailMessage]:
    """What is sent now."""
    mail.outbox.clear()
    send_letters()
    return list(mail.outbox)


def test_receipt_with_the_invoice_is_sent_once(sale: Order, sandbox: Sandbox) -> None:
    fulfil(session_id=sale.session_id, actor="return page")
    (letter,) = take_post()
    assert letter.to == ["buyer@example.com"]
    assert letter.subject == f"{sale.track.title} is yours"
    assert "€249.00" in letter.body
    assert f"http://testserver/orders/{sale.pk}/" in letter.body
    ((name, content, kind),) = letter.attachments
    assert (name, content[:5], kind) == (f"{sale.invoice.number}.pdf", b"%PDF-", "application/pdf")
    assert take_post() == []


def test_no_letter_tells_of_a_sale_that_was_rolled_back(
    order: Order, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.services import fulfilment

    write = fulfilment.write_to_buyer

    def write_and_die(**letter: Any) -> None:
        write(**letter)
        raise RuntimeError("the process dies here")

    sandbox.pay(order.session_id)
    with monkeypatch.context() as patch:
        patch.setattr(fulfilment, "write_to_buyer", write_and_die)
        with pytest.raises(RuntimeError):
            fulfil(session_id=order.session_id, actor="webhook")
    assert take_post() == []


def test_late_payment_for_a_sold_track_is_refunded_and_explained_unasked(
    order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    pay_after_the_rival(order, rival, track, sandbox)
    fulfil(session_id=order.session_id, actor="webhook")
    letters = [letter for letter in take_post() if letter.to == ["buyer@example.com"]]
    assert [letter.subject for letter in letters] == [
        f"You get your money back for {track.title}",
        f"Your refund for {track.title} has been made",
    ]
    assert "The payment came after the track was no longer free." in letters[0].body


def test_refund_after_the_sale_comes_with_its_credit_note(sale: Order) -> None:
    take_post()
    request_refund(order=sale, amount=900, reason="Agreed by phone.", actor="admin")
    (letter,) = take_post()
    assert "The track stays yours." in letter.body
    assert letter.attachments[0][0].startswith("CN-")
    request_refund(order=sale, amount=24_000, reason="Wish.", actor="admin")
    assert "your rights in the track have ended" in take_post()[0].body


def test_failed_refund_tells_the_buyer_and_the_administrators(
    order: Order, sandbox: Sandbox, make_user: Callable[..., User]
) -> None:
    make_user("ada@example.com", is_superuser=True)
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=100)
    sandbox.faults.answer(*REFUND, status=400)
    fulfil(session_id=order.session_id, actor="webhook")
    post = take_post()
    assert ["ada@example.com"] in [letter.to for letter in post]
    assert f"Your refund for {order.track.title} needs a hand" in [letter.subject for letter in post]


def test_dispute_and_its_end_are_told(sale: Order, sandbox: Sandbox) -> None:
    take_post()
    dispute = sandbox.dispute(sale.session_id)
    settle_disputes(order=sale, actor="webhook")
    assert "Its files rest until the dispute is settled." in take_post()[0].body
    sandbox.close_dispute(dispute["id"], status="lost")
    settle_disputes(order=sale, actor="webhook")
    assert "your rights in this track have ended" in take_post()[0].body


def test_silent_mail_server_is_tried_again_later_and_later(sale: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: EmailMessage, **_: Any) -> int:
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        assert send_letters(now=now) == {"failed": 1}
        assert send_letters(now=now) == {}
        assert send_letters(now=now + timedelta(minutes=1)) == {"failed": 1}
        assert send_letters(now=now + timedelta(minutes=2)) == {}
    letter = Letter.objects.get()
    assert (letter.attempts, letter.sent_at) == (2, None)
    assert "Connection unexpectedly closed" in letter.error
    assert send_letters(now=now + timedelta(minutes=3)) == {"sent": 1}


def test_mail_server_that_accepts_and_says_nothing_is_left_and_tried_again(
    sale: Order, silent_mail_server: None, settings: Any
) -> None:
    now = timezone.now()
    assert send_letters(now=now) == {"failed": 1}
    assert "timed out" in Letter.objects.get().error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_letters(now=now + timedelta(minutes=1)) == {"sent": 1}


def test_slow_mail_server_is_left_when_the_time_is_up_and_the_others_letters_stay_due(
    sale: Order, silent_mail_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_refund(order=sale, amount=900, reason="Agreed by phone.", actor="admin")
    monkeypatch.setattr("payments.services.letters.SENDING_SECONDS", 0)
    assert send_letters() == {"failed": 1}
    assert list(Letter.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0]


def test_letter_that_never_goes_is_given_up_with_an_alert(
    sale: Order, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_self: EmailMessage, **_: Any) -> int:
        raise OSError("no route to host")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    Letter.objects.update(attempts=MAX_ATTEMPTS - 1)
    assert send_letters() == {"given up": 1}
    assert "is given up: no route to host" in caplog.text
    assert send_letters(now=timezone.now() + timedelta(days=30)) == {}


def test_two_senders_send_it_once(sale: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reads the letter before the first has claimed it."""
    from payments.services import letters

    send = letters._send

    def send_while_another_tries(letter: Letter) -> str:
        monkeypatch.setattr(letters, "_send", send)
        stale = letter.next_attempt_at
        assert not Letter.objects.filter(pk=letter.pk, next_attempt_at=stale).exists()
        assert send_letters() == {}
        return send(letter)

    monkeypatch.setattr(letters, "_send", send_while_another_tries)
    assert len(take_post()) == 1
