"""The brief: what a customer asks for. Pages, the API and the command line all read theirs with `parse_brief`."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from generator.engine.controls.curves import read_curve, write_curve
from generator.engine.controls.hits import read_hits, write_hits
from generator.engine.controls.motif import Motif, measure_motif, read_motif, write_motif
from generator.engine.errors import EngineError, InvalidBriefError
from generator.engine.fields import read_number, refuse_value
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.plan import Key, Metre
from generator.engine.score import TICKS_PER_QUARTER
from generator.engine.sounds import Sounds, read_sounds
from generator.engine.styles import STYLES
from generator.engine.theory.keys import parse_key

SECONDS_RANGE = (5.0, 180.0)
TEMPO_RANGE = (40.0, 220.0)
MAX_SEED = 2**53 - 1
"""The largest seed: JavaScript and JSON readers keep integers exact up to here."""

METRES = {"4/4": Metre(4, 4), "3/4": Metre(3, 4), "6/8": Metre(6, 8)}
DENSITY_RANGE = (0.5, 2.0)
FIELDS = (
    "instruments",
    "style",
    "mood",
    "key",
    "tempo",
    "metre",
    "seconds",
    "energy",
    "hits",
    "density",
    "motif",
    "sounds",
    "seed",
)

_TRIO_LEADS = ("violin", "flute", "clarinet", "cello", "viola")
_TRIO_CHORDS = 4
"""How many of the instruments that the style likes best for its chords a trio draws from."""
_TRIO_THIRDS = ("bass", "drums", "cello", "viola", "guitar", "piano")


class InvalidBriefs(EngineError):  # noqa: N818 - a collection, named for what it holds
    """Everything that is wrong with a brief, field by field."""

    code = "invalid_brief"

    def __init__(self, errors: Iterable[InvalidBriefError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(_describe(error) for error in self.errors))

    @property
    def fields(self) -> dict[str, str]:
        """The message for each field, for forms and for the API's `fields`."""
        return {error.field: _describe(error) for error in self.errors}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A checked brief. Build one with `parse_brief`; style, mood and seed are always settled."""

    instruments: tuple[str, ...]
    style: str
    mood: str
    seconds: float
    seed: int
    key: Key | None = None
    tempo: float | None = None
    metre: Metre | None = None
    energy: tuple[float, ...] = ()
    """Points of a curve over the piece, 0 to 1; empty leaves it to the style."""
    hits: tuple[float, ...] = ()
    """Seconds at which everybody strikes."""
    density: float = 1.0
    """Factor on how many notes a bar is expected to hold."""
    motif: Motif = ()
    """As it sounds; the lead begins with it and develops it."""
    sounds: Sounds = ()
    """Which of its sounds an instrument plays with; those left out follow the style."""

    def to_json(self) -> dict[str, object]:
        """Plain JSON that `parse_brief` reads back into an equal brief."""
        return {
            "instruments": list(self.instruments),
            "style": self.style,
            "mood": self.mood,
            "key": str(self.key) if self.key else None,
            "tempo": self.tempo,
            "metre": str(self.metre) if self.metre else None,
            "seconds": self.seconds,
            "energy": write_curve(self.energy) or None,
            "hits": write_hits(self.hits) or None,
            "density": None if self.density == 1.0 else self.density,
            "motif": write_motif(self.motif) or None,
            "sounds": dict(self.sounds) or None,
            "seed": self.seed,
        }

    def draw(self, stream: str) -> Random:
        """The random numbers of one decision: the same for the same seed, whatever else was drawn."""
        return draw_random(self.seed, stream=stream)


def draw_random(seed: int | None, *, stream: str) -> Random:
    """A generator keyed by seed and stream; Python hashes a text seed alike on every machine and version."""
    return Random(f"{seed}/{stream}")


def parse_brief(values: Mapping[str, object]) -> Brief:
    """Read a brief from form fields, JSON or command-line arguments. Empty optional fields count as absent.

    Raises InvalidBriefs with one error per field at fault, so that a form can show them all at once.
    """
    if not isinstance(values, Mapping):
        raise InvalidBriefs([refuse_value("brief", values, "Send an object with these fields.", allowed=FIELDS)])
    reading = _Reading(values)
    seed = reading.read("seed", _read_seed)
    style = reading.read("style", _read_style) or draw_random(seed, stream="style").choice(list(STYLES))
    mood = reading.read("mood", _read_mood) or draw_random(seed, stream="mood").choice(STYLES[style].moods)
    trio = _draw_trio(draw_random(seed, stream="instruments"), style=style)
    instruments = reading.read("instruments", lambda value: _read_instruments(value, trio=trio))
    key, metre = reading.read("key", _read_key), reading.read("metre", _read_metre)
    tempo, seconds = reading.read("tempo", _read_tempo), reading.read("seconds", _read_seconds)
    energy, density = reading.read("energy", read_curve), reading.read("density", _read_density)
    hits = reading.read("hits", lambda value: read_hits(value, seconds=seconds or SECONDS_RANGE[1]))
    pace = tempo or STYLES[style].tempo[0]
    motif = reading.read("motif", lambda value: _read_motif(value, quarters=(seconds or 0) * pace / 60))
    sounds = reading.read("sounds", read_sounds)
    if reading.errors or seed is None or instruments is None or seconds is None:
        raise InvalidBriefs(reading.errors)
    return Brief(
        instruments=instruments,
        style=style,
        mood=mood,
        seconds=seconds,
        seed=seed,
        key=key,
        tempo=tempo,
        metre=metre,
        energy=energy or (),
        hits=hits or (),
        density=density or 1.0,
        motif=motif or (),
        sounds=tuple((slug, sound) for slug, sound in sounds or () if slug in instruments),
    )


T = TypeVar("T")


class _Reading:
    """The fields of one mapping and what was wrong with them."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = {name: None if value == "" else value for name, value in values.items()}
        self.errors = [
            refuse_value(str(name)[:60], value, "There is no such field.", allowed=FIELDS)
            for name, value in values.items()
            if name not in FIELDS
        ]

    def read(self, name: str, parse: Callable[[object], T]) -> T | None:
        try:
            return parse(self.values.get(name))
        except InvalidBriefError as error:
            self.errors.append(error)
            return None


