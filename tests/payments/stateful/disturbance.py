"""Where a service can be cut or overtaken: at every write, before and after every commit and every call to Stripe."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from payments.gateway import StripeGateway

_BOUNDARY = re.compile(r"\s*(INSERT|UPDATE|DELETE|SAVEPOINT|RELEASE)", re.IGNORECASE)
_CALLS = (
    "create_session",
    "retrieve_session",
    "expire_session",
    "find_session",
    "list_refunds",
    "list_disputes",
    "create_refund",
    "retrieve_dispute",
    "upload_evidence",
    "stage_evidence",
    "submit_evidence",
)


class Crash(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Disturbance:
    """At the `at`-th boundary from now, `what` happens: 'crash', or a rule's name that another process runs whole."""

    at: int
    what: str
    who: int
    which: int


class Boundaries:
    """Counts boundaries while armed. What overtakes waits until no transaction is open: locks would keep it out."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._left = 0
        self._act: Callable[[], None] | None = None
        self._is_crash = False
        self._depth = len(connection.savepoint_ids)
        for name in _CALLS:
            patch.setattr(StripeGateway, name, self._guard(getattr(StripeGateway, name)))

    def arm(self, *, at: int, act: Callable[[], None], is_crash: bool) -> None:
        self._left, self._act, self._is_crash = at, act, is_crash

    def disarm(self) -> None:
        self._act = None

    def watch(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """For `connection.execute_wrapper`."""
        if _BOUNDARY.match(sql):
            self._reach()
        return execute(sql, parameters, many, context)

    def overtake_now(self) -> None:
        """For a guard that is off: here a lock keeps nobody out, with a transaction of their own."""
        if self._is_crash:
            return
        outer, self._depth = self._depth, len(connection.savepoint_ids)
        try:
            self._fire()
        finally:
            self._depth = outer

    def _guard(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def call_stripe(*arguments: Any, **request: Any) -> Any:
            assert not self._is_in_transaction(), "Stripe is called inside a transaction: its locks wait for a network."
            self._reach()
            answer = call(*arguments, **request)
            self._reach()
            return answer

        return call_stripe

    def _is_in_transaction(self) -> bool:
        return len(connection.savepoint_ids) > self._depth

    def _reach(self) -> None:
        if self._act is None:
            return
        self._left -= 1
        if self._left <= 0 and (self._is_crash or not self._is_in_transaction()):
            self._fire()

    def _fire(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()
