"""`/v1/`: who asks, for what, and whether they asked before."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stripe import params
from stripe.params import checkout as checkout_params

from payments.sandbox import checkout, disputes, files, refunds
from payments.sandbox.account import API_VERSION, Account
from payments.sandbox.errors import ApiError
from payments.sandbox.forms import decode_form
from payments.sandbox.schema import check_parameters
from payments.sandbox.store import Document

Handler = Callable[[Account, dict[str, Any], str], Document]

KEY_LIFE_SECONDS = 24 * 60 * 60
"""For so long an idempotency key is known; after that it is as good as new."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    is_replayed: bool = False


def _retrieve(kind: str) -> Handler:
    return lambda account, _parameters, object_id: account.require(kind, object_id)


def _list(kind: str, *filters: str) -> Handler:
    def list_kind(account: Account, parameters: dict[str, Any], path: str) -> Document:
        chosen = {name: parameters[name] for name in filters if name in parameters}
        return account.list_page(kind, parameters, chosen, path)

    return list_kind


_ROUTES: list[tuple[str, str, type, Handler]] = [
    (
        "POST",
        "/v1/checkout/sessions",
        checkout_params.SessionCreateParams,
        lambda a, p, _: checkout.create_session(a, p),
    ),
    (
        "GET",
        "/v1/checkout/sessions",
        checkout_params.SessionListParams,
        _list("checkout.session", "payment_intent", "status"),
    ),
    ("GET", "/v1/checkout/sessions/(.+)", checkout_params.SessionRetrieveParams, _retrieve("checkout.session")),
    (
        "POST",
        "/v1/checkout/sessions/(.+)/expire",
        checkout_params.SessionExpireParams,
        lambda a, _, i: checkout.expire_session(a, i),
    ),
    ("GET", "/v1/payment_intents", params.PaymentIntentListParams, _list("payment_intent")),
    ("GET", "/v1/payment_intents/(.+)", params.PaymentIntentRetrieveParams, _retrieve("payment_intent")),
    ("GET", "/v1/charges", params.ChargeListParams, _list("charge", "payment_intent")),
    ("GET", "/v1/charges/(.+)", params.ChargeRetrieveParams, _retrieve("charge")),
    ("POST", "/v1/refunds", params.RefundCreateParams, lambda a, p, _: refunds.create_refund(a, p)),
    ("GET", "/v1/refunds", params.RefundListParams, _list("refund", "payment_intent", "charge")),
    ("GET", "/v1/refunds/(.+)", params.RefundRetrieveParams, _retrieve("refund")),
    ("GET", "/v1/disputes", params.DisputeListParams, _list("dispute", "payment_intent", "charge")),
    ("GET", "/v1/disputes/(.+)", params.DisputeRetrieveParams, _retrieve("dispute")),
    ("POST", "/v1/disputes/(.+)/close", params.DisputeCloseParams, lambda a, _, i: disputes.close_dispute(a, i)),
    ("POST", "/v1/disputes/(.+)", params.DisputeUpdateParams, lambda a, p, i: disputes.update_dispute(a, i, p)),
    ("POST", "/v1/files", params.FileCreateParams, lambda a, p, _: files.create_file(a, p)),
    ("GET", "/v1/files", params.FileListParams, _list("file", "purpose")),
    ("GET", "/v1/files/(.+)", params.FileRetrieveParams, _retrieve("file")),
    ("GET", "/v1/events", params.EventListParams, _list("event", "type")),
    ("GET", "/v1/events/(.+)", params.EventRetrieveParams, _retrieve("event")),
]


