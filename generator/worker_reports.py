"""Signs of life of the workers, kept in the cache for a few seconds each."""

import logging
import threading
from typing import Any

from django.core.cache import cache
from redis import RedisError

logger = logging.getLogger(__name__)

COMPOSE, RENDER, PACK, BOOKS = "compose", "render", "pack", "books"
_INTERVAL = 5.0
_LIFETIME = 15
"""Seconds for which a report counts: a worker that is gone is missed after so long."""


def read_report(queue: str) -> dict[str, Any] | None:
    """What a child that serves the queue last said; None when all have been silent."""
    report: dict[str, Any] | None = cache.get(_key(queue))
    return report


def start_reporting(queue: str, *, state: dict[str, Any]) -> None:
    """From a thread that ends with its process. Of several children the last word counts; they all load the same."""
    threading.Thread(target=_report, args=(queue, state), daemon=True, name=f"{queue} report").start()


def _report(queue: str, state: dict[str, Any]) -> None:
    pause = threading.Event()
    while True:
        write_report(queue, state=state)
        pause.wait(_INTERVAL)


def write_report(queue: str, *, state: dict[str, Any]) -> None:
    try:
        cache.set(_key(queue), state, timeout=_LIFETIME)
    except RedisError as error:
        logger.warning("The %s worker could not report: %s", queue, error)


def _key(queue: str) -> str:
    return f"worker:{queue}"
