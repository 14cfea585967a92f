"""Forms: how many bars a piece has, and which sections they make."""

from dataclasses import dataclass
from random import Random

PATTERNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "song": (
        ("A",), ("AA",), ("ABA",), ("AABA", "ABAB"), ("AABBA",), ("AABABA", "AABAAB"), ("AABACBA",), ("AABACABA",),
    ),
    "chorus": (
        ("A",), ("AB",), ("ABB",), ("ABAB",), ("AABAB",), ("ABABCB", "AABAAB"), ("ABABCBB",), ("AABABCBB",),
    ),
    "binary": (
        ("A",), ("AA",), ("AAB",), ("AABB", "ABAB"), ("AABBA",), ("AABBAA", "AABAAB"), ("AABBAAB",), ("AABBAABB",),
    ),
    "growth": (
        ("A",), ("AA",), ("AAB",), ("AAAB", "ABAB"), ("AABAB",), ("AAABCB", "AABAAB"), ("AAABBCB",), ("AAABACBB",),
    ),
}  # fmt: skip
"""Per family of forms, the orders of the units for one to eight of them; C is the bridge. Of two orders the second lets
half of the piece come back at once, the first a unit or two at a time: people's pieces do either."""

_NAMES = {"A": "A", "B": "B", "C": "bridge"}
_INTRO_COSTS = {0: (0.0, 0.35), 1: (0.7, 1.2), 2: (0.1, 0.2), 4: (0.6, 0.0)}
"""For pieces of fewer and of at least `_LONG` bars: a short spot cannot wait four bars for its tune."""
_LONG = 28
_OUTRO_COSTS = {1: 0.3, 2: 0.0, 3: 0.8, 4: 0.1}
_LONGEST_UNSECTIONED = 4
"""Up to so many bars a piece is one phrase."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a number of bars divides: intro, `units` phrases of `unit` bars, outro with the closing chord."""

    intro: int
    unit: int
    units: int
    outro: int
    cost: float
    """0 is perfectly regular; above 1 is audibly odd."""


def find_layouts(bars: int) -> list[Layout]:
    """Every way to divide so many bars, best first. Empty for pieces too short to divide."""
    found = [
        Layout(intro=intro, unit=unit, units=units, outro=outro, cost=cost + _cost_of_units(units, bars=bars))
        for unit in (4, 8)
        for intro, (short_cost, long_cost) in _INTRO_COSTS.items()
        for outro, outro_cost in _OUTRO_COSTS.items()
        for cost in ((short_cost if bars < _LONG else long_cost) + outro_cost,)
        for units, rest in (divmod(bars - intro - outro, unit),)
        if rest == 0 and units >= 1
    ]
    return sorted(found, key=lambda layout: layout.cost)


def rate_bars(bars: int) -> float:
    """How irregular the best form of so many bars is: 0 for 4 + 8 x 4 + 4 and the like."""
    layouts = find_layouts(bars)
    return layouts[0].cost if layouts else 0.0


def choose_sections(*, bars: int, family: str, draw: Random) -> list[tuple[str, int]]:
    """Names and lengths in bars of the sections of a piece, summing to `bars`."""
    layouts = find_layouts(bars)
    if bars <= _LONGEST_UNSECTIONED or not layouts:
        return [("A", bars)]
    near = [layout for layout in layouts if layout.cost <= layouts[0].cost + 0.35]
    layout = draw.choice(near)
    body = [(name, layout.unit) for name in _name_units(layout.units, family=family, draw=draw)]
    intro = [("intro", layout.intro)] if layout.intro else []
    return [*intro, *body, ("outro", layout.outro)]


def _cost_of_units(units: int, *, bars: int) -> float:
    """Three to eight units make a form that can be followed; one is fine only while the piece is short."""
    if units > 8:
        return 0.2 * (units - 8)
    return {1: 0.0 if bars < 8 else 1.0, 2: 0.0 if bars < 12 else 0.4}.get(units, 0.0)


def _name_units(units: int, *, family: str, draw: Random) -> list[str]:
    patterns = PATTERNS[family]
    letters = draw.choice(patterns[min(units, len(patterns)) - 1])
    while len(letters) < units:
        letters = letters[:-2] + ("BA" if letters[-3] == "A" else "AB") + letters[-2:]
    return [_NAMES[letter] for letter in letters[:units]]