class Api:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._keys_in_use: set[str] = set()

    def answer(self, *, method: str, path: str, form: str, headers: Mapping[str, str]) -> Reply:
        """`form` is the query of a GET or the body of a POST, still encoded."""
        try:
            _check_client(headers)
            key = headers.get("Idempotency-Key", "") if method == "POST" else ""
            return self._answer_once(method, path, form, key) if key else self._run(method, path, form, "")
        except ApiError as error:
            return Reply(error.status, json.dumps(error.body))

    def _answer_once(self, method: str, path: str, form: str, key: str) -> Reply:
        if len(key) > 255:
            raise ApiError("Idempotency keys can have up to 255 characters.")
        with self._lock:
            if key in self._keys_in_use:
                raise ApiError(
                    "Another request with this idempotency key is in progress.",
                    status=409,
                    code="idempotency_key_in_use",
                )
            self._keys_in_use.add(key)
        try:
            return self._replay(method, path, form, key) or self._run(method, path, form, key)
        finally:
            with self._lock:
                self._keys_in_use.discard(key)

    def _replay(self, method: str, path: str, form: str, key: str) -> Reply | None:
        known = self._account.store.get_reply(key, since=self._account.clock.now() - KEY_LIFE_SECONDS)
        if known is None:
            return None
        fingerprint, status, body = known
        if fingerprint != _fingerprint(method, path, form):
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                kind="idempotency_error",
            )
        return Reply(status, body, is_replayed=True)

    def _run(self, method: str, path: str, form: str, key: str) -> Reply:
        with self._account.store.transaction():
            run_due(self._account)
        handler, params_type, argument = _find_route(method, path)
        parameters = check_parameters(decode_form(form), params_type)
        with self._account.store.transaction():
            try:
                found = handler(self._account, parameters, argument)
                shown = found if found["object"] == "list" else self._account.show(found)
                reply = Reply(200, json.dumps(_expand(self._account, shown, parameters.get("expand", []))))
            except ApiError as error:
                if not error.is_executed:
                    raise
                reply = Reply(error.status, json.dumps(error.body))
            if key:
                self.remember(reply, method=method, path=path, form=form, key=key)
        return reply

    def remember(self, reply: Reply, *, method: str, path: str, form: str, key: str) -> None:
        """Keep an answer under its idempotency key."""
        self._account.store.put_reply(
            key,
            fingerprint=_fingerprint(method, path, form),
            status=reply.status,
            body=reply.body,
            now=self._account.clock.now(),
        )


def run_due(account: Account) -> None:
    """Let time do its work, before anything else looks at the objects."""
    checkout.run_due_sessions(account)
    refunds.run_due_refunds(account)
    disputes.run_due_disputes(account)


def _check_client(headers: Mapping[str, str]) -> None:
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key.startswith("sk_test_"):
        message = "The sandbox takes sk_test_ keys only." if key else "You did not provide an API key."
        raise ApiError(message, status=401)
    version = headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise ApiError(f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION}.")


def _find_route(method: str, path: str) -> tuple[Handler, type, str]:
    for verb, pattern, params_type, handler in _ROUTES:
        match = re.fullmatch(pattern.replace("(.+)", "([A-Za-z0-9_]+)"), path)
        if match and verb == method:
            return handler, params_type, match[1] if match.groups() else path
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404)


def _expand(account: Account, document: Document, paths: list[str]) -> Document:
    for path in paths:
        _expand_path(account, document, path.split("."), path)
    return document


def _expand_path(account: Account, place: Document, steps: list[str], path: str) -> None:
    if steps[0] not in place:
        raise ApiError(f"This property cannot be expanded ({path}).", param="expand")
    value = place[steps[0]]
    if isinstance(value, str):
        found = account.store.get(value)
        if found is None:
            raise ApiError(f"This property cannot be expanded ({path}).", param="expand")
        value = place[steps[0]] = account.show(found)
    for inner in value if isinstance(value, list) else [value]:
        if steps[1:] and inner is not None:
            _expand_path(account, inner, steps[1:], path)


def _fingerprint(method: str, path: str, form: str) -> str:
    return hashlib.sha256("\n".join([method, path, *sorted(form.split("&"))]).encode()).hexdigest()
