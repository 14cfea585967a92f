"""Dynamics marks and hairpins as MIDI velocities.

Levels step by about 13 from ppp (30) to fff (118), as notation programs play them. A hairpin moves in a straight line
to the next mark, or by one level where none follows within a bar of its end. Accents and sforzati lift single notes.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

LEVELS = {
    "n": 20,
    "pppp": 22,
    "ppp": 30,
    "pp": 42,
    "p": 54,
    "mp": 66,
    "pf": 66,
    "mf": 78,
    "f": 92,
    "ff": 106,
    "fff": 118,
    "ffff": 124,
}
DEFAULT_LEVEL = 76
"""Between mp and mf: how unmarked music is played."""

_SUDDEN = {"sf", "sfz", "fz", "sffz", "rf", "rfz", "sfp", "sfpp", "fp", "ffp"}
_SUDDEN_LIFT = 20
_FALLS_TO = {"fp": 54, "ffp": 54, "sfp": 54, "sfpp": 42}
_STEP = 13
_REACH = 96
"""Ticks after the end of a hairpin within which a mark still says where it leads."""


@dataclass(frozen=True, slots=True)
class VelocityCurve:
    """Velocity over time: straight lines between points; sudden accents at single ticks."""

    ticks: tuple[int, ...]
    levels: tuple[float, ...]
    ramps: tuple[bool, ...]
    """Whether the line from this point leads to the next one or stays level until it."""
    accents: frozenset[int]

    def velocity_at(self, tick: int, *, accent: int = 0) -> int:
        level = float(DEFAULT_LEVEL)
        index = bisect_right(self.ticks, tick) - 1
        if index >= 0:
            level = self.levels[index]
            if self.ramps[index] and index + 1 < len(self.ticks):
                share = (tick - self.ticks[index]) / (self.ticks[index + 1] - self.ticks[index])
                level += share * (self.levels[index + 1] - level)
        lift = max(accent, _SUDDEN_LIFT if tick in self.accents else 0)
        return min(max(round(level) + lift, 1), 127)


@dataclass(slots=True)
class Dynamics:
    """The marks of one part, gathered in any order."""

    marks: list[tuple[int, str]] = field(default_factory=list)
    wedges: list[tuple[int, int, int]] = field(default_factory=list)
    """Start, stop, direction (1 crescendo, -1 diminuendo)."""
    open_wedges: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.marks)

    def add_mark(self, tick: int, *, name: str) -> None:
        if name in LEVELS or name in _SUDDEN:
            self.marks.append((tick, name))

    def add_wedge(self, tick: int, *, kind: str, number: str) -> None:
        if kind in ("crescendo", "diminuendo"):
            self.open_wedges[number] = (tick, 1 if kind == "crescendo" else -1)
        elif kind == "stop" and number in self.open_wedges:
            start, direction = self.open_wedges.pop(number)
            if tick > start:
                self.wedges.append((start, tick, direction))

    def resolve(self) -> VelocityCurve:
        levels = self._level_changes()
        points = {tick: (float(level), False) for tick, level in levels.items()}
        for start, stop, direction in sorted(self.wedges):
            before = _level_before(points, tick=start)
            target = next((levels[tick] for tick in sorted(levels) if stop <= tick <= stop + _REACH), None)
            if target is None or (target - before) * direction <= 0:
                target = round(min(max(before + _STEP * direction, 30), 112))
            for tick in [tick for tick in points if start < tick < stop]:
                del points[tick]
            points[start] = (before, True)
            points[stop] = (float(target), points.get(stop, (0.0, False))[1])
        ordered = sorted(points)
        return VelocityCurve(
            ticks=tuple(ordered),
            levels=tuple(points[tick][0] for tick in ordered),
            ramps=tuple(points[tick][1] for tick in ordered),
            accents=frozenset(tick for tick, name in self.marks if name in _SUDDEN),
        )

    def _level_changes(self) -> dict[int, int]:
        changes = {}
        for tick, name in self.marks:
            if name in LEVELS:
                changes[tick] = LEVELS[name]
            elif name in _FALLS_TO:
                changes[tick + 1] = _FALLS_TO[name]
        return changes


def _level_before(points: dict[int, tuple[float, bool]], *, tick: int) -> float:
    earlier = [each for each in points if each <= tick]
    return points[max(earlier)][0] if earlier else float(DEFAULT_LEVEL)
