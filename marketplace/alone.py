"""Tasks that never run beside themselves: beat sends the next one whether or not the last has ended."""

import functools
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from redis import Redis, RedisError
from redis.lock import Lock

_Result = TypeVar("_Result")

logger = logging.getLogger(__name__)

LIFETIME = 15.0
"""Seconds after which the lock of a process that was killed is gone."""
RENEWAL = 5.0
_SOCKET_SECONDS = 5.0


def run_alone(work: Callable[[], _Result]) -> Callable[[], _Result | None]:
    """The work, which does nothing and returns None while it is being done elsewhere, by any worker on any host."""
    name = lock_name(work)

    @functools.wraps(work)
    def work_alone() -> _Result | None:
        timeouts = {"socket_timeout": _SOCKET_SECONDS, "socket_connect_timeout": _SOCKET_SECONDS}
        with Redis.from_url(settings.REDIS_URL, **timeouts) as broker:
            lock = broker.lock(name, timeout=LIFETIME, thread_local=False)
            if not lock.acquire(blocking=False):
                logger.info("%s is still at work elsewhere.", name)
                return None
            return _work_under(lock, work)

    return work_alone


def lock_name(work: Callable[[], object]) -> str:
    return f"onetake:alone:{work.__module__}.{work.__name__}"


def _work_under(lock: Lock, work: Callable[[], _Result]) -> _Result:
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(lock, is_over), daemon=True, name=f"{work.__name__} lock")
    keeper.start()
    try:
        return work()
    finally:
        is_over.set()
        keeper.join()
        try:
            lock.release()
        except RedisError as error:  # it lapses by itself, or has already
            logger.warning("The lock of %s was not released: %s", work.__name__, error)


def _keep(lock: Lock, is_over: threading.Event) -> None:
    """From a thread that ends with its process, so that nobody waits long for a killed one."""
    while not is_over.wait(RENEWAL):
        try:
            lock.reacquire()
        except RedisError as error:
            logger.warning("A lock was not renewed: %s", error)
