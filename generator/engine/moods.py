"""Moods: what the word in a brief means in numbers. Data only; the conductor and the composer read it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    slug: str
    name: str
    meaning: str
    minor: float
    """Chance of a minor key when the brief names no key."""
    pace: float
    """Factor on the style's tempo when the brief names no tempo."""
    energy: float
    """Added to the energy of every bar."""
    density: float
    """Factor on how many notes a bar is expected to hold."""
    loudness: float
    """Factor on velocities."""
    register: int
    """Semitones by which the lead is asked to lie higher (or lower)."""


_MOODS = (
    Mood(
        slug="neutral",
        name="Neutral",
        meaning="as the style is by itself",
        minor=0.35,
        pace=1.0,
        energy=0.0,
        density=1.0,
        loudness=1.0,
        register=0,
    ),
    Mood(
        slug="bright",
        name="Bright",
        meaning="major, a little faster and higher",
        minor=0.0,
        pace=1.17,
        energy=0.08,
        density=1.1,
        loudness=1.1,
        register=2,
    ),
    Mood(
        slug="calm",
        name="Calm",
        meaning="mostly major, slower, softer, fewer notes",
        minor=0.2,
        pace=0.82,
        energy=-0.18,
        density=0.75,
        loudness=0.8,
        register=0,
    ),
    Mood(
        slug="tense",
        name="Tense",
        meaning="minor, insistent, denser",
        minor=1.0,
        pace=1.17,
        energy=0.16,
        density=1.35,
        loudness=1.05,
        register=-1,
    ),
    Mood(
        slug="sad",
        name="Sad",
        meaning="minor, slow, low and soft",
        minor=1.0,
        pace=0.8,
        energy=-0.15,
        density=0.75,
        loudness=0.82,
        register=-3,
    ),
    Mood(
        slug="heroic",
        name="Heroic",
        meaning="mostly major, loud and full",
        minor=0.3,
        pace=1.0,
        energy=0.2,
        density=1.05,
        loudness=1.16,
        register=1,
    ),
    Mood(
        slug="playful",
        name="Playful",
        meaning="major, quick, light and busy",
        minor=0.0,
        pace=1.18,
        energy=0.12,
        density=1.4,
        loudness=0.92,
        register=3,
    ),
)

MOODS: Mapping[str, Mood] = {mood.slug: mood for mood in _MOODS}
