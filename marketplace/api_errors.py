"""Every refusal of the API as `{code, message, fields}`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from marketplace.errors import AppError

_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "invalid_json",
    exceptions.ValidationError: "invalid",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "invalid_token",
    exceptions.PermissionDenied: "permission_refused",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}
_REMEDIES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "The body is not valid JSON. {detail}",
    exceptions.NotAuthenticated: "Send a token: Authorization: Bearer TOKEN. Create one in the account settings.",
    exceptions.UnsupportedMediaType: "{detail} Send application/json.",
}


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Called by REST framework for whatever a view raises; None leaves a bug to the error page and the log."""
    if isinstance(error, AppError):
        set_rollback()
        return _refuse(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return None
    fields = _list_fields(error.detail) if isinstance(error, exceptions.ValidationError) else {}
    response.data = {"code": _find(_CODES, error, "error"), "message": _describe(error, fields), "fields": fields}
    return response


def describe_error(error: AppError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "fields": error.fields, **error.extra}


def _refuse(error: AppError) -> Response:
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = f'Bearer realm="api", error="invalid_token", error_description="{error.code}"'
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return Response(describe_error(error), status=error.status, headers=headers)


def _find(table: dict[type[exceptions.APIException], str], error: Exception, default: str) -> str:
    return next((text for kind, text in table.items() if isinstance(error, kind)), default)


def _describe(error: exceptions.APIException, fields: dict[str, list[str]]) -> str:
    if isinstance(error, exceptions.ValidationError):
        return " ".join(f"{name}: {' '.join(messages)}" for name, messages in fields.items())
    return _find(_REMEDIES, error, "{detail}").format(detail=error.detail)


def _list_fields(detail: Any, name: str = "body") -> dict[str, list[str]]:
    """REST framework's nested details as one flat list: {'brief.seconds': ['…']}."""
    if isinstance(detail, dict):
        flat: dict[str, list[str]] = {}
        for key, inner in detail.items():
            key = "body" if key == "non_field_errors" else str(key)
            flat |= _list_fields(inner, key if name == "body" else f"{name}.{key}")
        return flat
    if isinstance(detail, list) and any(isinstance(item, dict) for item in detail):
        return _list_fields({index: item for index, item in enumerate(detail) if item}, name)
    return {name: [str(item) for item in detail] if isinstance(detail, list) else [str(detail)]}
