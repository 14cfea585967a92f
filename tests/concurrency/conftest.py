"""Real threads with connections of their own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

from tests.payments.conftest import buyer, rival, sandbox, track

__all__ = ["buyer", "race", "rival", "sandbox", "track"]

Answer = TypeVar("Answer")


def race(contenders: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Let them all go at once; each answer or exception, in order."""
    start = threading.Barrier(len(contenders))

    def run(contender: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return contender()
        except Exception as error:  # noqa: BLE001  an answer like any other: the test judges it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(contenders)) as pool:
        return list(pool.map(run, contenders))
