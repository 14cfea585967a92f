"""Steps that need nothing of one another, two at a time: what they spend their time in lets other threads run."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 2
"""More would hold more sound in memory, and a worker is given about two cores."""


_here = threading.local()
"""Whether this thread works on such a step."""


def work_in_order(steps: Iterable[Callable[[], T]]) -> Generator[T, None, None]:
    """What the steps return, in their order. Each is taken up as one before it is done with, so that whoever gives up
    in between waits for no more than those in hand. The first error ends it.

    What a step holds is let go of once it is done. Steps of a step are taken one by one: its like keep the cores busy.
    """
    waiting = deque(steps)
    del steps
    if getattr(_here, "is_step", False):
        while waiting:
            yield waiting.popleft()()
        return
    with ThreadPoolExecutor(AT_ONCE, initializer=lambda: setattr(_here, "is_step", True)) as pool:
        running = deque(pool.submit(waiting.popleft()) for _ in range(min(AT_ONCE, len(waiting))))
        while running:
            done = running.popleft().result()
            if waiting:
                running.append(pool.submit(waiting.popleft()))
            yield done
            del done
