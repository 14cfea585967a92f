"""Reading single values of a brief: what is wrong with one is said by field, value and remedy."""

import math
from collections.abc import Iterable

from generator.engine.errors import InvalidBriefError


def refuse_value(field: str, value: object, remedy: str, *, allowed: Iterable[str] = ()) -> InvalidBriefError:
    return InvalidBriefError(field=field, value=shorten_value(value), remedy=remedy, allowed=allowed)


def shorten_value(value: object) -> object:
    """A value fit to be quoted back: hostile input does not fill a page or a log."""
    if isinstance(value, int) and value.bit_length() > 256:
        return "a number of more than 76 digits"
    text = value if isinstance(value, str) else repr(value)
    return value if len(text) <= 80 else text[:77] + "..."


def read_number(field: str, value: object, *, unit: str, limits: tuple[float, float]) -> float:
    lowest, highest = limits
    remedy = f"Give a number from {lowest:g} to {highest:g} {unit}.".replace(" .", ".")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse_value(field, value, remedy)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise refuse_value(field, value, remedy) from None
    if not math.isfinite(number) or not lowest <= number <= highest:
        raise refuse_value(field, value, remedy)
    return number


def list_words(field: str, value: object, *, remedy: str) -> list[object]:
    """The items of a list, or the words of a text parted by spaces, commas or semicolons."""
    if isinstance(value, str) and len(value) <= 2000:
        return list(value.replace(",", " ").replace(";", " ").split())
    if isinstance(value, list | tuple):
        return list(value)
    raise refuse_value(field, value, remedy)
