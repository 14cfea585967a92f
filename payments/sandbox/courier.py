"""Signed webhooks: delivered at least once, retried for a bounded time, remembered across restarts."""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

import stripe

from payments.sandbox.account import Account
from payments.sandbox.api import run_due
from payments.sandbox.mischief import ALTERED, DELAY_SECONDS, DUPLICATES, Harm, Mischief
from payments.sandbox.store import Document

logger = logging.getLogger("payments.sandbox")

RETRY_DELAYS = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600)
_TIMEOUT_SECONDS = 10
_TICK_SECONDS = 0.5


def sign_event(
    event: Document, *, secret: str, also: Sequence[str] = (), timestamp: int | None = None
) -> tuple[bytes, str]:
    """The body of a webhook and its `Stripe-Signature` header, which has a part per secret while one is rotated."""
    payload = json.dumps(event)
    timestamp = int(time.time()) if timestamp is None else timestamp
    header = stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp)
    for other in also:
        header += "," + stripe.WebhookSignature.generate_signature_header(payload, other, timestamp).partition(",")[2]
    return payload.encode(), header


class Courier(threading.Thread):
    """Also keeps the account's time while nobody asks: sessions expire, delayed payments settle."""

    def __init__(
        self,
        account: Account,
        *,
        webhook_url: str,
        secrets: Sequence[str],
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        super().__init__(name="sandbox-courier", daemon=True)
        self.mischief = Mischief()
        self._account, self._url, self._secrets, self._delays = account, webhook_url, secrets, retry_delays
        self._stopped = threading.Event()
        self.gave_up = threading.Event()
        """Set once an event was given up after the last retry."""

    def run(self) -> None:
        while not self._stopped.wait(_TICK_SECONDS):
            self.deliver_due()

    def stop(self) -> None:
        self._stopped.set()
        if self.is_alive():
            self.join()

    def deliver_due(self) -> None:
        with self._account.store.transaction():
            run_due(self._account)
        for event_id, attempts in self._account.store.due_deliveries(self._account.clock.now()):
            if self._stopped.is_set():
                return
            self._deliver(event_id, attempts)

    def _deliver(self, event_id: str, attempts: int) -> None:
        event = self._account.require("event", event_id)
        harm = self.mischief.take(event["type"]) if attempts == 0 else None
        if harm is Harm.DROP:
            self._account.store.unschedule(event_id)
            logger.info("%s %s: dropped on its way", event["type"], event_id)
        elif harm is Harm.DELAY:
            due = self._account.clock.now() + DELAY_SECONDS
            self._account.store.schedule(event_id, attempts=1, due=due)
        else:
            copies = DUPLICATES if harm is Harm.DUPLICATE else 1
            statuses = [self._post(event, is_tampered=harm is Harm.TAMPER) for _ in range(copies)]
            self._note(event, attempts, statuses[-1])

    def _note(self, event: Document, attempts: int, status: int) -> None:
        if 200 <= status < 300:
            self._account.store.unschedule(event["id"])
        elif attempts < len(self._delays):
            due = self._account.clock.now() + self._delays[attempts]
            self._account.store.schedule(event["id"], attempts=attempts + 1, due=due)
            logger.info("%s %s: answered %s, trying again", event["type"], event["id"], status or "nothing")
        else:
            self._account.store.unschedule(event["id"])
            self.gave_up.set()
            logger.warning("%s %s: given up after %d attempts", event["type"], event["id"], attempts + 1)

    def _post(self, event: Document, *, is_tampered: bool) -> int:
        """The status of the answer, 0 for none."""
        body, signature = sign_event(event, secret=self._secrets[0], also=self._secrets[1:])
        if is_tampered:
            body = body.replace(*ALTERED)
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
        request = urllib.request.Request(self._url, data=body, headers=headers)  # noqa: S310  given by the launcher
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except (OSError, ValueError):
            return 0
