"""Faults on demand: what networks and servers do on bad days, at the call where a test wants it."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from payments.sandbox.api import Reply


class ConnectionLostError(Exception):
    """The connection breaks now, without an answer."""


@dataclass
class Fault:
    """`before` runs ahead of the request and may answer in its place; `after` runs when it is done, unanswered yet."""

    method: str
    path: str
    times: int = 1
    before: Callable[[], Reply | None] | None = None
    after: Callable[[], None] | None = None


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, *, method: str, path: str) -> Fault | None:
        """The fault for this call, used up by one."""
        with self._lock:
            fault = next((one for one in self._waiting if one.method == method and re.fullmatch(one.path, path)), None)
            if fault is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
            return fault

    def lose_request(self, method: str, path: str, *, times: int = 1) -> None:
        """The request never arrives: nothing is done, nothing is answered."""
        self.add(Fault(method, path, times, before=_break_connection))

    def lose_reply(self, method: str, path: str, *, times: int = 1) -> None:
        """The request is done, but its answer is lost."""
        self.add(Fault(method, path, times, after=_break_connection))

    def answer(self, method: str, path: str, *, status: int, times: int = 1) -> None:
        """Stripe answers with an error of this status and does nothing."""
        body = '{"error": {"message": "A fault was asked for.", "type": "api_error"}}'
        self.add(Fault(method, path, times, before=lambda: Reply(status, body)))


def _break_connection() -> None:
    raise ConnectionLostError
