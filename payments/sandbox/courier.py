"""Signed webhooks: delivered at least once, retried for a bounded time, remembered across restarts."""

import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence

import stripe

from payments.sandbox.account import Account
from payments.sandbox.api import run_due
from payments.sandbox.store import Document

logger = logging.getLogger("payments.sandbox")

RETRY_DELAYS = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600)
_TIMEOUT_SECONDS = 10
_TICK_SECONDS = 0.5


def sign_event(event: Document, *, secret: str, timestamp: int | None = None) -> tuple[bytes, str]:
    """The body of a webhook and its `Stripe-Signature` header."""
    payload = json.dumps(event)
    return payload.encode(), stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp)


class Courier(threading.Thread):
    """Also keeps the account's time while nobody asks: sessions expire, delayed payments settle."""

    def __init__(
        self, account: Account, *, webhook_url: str, secret: str, retry_delays: Sequence[float] = RETRY_DELAYS
    ) -> None:
        super().__init__(name="sandbox-courier", daemon=True)
        self._account, self._url, self._secret, self._delays = account, webhook_url, secret, retry_delays
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
        status = self._post(event)
        if 200 <= status < 300:
            self._account.store.unschedule(event_id)
        elif attempts < len(self._delays):
            due = self._account.clock.now() + self._delays[attempts]
            self._account.store.schedule(event_id, attempts=attempts + 1, due=due)
            logger.info("%s %s: answered %s, trying again", event["type"], event_id, status or "nothing")
        else:
            self._account.store.unschedule(event_id)
            self.gave_up.set()
            logger.warning("%s %s: given up after %d attempts", event["type"], event_id, attempts + 1)

    def _post(self, event: Document) -> int:
        """The status of the answer, 0 for none."""
        body, signature = sign_event(event, secret=self._secret)
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
