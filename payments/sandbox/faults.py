"""Faults on demand: what networks and servers do on bad days, at the call where a test wants it."""

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from payments.sandbox.api import Reply

_RATE_LIMIT = {"type": "invalid_request_error", "code": "rate_limit", "message": "Request rate limit exceeded."}
_DEFECT = {"type": "api_error", "message": "A fault was asked for."}


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
    is_stored: bool = False
    """The answer is kept under the request's idempotency key, as Stripe keeps a 500 of a request that had begun."""


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._released = threading.Event()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget what is still to come, and let go of whoever hangs."""
        with self._lock:
            self._waiting.clear()
        self._released.set()
        self._released = threading.Event()

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
        """Stripe answers with an error of this status and does nothing: a storm, with `times`."""
        reply = Reply(status, json.dumps({"error": _RATE_LIMIT if status == 429 else _DEFECT}))
        self.add(Fault(method, path, times, before=lambda: reply))

    def fail(self, method: str, path: str) -> None:
        """A 500 that Stripe remembers: the same idempotency key is answered with it again for a day."""
        reply = Reply(500, json.dumps({"error": _DEFECT}))
        self.add(Fault(method, path, before=lambda: reply, is_stored=True))

    def hang(self, method: str, path: str, *, times: int = 1, seconds: float = 60, is_done: bool = False) -> None:
        """No answer for so long, then a broken connection; `is_done` tells whether the request took effect."""

        def wait() -> None:
            self._released.wait(seconds)
            raise ConnectionLostError

        self.add(Fault(method, path, times, after=wait) if is_done else Fault(method, path, times, before=wait))

    def kill(self, method: str, path: str, *, is_done: bool = False) -> None:
        """The sandbox's process dies at this call, as by `kill -9`: before it took effect or just after."""
        self.add(Fault(method, path, after=_die) if is_done else Fault(method, path, before=_die))


def _break_connection() -> None:
    raise ConnectionLostError


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
