"""The time at the sandbox, which tests can move and stop."""

import time


class Clock:
    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped_at: float | None = None

    def now(self) -> int:
        return int(self._read() + self._ahead)

    def advance(self, *, seconds: float) -> None:
        self._ahead += seconds

    def stop(self, *, at: float | None = None) -> None:
        """Time stands still, at this Unix time if one is given, and moves by `advance` alone."""
        if at is not None:
            self._ahead = 0.0
        self._stopped_at = self._read() if at is None else at

    def _read(self) -> float:
        return time.time() if self._stopped_at is None else self._stopped_at
