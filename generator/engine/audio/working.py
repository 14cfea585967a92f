"""Steps that need nothing of one another, two at a time: what they spend their time in lets other threads run."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 2
"""More would hold more sound in memory, and a worker is given about two cores."""
_HAND_OVER_SECONDS = 0.0002


_here = threading.local()
"""Whether this thread works on such a step."""


def work_in_order(steps: Iterable[Callable[[], T]], *, ahead: int = 0) -> Generator[T, None, None]:
    """What the steps return, in their order. Each is taken up as one before it is done with, so that whoever gives up
    in between waits for no more than those in hand. The first error ends it. `ahead`: so many more may be done before
    their turn, where what they return is small enough to wait.

    What a step holds is let go of once it is done. Steps of a step are taken one by one: its like keep the cores busy.
    """
    waiting = deque(steps)
    del steps
    if getattr(_here, "is_step", False):
        while waiting:
            yield waiting.popleft()()
        return
    with _open_pool() as pool:
        running = deque(pool.submit(waiting.popleft()) for _ in range(min(AT_ONCE + ahead, len(waiting))))
        while running:
            done = running.popleft().result()
            if waiting:
                running.append(pool.submit(waiting.popleft()))
            yield done
            del done


def work_as_ready(steps: Iterable[Callable[[], T]]) -> Generator[T, None, None]:
    """What the steps return, as they get ready: a long one holds nobody up. The first error ends it.

    For small results: they do not wait for their turn. What a step holds is let go of once it is done.
    """
    waiting = deque(steps)
    del steps
    running: set[Future[T]] = set()
    with _open_pool() as pool:
        while running or waiting:
            while waiting and len(running) < AT_ONCE:
                running.add(pool.submit(waiting.popleft()))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from [future.result() for future in done]


@contextmanager
def hand_over_quickly() -> Iterator[None]:
    """In the block a thread that computes in Python lets another in after a fifth of a millisecond, not after five.

    Encoders come back from each second of sound for a moment of Python: beside one that draws pages they took three
    times as long.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_HAND_OVER_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _open_pool() -> Iterator[ThreadPoolExecutor]:
    """Waits for its threads in the end, unless it ends in one of them: what nobody listens to any more is let go of
    wherever the collector comes by, and no thread can wait for itself."""
    pool = ThreadPoolExecutor(AT_ONCE, initializer=lambda: setattr(_here, "is_step", True))
    try:
        yield pool
    finally:
        pool.shutdown(wait=not getattr(_here, "is_step", False), cancel_futures=True)
