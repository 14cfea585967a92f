"""Typed readers of the environment. A value that cannot be meant is refused by name, never guessed."""

import os
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def read_text(name: str, *, default: str | None = None) -> str:
    """The variable, or the content of the file that `NAME_FILE` points to (Docker secrets)."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {file_name!r} cannot be read ({error.strerror}).") from error
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment or in .env (see .env.example).")
    return default


def read_choice(name: str, *, default: str, choices: Sequence[str]) -> str:
    value = read_text(name, default=default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(choices)}.")
    return value


def read_bool(name: str, *, default: bool) -> bool:
    value = read_text(name, default=str(default)).lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name}={value!r}: must be yes or no.")
    return value in _TRUE


def read_int(name: str, *, default: int, minimum: int, maximum: int) -> int:
    value = read_text(name, default=str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: must be a whole number.") from None
    if not minimum <= number <= maximum:
        raise ImproperlyConfigured(f"{name}={number}: must be from {minimum} to {maximum}.")
    return number


def read_decimal(name: str, *, default: str, minimum: str, maximum: str) -> Decimal:
    """Up to two decimals."""
    value = read_text(name, default=default)
    try:
        number = Decimal(value)
        is_within = Decimal(minimum) <= number <= Decimal(maximum) and number == round(number, 2)
    except InvalidOperation:
        is_within = False
    if not is_within:
        raise ImproperlyConfigured(f"{name}={value!r}: must be from {minimum} to {maximum}, with up to two decimals.")
    return number


def read_list(name: str, *, default: str = "") -> list[str]:
    return [item.strip() for item in read_text(name, default=default).split(",") if item.strip()]


def read_amounts(name: str) -> dict[str, int]:
    """'usd=26900,jpy=40000' as amounts by currency."""
    amounts: dict[str, int] = {}
    for item in read_list(name):
        currency, _, amount = item.lower().partition("=")
        if not (len(currency) == 3 and currency.isalpha() and amount.isdecimal() and int(amount) > 0):
            raise ImproperlyConfigured(f"{name}: {item!r} must be a currency and its minor units, such as usd=26900.")
        amounts[currency] = int(amount)
    return amounts
