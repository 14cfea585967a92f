"""The time at the sandbox, which tests can move forward."""

import time


class Clock:
    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> int:
        return int(time.time() + self._ahead)

    def advance(self, *, seconds: float) -> None:
        self._ahead += seconds
