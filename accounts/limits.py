"""Rate limits, counted in the cache that every web process shares."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.core.cache import cache


@dataclass(frozen=True, kw_only=True)
class AttemptLimit:
    """At most `limit` attempts per key in `period`, which begins with the first."""

    name: str
    limit: int
    period: timedelta

    def take(self, key: str) -> bool:
        """Counts an attempt; False when there was none left."""
        entry = self._entry(key)
        cache.add(entry, 0, timeout=self.period.total_seconds())
        try:
            return bool(cache.incr(entry) <= self.limit)
        except ValueError:  # the period ended between the two calls
            return True

    def give_back(self, key: str) -> None:
        """Uncounts an attempt that turned out to be harmless."""
        with suppress(ValueError):
            cache.decr(self._entry(key))

    def _entry(self, key: str) -> str:
        digest = sha256(key.encode()).hexdigest()  # keys hold what people type
        return f"limit:{self.name}:{digest}"
