"""E-mail to buyers and administrators, through an outbox: written with its cause, sent by beat, tried again."""

import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Model
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from payments.invoices.papers import read_invoice_pdf
from payments.models import Invoice, Letter, Order

logger = logging.getLogger(__name__)
alerts = logging.getLogger("payments.alerts")

SUBJECTS = {
    "receipt": "{title} is yours",
    "owed": "You get your money back for {title}",
    "refunded": "Your refund for {title} has been made",
    "refund_failed": "Your refund for {title} needs a hand",
    "returned": "Money back for {title}",
    "disputed": "Your bank disputes the payment for {title}",
    "dispute_over": "The dispute about {title} is settled",
    "dispute_part": "Money back for {title}",
    "dispute_lost": "The sale of {title} was undone",
}
MAX_ATTEMPTS = 13
FIRST_PAUSE = timedelta(minutes=1)
"""Doubles with each attempt: thirteen of them take almost three days."""
BATCH = 100
SENDING_SECONDS = 20
"""After so long no other letter is begun: where a server takes its time for each, the next sweep goes on."""


def write_to_buyer(
    *, order: Order, kind: str, cause: Model | None, invoice: Invoice | None = None, **more: Any
) -> None:
    """Once per cause, in the caller's transaction: no letter tells of what was rolled back."""
    page = f"{settings.SITE_URL}/orders/{order.pk}/"
    context = {"order": order, "cause": cause, "invoice": invoice, "page": page, "site": settings.SITE_URL, **more}
    subject = SUBJECTS[kind].format(title=order.track.title)
    key = f"{kind} {cause._meta.model_name if cause else ''} {cause.pk if cause else order.pk}"
    _write(key, [order.user.email], subject, kind, context, order=order, invoice=invoice)


def write_to_admins(
    *, cause: str, kind: str, subject: str, context: dict[str, Any], order: Order | None = None
) -> None:
    """To every active superuser. Without one the log of alerts has to do."""
    recipients = list(User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True))
    if recipients:
        context = {**context, "site": settings.SITE_URL}
        _write(cause, recipients, subject, kind, context, order=order, is_internal=True)


def send_letters(*, now: datetime | None = None) -> Counter[str]:
    """Send what is due, and count: 'sent', 'failed', 'given up'."""
    now, ends = now or timezone.now(), time.monotonic() + SENDING_SECONDS
    due = Letter.objects.filter(sent_at=None, next_attempt_at__lte=now, attempts__lt=MAX_ATTEMPTS)
    counts: Counter[str] = Counter()
    for letter in due.order_by("next_attempt_at")[:BATCH]:
        pause = FIRST_PAUSE * 2**letter.attempts
        claimed = Letter.objects.filter(pk=letter.pk, sent_at=None, next_attempt_at=letter.next_attempt_at).update(
            next_attempt_at=now + pause, attempts=F("attempts") + 1
        )
        if claimed:  # else another sender got there first
            counts[_send(letter)] += 1
        if time.monotonic() >= ends:
            break
    return counts


def _write(
    cause: str,
    recipients: list[str],
    subject: str,
    kind: str,
    context: dict[str, Any],
    *,
    order: Order | None,
    invoice: Invoice | None = None,
    is_internal: bool = False,
) -> None:
    Letter.objects.get_or_create(
        cause=cause,
        defaults={
            "order": order,
            "invoice": invoice,
            "recipients": recipients,
            "is_internal": is_internal,
            "subject": " ".join(subject.split())[:200],
            "body": render_to_string(f"payments/mail/{kind}.txt", context),
            "next_attempt_at": timezone.now(),
        },
    )


def _send(letter: Letter) -> str:
    host = urlsplit(settings.SITE_URL).hostname
    message = EmailMessage(
        letter.subject,
        letter.body,
        to=letter.recipients,
        # The same at each attempt: should a crash send it twice, mail programs can tell that it is one.
        headers={"Message-ID": f"<letter-{letter.pk}-{letter.created_at:%Y%m%d%H%M%S}@{host}>"},
    )
    try:
        if letter.invoice:
            message.attach(f"{letter.invoice.number}.pdf", read_invoice_pdf(invoice=letter.invoice), "application/pdf")
        message.send()
    except Exception as error:  # noqa: BLE001  mail servers and storages have errors of their own; the letter waits
        return _note_failure(letter, error)
    Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now(), error="")
    return "sent"


def _note_failure(letter: Letter, error: Exception) -> str:
    Letter.objects.filter(pk=letter.pk).update(error=f"{type(error).__name__}: {error}"[:300])
    if letter.attempts + 1 < MAX_ATTEMPTS:
        logger.warning("Letter %s was not sent: %s", letter.pk, error)
        return "failed"
    alerts.error("Letter %s (%s) is given up: %s", letter.pk, letter.subject, error)
    return "given up"
