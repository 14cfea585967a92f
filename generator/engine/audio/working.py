"""Steps that need nothing of one another, two at a time: what they spend their time in lets other threads run."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 2
"""More would hold more sound in memory, and a worker is given about two cores."""


def work_in_order(steps: Sequence[Callable[[], T]]) -> Generator[T, None, None]:
    """What the steps return, in their order. Each is taken up as one before it is done with, so that whoever gives up
    in between waits for no more than those in hand. The first error ends it.
    """
    waiting = iter(steps)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: list[Future[T]] = [pool.submit(step) for step in islice(waiting, AT_ONCE)]
        while running:
            done = running.pop(0).result()
            running += [pool.submit(step) for step in islice(waiting, 1)]
            yield done
