"""Stripe's bracket forms: `line_items[0][price_data][currency]=eur` as nested dictionaries."""

import re
from typing import Any
from urllib.parse import parse_qsl

from payments.sandbox.errors import ApiError

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_MAXIMUM_FIELDS = 500


def decode_form(text: str) -> dict[str, Any]:
    """Lists come out as dictionaries of indices; `payments.sandbox.schema` knows where a list is meant."""
    form: dict[str, Any] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAXIMUM_FIELDS, strict_parsing=bool(text))
    except ValueError as error:
        raise ApiError("Invalid request: the form cannot be parsed.") from error
    for name, value in pairs:
        _place(form, _split_name(name), value, name)
    return form


def _split_name(name: str) -> list[str]:
    match = _KEY.fullmatch(name)
    if match is None:
        raise ApiError(f"Invalid parameter name: {name}", param=name)
    return [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]


def _place(form: dict[str, Any], path: list[str], value: str, name: str) -> None:
    place = form
    for step in path[:-1]:
        place = place.setdefault(step or str(len(place)), {})
        if not isinstance(place, dict):
            raise ApiError(f"Invalid parameter: {name} is both a value and a hash.", param=name)
    place[path[-1] or str(len(place))] = value
