"""Palettes: how far the chords of each style leave the key, and by which doors. Data only.

The chord network knows which chord follows which, but the likeliest of its sequences stand in one key, where people
tonicise, borrow and modulate: of the chords in held-out songs and quartets a quarter has a note outside the key, of
fiddle tunes one in seventy, of pop songs one in ten.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Each chance is per change of chord at which the device is possible."""

    applied: float = 0.0
    """The end of a chord becomes the dominant seventh of the next one."""
    related: float = 0.0
    """An applied dominant is prepared by the second degree of its key (ii V)."""
    borrowed: float = 0.0
    """A chord is taken from the parallel mode: the minor subdominant, the flat sixth and seventh, the Neapolitan."""
    passing: float = 0.0
    """A diminished chord leads up a whole tone."""
    away: float = 0.0
    """Chance that a contrasting section stands in another key."""
    keys: tuple[int, ...] = (7,)
    """Semitones from home to those keys, each as likely."""
    dominants: float = 0.0
    """Chance that a dominant triad gets its seventh."""

    def scale(self, factor: float) -> "Palette":
        """The same doors, each opened so much more often."""
        chances = ("applied", "borrowed", "passing", "away")
        return replace(self, **{name: min(getattr(self, name) * factor, 1.0) for name in chances})


PLAIN = Palette()

_LEANINGS: Mapping[str, float] = {"guitar": 0.5, "violin": 0.9, "viola": 1.3, "cello": 1.3, "piano": 1.1}
"""How readily the music of an instrument leaves the key, beside the mean of all: guitars stay in it, quartets and songs
do not."""


def find_palette(style: str, *, instruments: Collection[str]) -> Palette:
    """The style's, as the instruments of the piece lean."""
    leanings = [_LEANINGS.get(slug, 1.0) for slug in instruments if slug != "drums"]
    return PALETTES.get(style, PLAIN).scale(sum(leanings) / len(leanings) if leanings else 1.0)


PALETTES: Mapping[str, Palette] = {
    "pop": Palette(applied=0.3, borrowed=0.2, away=0.12, keys=(5, 3), dominants=0.2),
    "rock": Palette(applied=0.1, borrowed=0.33, away=0.15, keys=(3, 10, 5)),
    "folk": Palette(applied=0.15, away=0.3, keys=(7,), dominants=0.2),
    "classical": Palette(applied=0.6, borrowed=0.3, passing=0.6, away=0.55, keys=(7, 7, 5), dominants=0.6),
    "cinematic": Palette(applied=0.2, borrowed=0.45, away=0.5, keys=(3, 8, 9)),
    "ambient": Palette(borrowed=0.32, passing=0.1, away=0.15, keys=(5, 10, 3)),
    "hymn": Palette(applied=0.5, borrowed=0.25, passing=0.5, away=0.5, keys=(7, 5), dominants=0.5),
    "jazz": Palette(applied=0.65, related=0.7, borrowed=0.2, passing=0.3, away=0.35, keys=(5, 8, 3), dominants=1.0),
    "latin": Palette(applied=0.5, related=0.5, borrowed=0.3, away=0.25, keys=(5, 3), dominants=0.8),
}