def _describe(error: InvalidBriefError) -> str:
    said = f"{error.field} is missing. {error.remedy}" if error.value is None else str(error)
    is_listed = bool(error.allowed) and error.allowed[-1] in error.remedy
    return said if is_listed or not error.allowed else f"{said} Allowed: {', '.join(error.allowed)}."


def _read_choice(field: str, value: object, allowed: Mapping[str, object]) -> str | None:
    if value is None:
        return None
    slug = value.strip().lower() if isinstance(value, str) else value
    if not isinstance(slug, str) or slug not in allowed:
        raise refuse_value(field, value, f"Choose one {field} by its name.", allowed=allowed)
    return slug


def _read_style(value: object) -> str | None:
    return _read_choice("style", value, STYLES)


def _read_mood(value: object) -> str | None:
    return _read_choice("mood", value, MOODS)


def _read_metre(value: object) -> Metre | None:
    slug = _read_choice("metre", value, METRES)
    return METRES[slug] if slug else None


def _read_key(value: object) -> Key | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 40:
        raise refuse_value("key", value, 'Write a key as text, for example "D minor".')
    return parse_key(value)


def _read_tempo(value: object) -> float | None:
    if value is None:
        return None
    return read_number("tempo", value, unit="quarter notes a minute", limits=TEMPO_RANGE)


def _read_density(value: object) -> float | None:
    if value is None:
        return None
    return round(read_number("density", value, unit="times the usual number of notes", limits=DENSITY_RANGE), 3)


def _read_motif(value: object, *, quarters: float) -> Motif:
    """A motif that can be heard three times in so many quarters, before the closing chord."""
    motif = read_motif(value)
    length = measure_motif(motif) / TICKS_PER_QUARTER
    room = max((quarters - 4) / 3, 0)
    if quarters and length > room:
        remedy = f"It lasts {length:g} quarters. Give at most {room:.1f}, or ask for a longer piece."
        raise refuse_value("motif", write_motif(motif), remedy)
    return motif


def _read_seconds(value: object) -> float:
    return round(read_number("seconds", value, unit="seconds", limits=SECONDS_RANGE), 3)


def _read_seed(value: object) -> int:
    if value is None:
        return secrets.randbelow(MAX_SEED + 1)
    remedy = f"Give a whole number from 0 to {MAX_SEED}, or leave it out."
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SEED)):
        text = int(text)
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    if isinstance(text, bool) or not isinstance(text, int) or not 0 <= text <= MAX_SEED:
        raise refuse_value("seed", value, remedy)
    return text


def _read_instruments(value: object, *, trio: list[str]) -> tuple[str, ...]:
    """A list of slugs, 'piano,violin', 'random' (a trio with a lead) or 'all'; in score order, each once."""
    remedy = 'Name instruments by slug, each once, or write "random" or "all".'
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise refuse_value("instruments", value, remedy, allowed=INSTRUMENTS)
    slugs = [name.strip().lower() for name in names]
    if slugs == ["random"]:
        slugs = trio
    if slugs == ["all"]:
        slugs = list(INSTRUMENTS)
    unknown = [slug for slug in slugs if slug not in INSTRUMENTS]
    if unknown or len(set(slugs)) != len(slugs):
        raise refuse_value("instruments", ",".join(unknown) or value, remedy, allowed=INSTRUMENTS)
    return tuple(slug for slug in INSTRUMENTS if slug in slugs)


def _draw_trio(draw: Random, *, style: str) -> list[str]:
    """A lead, an instrument that plays the style's chords, and a third that adds a bass, a beat or a second voice."""
    lead, chords = draw.choice(_TRIO_LEADS), draw.choice(STYLES[style].chords[:_TRIO_CHORDS])
    third = draw.choice([slug for slug in _TRIO_THIRDS if slug not in (lead, chords)])
    return [lead, chords, third]
