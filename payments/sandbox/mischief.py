"""What can go wrong with a webhook on its way: dropped, doubled, late, overtaken, altered."""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Harm(StrEnum):
    DROP = "drop"  # never arrives, and is never sent again
    DUPLICATE = "duplicate"  # arrives three times
    DELAY = "delay"  # arrives later, after what was sent after it
    TAMPER = "tamper"  # altered on its way: the body is not what was signed; the next attempt is whole


ALTERED = (b'"livemode": false', b'"livemode": true ')
DUPLICATES = 3
DELAY_SECONDS = 5


@dataclass(frozen=True)
class Plan:
    """The next `times` events of this type ('' for any) come to this harm."""

    harm: Harm
    kind: str = ""
    times: int = 1


class Mischief:
    """Asked once per event, before its first delivery. Without plans and odds every event arrives as it is."""

    def __init__(self, *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._plans: list[Plan] = []
        self._odds: dict[Harm, float] = {}
        self._random = random.Random(seed)

    def plan(self, harm: Harm, *, kind: str = "", times: int = 1) -> None:
        with self._lock:
            self._plans.append(Plan(harm, kind, times))

    def set_odds(self, odds: dict[Harm, float]) -> None:
        """How likely each harm is for every event, beside what is planned; together at most 1."""
        if any(chance < 0 for chance in odds.values()) or sum(odds.values()) > 1:
            raise ValueError(f"Odds {odds} must not be negative, nor come to more than 1 together.")
        with self._lock:
            self._odds = dict(odds)

    def take(self, kind: str) -> Harm | None:
        with self._lock:
            plan = next((one for one in self._plans if one.kind in ("", kind)), None)
            if plan is None:
                return self._draw()
            self._plans.remove(plan)
            if plan.times > 1:
                self._plans.insert(0, replace(plan, times=plan.times - 1))
            return plan.harm

    def _draw(self) -> Harm | None:
        left = self._random.random()
        for harm, chance in self._odds.items():
            left -= chance
            if left < 0:
                return harm
        return None


def read_odds(words: Iterable[str]) -> dict[Harm, float]:
    """`drop=0.2 duplicate=0.3` as odds. Raises ValueError for what is none."""
    odds: dict[Harm, float] = {}
    for word in words:
        name, _, chance = word.partition("=")
        odds[Harm(name)] = float(chance)
    return odds
