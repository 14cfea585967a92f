"""The brief: what a customer asks for. Pages, the API and the command line all read theirs with `parse_brief`."""

import math
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from generator.engine.errors import EngineError, InvalidBriefError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Key, Metre
from generator.engine.styles import MOODS, STYLES
from generator.engine.theory.keys import parse_key

SECONDS_RANGE = (5.0, 180.0)
TEMPO_RANGE = (40.0, 220.0)
MAX_SEED = 2**53 - 1
"""The largest seed: JavaScript and JSON readers keep integers exact up to here."""

METRES = {"4/4": Metre(4, 4), "3/4": Metre(3, 4), "6/8": Metre(6, 8)}
FIELDS = ("instruments", "style", "mood", "key", "tempo", "metre", "seconds", "seed")

_TRIO_LEADS = ("violin", "flute", "cello", "viola")
_TRIO_CHORDS = ("piano", "guitar")
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
        raise InvalidBriefs([_refuse("brief", values, "Send an object with these fields.", allowed=FIELDS)])
    reading = _Reading(values)
    seed = reading.read("seed", _read_seed)
    style = reading.read("style", _read_style) or draw_random(seed, stream="style").choice(list(STYLES))
    mood = reading.read("mood", _read_mood) or draw_random(seed, stream="mood").choice(STYLES[style].moods)
    trio = _draw_trio(draw_random(seed, stream="instruments"))
    instruments = reading.read("instruments", lambda value: _read_instruments(value, trio=trio))
    key, metre = reading.read("key", _read_key), reading.read("metre", _read_metre)
    tempo, seconds = (
        reading.read("tempo", _read_tempo),
        reading.read("seconds", _read_seconds),
    )
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
    )


T = TypeVar("T")


class _Reading:
    """The fields of one mapping and what was wrong with them."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = {name: None if value == "" else value for name, value in values.items()}
        self.errors = [
            _refuse(str(name)[:60], value, "There is no such field.", allowed=FIELDS)
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


def _refuse(field: str, value: object, remedy: str, *, allowed: Iterable[str] = ()) -> InvalidBriefError:
    return InvalidBriefError(field=field, value=_shorten(value), remedy=remedy, allowed=allowed)


def _shorten(value: object) -> object:
    """A value fit to be quoted back: hostile input does not fill a page or a log."""
    if isinstance(value, int) and value.bit_length() > 256:
        return "a number of more than 76 digits"
    text = value if isinstance(value, str) else repr(value)
    return value if len(text) <= 80 else text[:77] + "..."


def _read_choice(field: str, value: object, allowed: Mapping[str, object]) -> str | None:
    if value is None:
        return None
    slug = value.strip().lower() if isinstance(value, str) else value
    if not isinstance(slug, str) or slug not in allowed:
        raise _refuse(field, value, f"Choose one {field} by its name.", allowed=allowed)
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
        raise _refuse("key", value, 'Write a key as text, for example "D minor".')
    return parse_key(value)


def _read_number(field: str, value: object, *, unit: str, limits: tuple[float, float]) -> float:
    lowest, highest = limits
    remedy = f"Give a number from {lowest:g} to {highest:g} {unit}."
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _refuse(field, value, remedy)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _refuse(field, value, remedy) from None
    if not math.isfinite(number) or not lowest <= number <= highest:
        raise _refuse(field, value, remedy)
    return number


def _read_tempo(value: object) -> float | None:
    if value is None:
        return None
    return _read_number("tempo", value, unit="quarter notes a minute", limits=TEMPO_RANGE)


def _read_seconds(value: object) -> float:
    return round(_read_number("seconds", value, unit="seconds", limits=SECONDS_RANGE), 3)


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
        raise _refuse("seed", value, remedy)
    return text


def _read_instruments(value: object, *, trio: list[str]) -> tuple[str, ...]:
    """A list of slugs, 'piano,violin', 'random' (a trio with a lead) or 'all'; in score order, each once."""
    remedy = 'Name instruments by slug, each once, or write "random" or "all".'
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise _refuse("instruments", value, remedy, allowed=INSTRUMENTS)
    slugs = [name.strip().lower() for name in names]
    if slugs == ["random"]:
        slugs = trio
    if slugs == ["all"]:
        slugs = list(INSTRUMENTS)
    unknown = [slug for slug in slugs if slug not in INSTRUMENTS]
    if unknown or len(set(slugs)) != len(slugs):
        raise _refuse("instruments", ",".join(unknown) or value, remedy, allowed=INSTRUMENTS)
    return tuple(slug for slug in INSTRUMENTS if slug in slugs)


def _draw_trio(draw: Random) -> list[str]:
    """A lead, an instrument that plays chords, and a third that adds a bass, a beat or a second voice."""
    lead, chords = draw.choice(_TRIO_LEADS), draw.choice(_TRIO_CHORDS)
    third = draw.choice([slug for slug in _TRIO_THIRDS if slug not in (lead, chords)])
    return [lead, chords, third]
