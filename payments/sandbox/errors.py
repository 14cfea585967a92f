"""Errors in the shape that Stripe gives them."""

from typing import Any


class ApiError(Exception):
    """`is_executed` is False when the request was refused before it ran: its idempotency key stays free then."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        is_executed: bool = False,
    ) -> None:
        self.status = status
        self.is_executed = is_executed
        fields = {"message": message, "type": kind, "code": code, "param": param}
        self.body: dict[str, Any] = {"error": {name: value for name, value in fields.items() if value}}
        super().__init__(message)


def missing(kind: str, object_id: str) -> ApiError:
    return ApiError(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param="id")
