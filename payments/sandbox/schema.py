"""Checks a decoded form against the installed library's typed parameters, so that the sandbox cannot drift from it.

The library types an enumeration as `Literal["a", "b"] | str`, open for values of the future; here it is closed.
"""

import re
from functools import cache
from types import UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin

from stripe import RequestOptions
from typing_extensions import get_type_hints, is_typeddict

from payments.sandbox.errors import ApiError

_INTEGER = re.compile(r"-?[0-9]{1,12}")
_TEXT_LIMIT = 5000
_TEXT_LIMITS = {"evidence[": 20_000}
"""By the start of the parameter's name, where Stripe's documentation names another."""
_METADATA_LIMITS = (50, 40, 500)
"""Keys, characters in a key, characters in a value."""


def check_parameters(form: dict[str, Any], params: type) -> dict[str, Any]:
    """The form with integers, booleans and lists made of its text, or an ApiError that names the parameter."""
    checked: dict[str, Any] = _check_hash(form, params, path="")
    return checked


@cache
def _list_fields(params: type) -> dict[str, Any]:
    """Name to type; the client's own options (key, version, retries) are no parameters of the request."""
    own = {name: hint for name, hint in params.__annotations__.items() if name not in RequestOptions.__annotations__}
    # Without the options, whose types live in another module, the names resolve in the module of `params`.
    trimmed = type(params.__name__, (), {"__annotations__": own, "__module__": params.__module__})
    return get_type_hints(trimmed, include_extras=True)


def _check_hash(value: Any, params: type, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError("Invalid object", param=path)
    fields = _list_fields(params)
    for name in value.keys() - fields.keys():
        where = _join(path, name)
        raise ApiError(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
    for name, hint in fields.items():
        if get_origin(hint) is not NotRequired and name not in value:
            where = _join(path, name)
            raise ApiError(f"Missing required param: {where}.", code="parameter_missing", param=where)
    return {name: _check(item, _strip(fields[name]), _join(path, name)) for name, item in value.items()}


def _check(value: Any, hint: Any, path: str) -> Any:
    if get_origin(hint) in (Union, UnionType):
        hint = _choose(value, get_args(hint))
    if is_typeddict(hint):
        return _check_hash(value, hint, path)
    origin = get_origin(hint)
    if origin is list:
        return _check_list(value, get_args(hint)[0], path)
    if origin is dict:
        return _check_metadata(value, path)
    if not isinstance(value, str):
        raise ApiError(f"Invalid string: {path}", param=path)
    return _check_text(value, hint, path)


def _check_text(value: str, hint: Any, path: str) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            choices = ", ".join(map(str, get_args(hint)[:12]))
            raise ApiError(f"Invalid {path}: must be one of {choices}", param=path)
        return value
    if hint is int:
        if not _INTEGER.fullmatch(value):
            raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        return int(value)
    if hint is bool:
        if value not in ("true", "false"):
            raise ApiError(f"Invalid boolean: {value}", param=path)
        return value == "true"
    limit = next((limit for start, limit in _TEXT_LIMITS.items() if path.startswith(start)), _TEXT_LIMIT)
    if not value or len(value) > limit:
        raise ApiError(f"Invalid string: {path} must have 1 to {limit} characters", param=path)
    return value


def _choose(value: Any, arms: tuple[Any, ...]) -> Any:
    """The arm of a union that this value is meant for: hash or text, and an enumeration before free text."""
    is_hash = [arm for arm in arms if is_typeddict(arm) or get_origin(arm) in (dict, list)]
    if isinstance(value, dict) and is_hash:
        return is_hash[0]
    literals = [choice for arm in arms if get_origin(arm) is Literal for choice in get_args(arm)]
    if literals:
        return Literal[tuple(literals)]
    return next((arm for arm in arms if arm in (int, bool, str)), arms[0])


def _check_list(value: Any, hint: Any, path: str) -> list[Any]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise ApiError(f"Invalid array: {path}", param=path)
    return [_check(value[key], hint, f"{path}[{key}]") for key in sorted(value, key=int)]


def _check_metadata(value: Any, path: str) -> dict[str, str]:
    most, longest_key, longest_value = _METADATA_LIMITS
    if not isinstance(value, dict) or len(value) > most or not all(isinstance(text, str) for text in value.values()):
        raise ApiError(f"Invalid hash: {path} holds up to {most} texts", param=path)
    for key, text in value.items():
        if len(key) > longest_key or len(text) > longest_value:
            raise ApiError(f"Metadata too long: {path}[{key}]", param=f"{path}[{key}]")
    return value


def _strip(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is NotRequired else hint


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
