"""The HTTP side, on the loopback interface alone, and `Sandbox`: the whole thing with what tests need to steer it."""

import logging
import re
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from payments.sandbox import checkout, control, disputes, refunds
from payments.sandbox.account import Account
from payments.sandbox.api import Api, Reply
from payments.sandbox.clock import Clock
from payments.sandbox.courier import RETRY_DELAYS, Courier, sign_event
from payments.sandbox.faults import ConnectionLostError, Faults
from payments.sandbox.files import LARGEST_BYTES, read_multipart
from payments.sandbox.page import Page, load_style, show_page, submit_authentication, submit_page
from payments.sandbox.store import Document, Store

logger = logging.getLogger("payments.sandbox")

HOST = "127.0.0.1"
_LARGEST_BODY = LARGEST_BYTES + 1_048_576
_LOOPBACK_NAMES = {"127.0.0.1", "localhost"}


class Sandbox:
    """`with Sandbox() as sandbox:` serves at `sandbox.url` from threads of its own until the block ends."""

    def __init__(
        self,
        *,
        state: str = ":memory:",
        port: int = 0,
        webhook_url: str = "",
        secret: str = "whsec_sandbox",  # noqa: S107  known to everybody
        also_secrets: Sequence[str] = (),
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        """`also_secrets` sign beside `secret`, as at Stripe while an endpoint's secret is rotated."""
        self.secret = secret
        self.account = Account(Store(state), sends_webhooks=bool(webhook_url))
        self.faults = Faults()
        self.api = Api(self.account)
        self._server = _Server(self, port)
        self.account.url = f"http://{HOST}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="sandbox-http", daemon=True
        )
        secrets = (secret, *also_secrets)
        self.courier = Courier(self.account, webhook_url=webhook_url, secrets=secrets, retry_delays=retry_delays)

    @property
    def url(self) -> str:
        return self.account.url

    @property
    def clock(self) -> Clock:
        return self.account.clock

    def start(self) -> Self:
        self._thread.start()
        if self.account.sends_webhooks:
            self.courier.start()
        return self

    def stop(self) -> None:
        self.faults.clear()
        self.courier.stop()
        self._server.shutdown()
        self._server.server_close()
        self.account.store.close()

    def pay(
        self,
        session_id: str,
        *,
        card: str = "4242424242424242",
        even_if_expired: bool = False,
        customer: Document | None = None,
    ) -> Document:
        """Pay as the hosted page does; `even_if_expired` is the payment that comes too late."""
        with self.account.store.transaction():
            return checkout.pay_session(
                self.account, session_id, number=card, even_if_expired=even_if_expired, customer=customer
            )

    def authenticate(self, session_id: str, *, is_approved: bool) -> Document:
        """The buyer's answer to 3-D Secure."""
        with self.account.store.transaction():
            return checkout.authenticate_session(self.account, session_id, is_approved=is_approved)

    def settle_payment(self, session_id: str, *, is_paid: bool) -> Document:
        with self.account.store.transaction():
            return checkout.settle_session(self.account, session_id, is_paid=is_paid)

    def settle_refund(self, refund_id: str, *, status: str) -> Document:
        with self.account.store.transaction():
            return refunds.settle_refund(self.account, refund_id, status=status)

    def refund(self, session_id: str, *, amount: int | None = None) -> Document:
        """As somebody does in Stripe's dashboard, without asking us; all that is left, unless an amount is given."""
        with self.account.store.transaction():
            session = self.account.require("checkout.session", session_id)
            wanted = {"payment_intent": session["payment_intent"]} | ({"amount": amount} if amount else {})
            return refunds.create_refund(self.account, wanted)

    def dispute(
        self, session_id: str, *, status: str = "needs_response", amount: int | None = None, reason: str = "fraudulent"
    ) -> Document:
        with self.account.store.transaction():
            session = self.account.require("checkout.session", session_id)
            intent = self.account.require("payment_intent", session["payment_intent"])
            charge = intent["latest_charge"]
            return disputes.open_dispute(self.account, charge, reason=reason, status=status, amount=amount)

    def escalate_dispute(self, dispute_id: str) -> Document:
        with self.account.store.transaction():
            return disputes.escalate_dispute(self.account, dispute_id)

    def close_dispute(self, dispute_id: str, *, status: str) -> Document:
        with self.account.store.transaction():
            return disputes.close_dispute(self.account, dispute_id, status=status)

    def change(self, object_id: str, **fields: object) -> None:
        """Rewrite an object behind everybody's back, as no API call could: for what must never be believed."""
        document = self.account.store.get(object_id)
        if document is not None:
            self.account.store.put(document | fields)

    def list_kind(self, kind: str) -> list[Document]:
        """Objects of a kind, oldest first."""
        return self.account.store.list_kind(kind)[::-1]

    def sign(self, event: Document, *, secret: str = "", timestamp: int | None = None) -> tuple[bytes, str]:
        return sign_event(event, secret=secret or self.secret, timestamp=timestamp)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, port: int) -> None:
        self.sandbox = sandbox
        super().__init__((HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *arguments: object) -> None:
        logger.debug(*arguments)

    def _serve(self) -> None:
        try:
            address = urlsplit(self.path)
            form = self._read_form() if self.command == "POST" else address.query
            page = self._answer(address.path, form)
        except ConnectionLostError:
            self.close_connection = True
            return
        except Exception:
            logger.exception("%s %s", self.command, self.path)
            page = Page(500, '{"error": {"type": "api_error", "message": "The sandbox has a defect."}}')
        body = page.body.encode()
        self.send_response(page.status)
        for name, value in (page.headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _read_form(self) -> str:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            raise ConnectionLostError
        body, kind = self.rfile.read(int(length)), self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return body.decode("utf-8", "replace")
        form, contents = read_multipart(body, kind)
        self.server.sandbox.account.uploads |= contents
        return form

    def _answer(self, path: str, form: str) -> Page:
        sandbox = self.server.sandbox
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in _LOOPBACK_NAMES:
            # A name that another site made point here: its pages must not read or steer anything.
            return Page(403, f"This sandbox answers at {sandbox.url} alone.\n", {"Content-Type": "text/plain"})
        if path.startswith("/control/"):
            is_allowed = self.command == "POST" and self.headers.get(control.HEADER) == "yes"
            return _as_page(control.steer(sandbox, path, form, is_allowed=is_allowed))
        fault = sandbox.faults.take(method=self.command, path=path)
        reply = fault.before() if fault and fault.before else None
        if fault and reply and fault.is_stored and self.headers.get("Idempotency-Key"):
            key = self.headers["Idempotency-Key"]
            sandbox.api.remember(reply, method=self.command, path=path, form=form, key=key)
        page = _as_page(reply) if reply else self._route(sandbox, path, form)
        if fault and fault.after:
            fault.after()
        return page

    def _route(self, sandbox: Sandbox, path: str, form: str) -> Page:
        if path.startswith("/v1/"):
            headers = dict(self.headers.items())
            return _as_page(sandbox.api.answer(method=self.command, path=path, form=form, headers=headers))
        match = re.fullmatch(r"/c/pay/([A-Za-z0-9_]+)/authenticate", path)
        if match and self.command == "POST":
            return submit_authentication(sandbox.account, match[1], form)
        match = re.fullmatch(r"/c/pay/([A-Za-z0-9_]+)", path)
        if match:
            is_post = self.command == "POST"
            return submit_page(sandbox.account, match[1], form) if is_post else show_page(sandbox.account, match[1])
        if path == "/c/assets/page.css":
            return load_style()
        return Page(404, "The Stripe sandbox of Onetake: there is nothing here.\n", {"Content-Type": "text/plain"})


def _as_page(reply: Reply) -> Page:
    headers = {"Content-Type": "application/json"}
    if reply.is_replayed:
        headers["Idempotent-Replayed"] = "true"
    return Page(reply.status, reply.body, headers)
